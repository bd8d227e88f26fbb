// Command ask-containerd says which hosts containerd would ask for a registry by the hosts files below a folder, in
// order, without asking any: one JSON document.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"

	"github.com/containerd/containerd/v2/core/remotes/docker"
	"github.com/containerd/containerd/v2/core/remotes/docker/config"
)

type host struct {
	URL      string `json:"url"`
	Path     string `json:"path"`
	Pulls    bool   `json:"pulls"`
	Resolves bool   `json:"resolves"`
	// HTTP where HTTPS fails.
	FallsBack bool `json:"fallsBack"`
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "a folder and a registry are wanted")
		os.Exit(2)
	}
	options := config.HostOptions{HostDir: config.HostDirFromRoot(os.Args[1])}
	found, err := config.ConfigureHosts(context.Background(), options)(os.Args[2])
	said := struct {
		Hosts []host `json:"hosts"`
		Error string `json:"error"`
	}{Hosts: []host{}}
	if err != nil {
		said.Error = err.Error()
	}
	for _, one := range found {
		_, isPlain := one.Client.Transport.(*http.Transport)
		said.Hosts = append(said.Hosts, host{
			URL:       one.Scheme + "://" + one.Host,
			Path:      one.Path,
			Pulls:     one.Capabilities.Has(docker.HostCapabilityPull),
			Resolves:  one.Capabilities.Has(docker.HostCapabilityPull | docker.HostCapabilityResolve),
			FallsBack: !isPlain,
		})
	}
	if err := json.NewEncoder(os.Stdout).Encode(said); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
