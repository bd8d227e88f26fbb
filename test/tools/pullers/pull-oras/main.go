// Command pull-oras pulls as `oras copy --to-oci-layout --platform linux/amd64` does.
package main

import (
	"context"
	"crypto/tls"
	"net/http"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2"
	"oras.land/oras-go/v2/content/oci"
	"oras.land/oras-go/v2/registry/remote"
	"oras.land/oras-go/v2/registry/remote/auth"
	"oras.land/oras-go/v2/registry/remote/retry"

	"pullproof/test/tools/pullers/puller"
)

func pull(ctx context.Context, request puller.Request) error {
	repository, err := remote.NewRepository(request.Reference)
	if err != nil {
		return err
	}
	repository.PlainHTTP = request.PlainHTTP
	repository.Client = client(request)
	target, err := oci.New(request.Folder)
	if err != nil {
		return err
	}
	options := oras.CopyOptions{CopyGraphOptions: oras.DefaultCopyGraphOptions}
	options.Concurrency = 3
	options.WithTargetPlatform(&ocispec.Platform{OS: "linux", Architecture: "amd64"})
	reference := repository.Reference.Reference
	_, err = oras.Copy(ctx, repository, reference, target, reference, options)
	return err
}

// client is made as in cmd/oras/internal/option/remote.go.
func client(request puller.Request) *auth.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = &tls.Config{}
	client := &auth.Client{
		Client: &http.Client{Transport: retry.NewTransport(transport)},
		Cache:  auth.NewCache(),
	}
	client.SetUserAgent("oras/1.3.3")
	if request.Username != "" {
		client.Credential = func(context.Context, string) (auth.Credential, error) {
			return auth.Credential{Username: request.Username, Password: request.Password}, nil
		}
	}
	return client
}

func main() {
	puller.Main(pull)
}
