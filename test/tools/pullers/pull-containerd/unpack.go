package main

import (
	"compress/gzip"
	"context"

	"github.com/containerd/containerd/api/services/introspection/v1"
	"github.com/containerd/containerd/v2/client"
	"github.com/containerd/containerd/v2/core/content"
	"github.com/containerd/containerd/v2/core/diff"
	"github.com/containerd/containerd/v2/core/mount"
	"github.com/containerd/containerd/v2/core/snapshots"
	"github.com/containerd/errdefs"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// snapshotter keeps nothing: what matters is that containerd unpacks, because then it reads the config before
// it asks for layers.
type snapshotter struct{ snapshots.Snapshotter }

func (snapshotter) Stat(context.Context, string) (snapshots.Info, error) {
	return snapshots.Info{}, errdefs.ErrNotFound
}

func (snapshotter) Prepare(context.Context, string, string, ...snapshots.Opt) ([]mount.Mount, error) {
	return nil, nil
}

func (snapshotter) Commit(context.Context, string, string, ...snapshots.Opt) error { return nil }
func (snapshotter) Remove(context.Context, string) error                           { return nil }

// applier unpacks layers to nowhere, and says what they are unpacked.
type applier struct {
	client.DiffService
	contents content.Store
}

func (a applier) Apply(ctx context.Context, layer ocispec.Descriptor, _ []mount.Mount, _ ...diff.ApplyOpt) (ocispec.Descriptor, error) {
	reader, err := a.contents.ReaderAt(ctx, layer)
	if err != nil {
		return ocispec.Descriptor{}, err
	}
	defer reader.Close()
	unzipped, err := gzip.NewReader(content.NewReader(reader))
	if err != nil {
		return ocispec.Descriptor{}, err
	}
	unpacked, err := digest.FromReader(unzipped)
	return ocispec.Descriptor{MediaType: ocispec.MediaTypeImageLayer, Digest: unpacked}, err
}

// daemon tells of its only plugin.
type daemon struct{}

func (daemon) Plugins(context.Context, ...string) (*introspection.PluginsResponse, error) {
	return &introspection.PluginsResponse{Plugins: []*introspection.Plugin{{ID: snapshotterName}}}, nil
}

func (daemon) Server(context.Context) (*introspection.ServerResponse, error) {
	return nil, errdefs.ErrNotImplemented
}

func (daemon) PluginInfo(context.Context, string, string, any) (*introspection.PluginInfoResponse, error) {
	return nil, errdefs.ErrNotImplemented
}
