// Command pull-containerd pulls and unpacks by containerd's client, as `ctr image pull --local` and nerdctl do,
// with its stores in a folder in place of a daemon's.
package main

import (
	"context"
	"flag"
	"io"
	"net/http"
	"os"
	"path/filepath"

	"github.com/containerd/containerd/v2/client"
	"github.com/containerd/containerd/v2/core/metadata"
	"github.com/containerd/containerd/v2/core/remotes/docker"
	"github.com/containerd/containerd/v2/core/remotes/docker/config"
	"github.com/containerd/containerd/v2/core/snapshots"
	"github.com/containerd/containerd/v2/pkg/namespaces"
	"github.com/containerd/containerd/v2/plugins/content/local"
	"github.com/containerd/platforms"
	"github.com/sirupsen/logrus"
	bolt "go.etcd.io/bbolt"
	"golang.org/x/sync/semaphore"

	"pullproof/test/tools/pullers/puller"
)

const (
	snapshotterName = "none"
	// downloadsMax is the daemon's max_concurrent_downloads.
	downloadsMax = 3
)

var headTimeout = flag.Duration("head-timeout", 0, "for the head of a reply, in place of 30s")

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
	store := database.ContentStore()
	puller, err := client.New("", client.WithServices(
		client.WithContentStore(store),
		client.WithImageStore(metadata.NewImageStore(database)),
		client.WithLeasesService(metadata.NewLeaseManager(database)),
		client.WithSnapshotters(map[string]snapshots.Snapshotter{snapshotterName: snapshotter{}}),
		client.WithDiffService(applier{contents: store}),
		client.WithIntrospectionService(daemon{}),
	))
	if err != nil {
		return err
	}
	// As cmd/ctr/commands/resolver.go.
	options := config.HostOptions{DefaultScheme: "https", UpdateClient: impatient}
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
		client.WithPullSnapshotter(snapshotterName),
		client.WithPullUnpack,
		client.WithMaxConcurrentDownloads(downloadsMax),
		client.WithDownloadLimiter(semaphore.NewWeighted(downloadsMax)),
	)
	return err
}

// impatient gives a reply's head the time that a test has, in place of 30 seconds.
func impatient(client *http.Client) error {
	if *headTimeout != 0 {
		client.Transport.(*http.Transport).ResponseHeaderTimeout = *headTimeout
	}
	return nil
}

func main() {
	puller.Main(pull)
}
