// Command pull-crane pulls as `crane pull` to a tarball does.
package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/http"
	"path/filepath"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/crane"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"pullproof/test/tools/pullers/puller"
)

func pull(ctx context.Context, request puller.Request) error {
	// As cmd/crane/cmd/root.go makes it.
	transport := remote.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = &tls.Config{}
	options := []crane.Option{
		crane.WithContext(ctx),
		crane.WithUserAgent("crane/v0.22.1"),
		crane.WithPlatform(&v1.Platform{OS: "linux", Architecture: "amd64"}),
		crane.WithTransport(transport),
	}
	if request.PlainHTTP {
		options = append(options, crane.Insecure)
	}
	if request.Username != "" {
		options = append(options, crane.WithAuth(&authn.Basic{
			Username: request.Username,
			Password: request.Password,
		}))
	}
	// As cmd/crane/cmd/pull.go.
	o := crane.GetOptions(options...)
	ref, err := name.ParseReference(request.Reference, o.Name...)
	if err != nil {
		return fmt.Errorf("parsing reference %q: %w", request.Reference, err)
	}
	descriptor, err := remote.Get(ref, o.Remote...)
	if err != nil {
		return err
	}
	image, err := descriptor.Image()
	if err != nil {
		return err
	}
	path := filepath.Join(request.Folder, "image.tar")
	if err := crane.MultiSave(map[string]v1.Image{request.Reference: image}, path); err != nil {
		return fmt.Errorf("saving tarball %s: %w", path, err)
	}
	return nil
}

func main() {
	puller.Main(pull)
}
