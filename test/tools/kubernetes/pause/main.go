// Command pause is the first process of a pod, and of a node: it waits, and collects the processes that nobody waits
// for. A signal ends it; given the word `attached`, so does the end of its standard input.
package main

import (
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ending := make(chan os.Signal, 1)
	signal.Notify(ending, syscall.SIGINT, syscall.SIGTERM)
	children := make(chan os.Signal, 1)
	signal.Notify(children, syscall.SIGCHLD)
	if len(os.Args) > 1 && os.Args[1] == "attached" {
		go func() {
			_, _ = io.Copy(io.Discard, os.Stdin)
			os.Exit(0)
		}()
	}
	for {
		select {
		case <-ending:
			return
		case <-children:
			collect()
		}
	}
}

func collect() {
	for {
		pid, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil)
		if err != nil || pid <= 0 {
			return
		}
	}
}
