// Command pull-containers pulls as `skopeo copy docker:// oci:` does, or with -podman as podman: to a target for
// this machine's own images, and the copy is begun anew as podman's libimage does that.
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

var asPodman = flag.Bool("podman", false, "as podman")

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
		if *asPodman {
			target = ownReference{target}
		}
		_, err = copy.Image(ctx, trust, target, source, &copy.Options{SourceCtx: system, DestinationCtx: system})
		return err
	}
	if !*asPodman {
		return operation()
	}
	// libimage/copier.go.
	return retry.IfNecessary(ctx, operation, &retry.Options{MaxRetry: 3, Delay: time.Second})
}

// ownReference names images that this machine is to run, as those of podman's storage are: their config is read
// before anything else, for its platform.
type ownReference struct{ types.ImageReference }

func (r ownReference) NewImageDestination(ctx context.Context, system *types.SystemContext) (types.ImageDestination, error) {
	destination, err := r.ImageReference.NewImageDestination(ctx, system)
	return ownDestination{destination}, err
}

type ownDestination struct{ types.ImageDestination }

func (ownDestination) MustMatchRuntimeOS() bool { return true }

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
