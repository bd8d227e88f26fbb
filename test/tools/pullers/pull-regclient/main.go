// Command pull-regclient pulls as `regctl image copy --platform linux/amd64` to an OCI layout does.
package main

import (
	"context"
	"time"

	"github.com/regclient/regclient"
	"github.com/regclient/regclient/config"
	"github.com/regclient/regclient/scheme/reg"
	"github.com/regclient/regclient/types/platform"
	"github.com/regclient/regclient/types/ref"

	"pullproof/test/tools/pullers/puller"
)

func pull(ctx context.Context, request puller.Request) error {
	source, err := ref.New(request.Reference)
	if err != nil {
		return err
	}
	target, err := ref.New("ocidir://" + request.Folder + ":pulled")
	if err != nil {
		return err
	}
	// As cmd/regctl/root.go.
	host := config.HostNewName(source.Registry)
	host.User, host.Pass = request.Username, request.Password
	if request.PlainHTTP {
		host.TLS = config.TLSDisabled
	}
	client := regclient.New(
		regclient.WithRegOpts(reg.WithCache(5*time.Minute, 500)),
		regclient.WithUserAgent("regclient/regctl (v0.11.7)"),
		regclient.WithConfigHost(*host),
	)
	defer client.Close(ctx, target)
	// As cmd/regctl/image.go.
	wanted, err := platform.Parse("linux/amd64")
	if err != nil {
		return err
	}
	manifest, err := client.ManifestGet(ctx, source, regclient.WithManifestPlatform(wanted))
	if err != nil {
		return err
	}
	source = source.AddDigest(manifest.GetDescriptor().Digest.String())
	return client.ImageCopy(ctx, source, target)
}

func main() {
	puller.Main(pull)
}
