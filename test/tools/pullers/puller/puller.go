// Package puller is what the programs around it share: each pulls one image for linux/amd64 by the library
// of a client, as that client sets it up, and says in one line of JSON what came of it. So a test can hold
// our profiles of these clients against what they do and say. Not part of the product.
package puller

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
)

// passwordVariable is where the password is: arguments are for all to see.
const passwordVariable = "PULLER_PASSWORD"

// Request is what to pull, and how.
type Request struct {
	// Reference is `host:port/repository:tag`, or with `@digest`.
	Reference string
	PlainHTTP bool
	Username  string
	Password  string
	// Folder is empty, and removed afterwards.
	Folder string
}

type outcome struct {
	OK    bool   `json:"ok"`
	Error string `json:"error"`
}

// Main runs a program: it ends with 0 where the pull succeeded, 1 where it did not, and 2 for wrong usage.
func Main(pull func(context.Context, Request) error) {
	var request Request
	flag.BoolVar(&request.PlainHTTP, "plain-http", false, "the registry speaks plain HTTP")
	flag.StringVar(&request.Username, "username", "", "with the password in "+passwordVariable)
	ca := flag.String("ca", "", "file of the only CA to trust")
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "one reference is wanted")
		os.Exit(2)
	}
	request.Reference = flag.Arg(0)
	request.Password = os.Getenv(passwordVariable)
	if *ca != "" {
		// Go reads the system's roots at the first handshake: all of these libraries use them.
		os.Setenv("SSL_CERT_FILE", *ca)
		os.Setenv("SSL_CERT_DIR", "/nonexistent")
	}
	os.Exit(run(pull, request))
}

func run(pull func(context.Context, Request) error, request Request) int {
	folder, err := os.MkdirTemp("", "puller-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	defer os.RemoveAll(folder)
	request.Folder = folder
	failure := pull(context.Background(), request)
	result := outcome{OK: failure == nil}
	if failure != nil {
		result.Error = failure.Error()
	}
	if err := json.NewEncoder(os.Stdout).Encode(result); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	if failure != nil {
		return 1
	}
	return 0
}
