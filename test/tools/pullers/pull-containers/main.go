// Command pull-containers pulls as `skopeo copy docker:// oci:` does, or with -retry as podman: the copy is begun
// anew as podman's libimage does that.
package main

import (
	"context"
	"flag"
	"os"
	"time"

	"go.podman.io/common/pkg/retry"
	"go.podman.io/image/v5/copy"
	"go.podman.io/image/v5/docker"
	"go.podman.io/image/v5/docker/reference"
	"go.podman.io/image/v5/oci/layout"
	"go.podman.io/image/v5/signature"
	"go.podman.io/image/v5/types"

	"pullproof/test/tools/pullers/puller"
)

var again = flag.Bool("retry", false, "as podman: 3 times more, after a second")

func pull(ctx context.Context, request puller.Request) error {
	named, err := reference.ParseNormalizedNamed(request.Reference)
	if err != nil {
		return err
	}
	source, err := docker.NewReference(named)
	if err != nil {
		return err
	}
	policy := &signature.Policy{
		Default: signature.PolicyRequirements{signature.NewPRInsecureAcceptAnything()},
	}
	trust, err := signature.NewPolicyContext(policy)
	if err != nil {
		return err
	}
	defer trust.Destroy()
	system := systemOf(request)
	operation := func() error {
		// Nothing of an earlier try is there: podman's storage keeps no layers of a pull that failed.
		folder, err := os.MkdirTemp(request.Folder, "")
		if err != nil {
			return err
		}
		target, err := layout.NewReference(folder, "pulled")
		if err != nil {
			return err
		}
		_, err = copy.Image(ctx, trust, target, source, &copy.Options{SourceCtx: system, DestinationCtx: system})
		return err
	}
	if !*again {
		return operation()
	}
	// libimage/copier.go.
	return retry.IfNecessary(ctx, operation, &retry.Options{MaxRetry: 3, Delay: time.Second})
}

func systemOf(request puller.Request) *types.SystemContext {
	system := &types.SystemContext{
		ArchitectureChoice: "amd64",
		OSChoice:           "linux",
		// Nothing of this machine's is looked at.
		SystemRegistriesConfPath:    os.DevNull,
		SystemRegistriesConfDirPath: request.Folder,
		RegistriesDirPath:           request.Folder,
		AuthFilePath:                request.Folder + "/no-auth.json",
		DockerInsecureSkipTLSVerify: types.OptionalBoolFalse,
		BlobInfoCacheDir:            request.Folder,
	}
	if request.PlainHTTP {
		system.DockerInsecureSkipTLSVerify = types.OptionalBoolTrue
	}
	if request.Username != "" {
		system.DockerAuthConfig = &types.DockerAuthConfig{
			Username: request.Username,
			Password: request.Password,
		}
	}
	return system
}

func main() {
	puller.Main(pull)
}
