// Command ask-containers looks for an image as skopeo does, or with -short as podman does, by whatever
// registries.conf this machine has: it asks one source after another for the manifest, and keeps nothing. With
// -copy it copies the image to a folder, as far as policy.json lets it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"

	"go.podman.io/image/v5/copy"
	"go.podman.io/image/v5/directory"
	"go.podman.io/image/v5/docker"
	"go.podman.io/image/v5/docker/reference"
	"go.podman.io/image/v5/pkg/shortnames"
	"go.podman.io/image/v5/signature"
	"go.podman.io/image/v5/types"
)

func main() {
	short := flag.Bool("short", false, "look short names up")
	folder := flag.String("copy", "", "copy the image to this folder")
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "one name is wanted")
		os.Exit(2)
	}
	system := &types.SystemContext{}
	names, err := candidates(system, flag.Arg(0), *short)
	for _, name := range names {
		err = errors.Join(err, ask(system, name, *folder))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func candidates(system *types.SystemContext, text string, short bool) ([]reference.Named, error) {
	if !short {
		named, err := reference.ParseNormalizedNamed(text)
		if err != nil {
			return nil, err
		}
		return []reference.Named{reference.TagNameOnly(named)}, nil
	}
	text, err := withoutTag(text)
	if err != nil {
		return nil, err
	}
	resolved, err := shortnames.Resolve(system, text)
	if err != nil {
		return nil, err
	}
	var names []reference.Named
	for _, candidate := range resolved.PullCandidates {
		names = append(names, candidate.Value)
	}
	return names, nil
}

// withoutTag takes the tag beside a digest away, as libimage does.
func withoutTag(text string) (string, error) {
	parsed, err := reference.Parse(text)
	if err != nil {
		return "", err
	}
	named, isNamed := parsed.(reference.Named)
	digested, isDigested := parsed.(reference.Digested)
	if !isNamed || !isDigested {
		return text, nil
	}
	bare, err := reference.WithDigest(reference.TrimNamed(named), digested.Digest())
	if err != nil {
		return "", err
	}
	return bare.String(), nil
}

func ask(system *types.SystemContext, name reference.Named, folder string) error {
	image, err := docker.NewReference(name)
	if err != nil {
		return err
	}
	if folder != "" {
		return copyTo(system, image, folder)
	}
	source, err := image.NewImageSource(context.Background(), system)
	if err != nil {
		return err
	}
	return source.Close()
}

func copyTo(system *types.SystemContext, image types.ImageReference, folder string) error {
	policy, err := signature.DefaultPolicy(system)
	if err != nil {
		return err
	}
	trust, err := signature.NewPolicyContext(policy)
	if err != nil {
		return err
	}
	defer trust.Destroy()
	target, err := directory.NewReference(folder)
	if err != nil {
		return err
	}
	_, err = copy.Image(context.Background(), trust, target, image, nil)
	return err
}
