// Command pull-containerd pulls by containerd's client, as `ctr image pull --local` and nerdctl do, with
// its stores in a folder in place of a daemon's.
package main

import (
	"context"
	"io"
	"os"
	"path/filepath"

	"github.com/containerd/containerd/v2/client"
	"github.com/containerd/containerd/v2/core/metadata"
	"github.com/containerd/containerd/v2/core/remotes/docker"
	"github.com/containerd/containerd/v2/core/remotes/docker/config"
	"github.com/containerd/containerd/v2/pkg/namespaces"
	"github.com/containerd/containerd/v2/plugins/content/local"
	"github.com/containerd/platforms"
	"github.com/sirupsen/logrus"
	bolt "go.etcd.io/bbolt"

	"pullproof/test/tools/pullers/puller"
)

func pull(ctx context.Context, request puller.Request) error {
	logrus.SetOutput(io.Discard)
	ctx = namespaces.WithNamespace(ctx, "default")
	contents, err := local.NewStore(filepath.Join(request.Folder, "content"))
	if err != nil {
		return err
	}
	file, err := bolt.Open(filepath.Join(request.Folder, "meta.db"), os.FileMode(0o600), &bolt.Options{NoSync: true})
	if err != nil {
		return err
	}
	defer file.Close()
	database := metadata.NewDB(file, contents, nil)
	if err := database.Init(ctx); err != nil {
		return err
	}
	puller, err := client.New("", client.WithServices(
		client.WithContentStore(database.ContentStore()),
		client.WithImageStore(metadata.NewImageStore(database)),
		client.WithLeasesService(metadata.NewLeaseManager(database)),
	))
	if err != nil {
		return err
	}
	// As cmd/ctr/commands/resolver.go.
	options := config.HostOptions{DefaultScheme: "https"}
	if request.PlainHTTP {
		options.DefaultScheme = "http"
	}
	if request.Username != "" {
		options.Credentials = func(string) (string, string, error) {
			return request.Username, request.Password, nil
		}
	}
	resolver := docker.NewResolver(docker.ResolverOptions{Hosts: config.ConfigureHosts(ctx, options)})
	_, err = puller.Pull(ctx, request.Reference,
		client.WithResolver(resolver),
		client.WithPlatformMatcher(platforms.Only(platforms.MustParse("linux/amd64"))),
		client.WithMaxConcurrentDownloads(3),
	)
	return err
}

func main() {
	puller.Main(pull)
}
