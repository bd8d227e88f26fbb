// Files that comments and pages name and that are not in this repository: whose they are (test/tidy.test.ts).

const imageSpec = 'opencontainers/image-spec';
const distributionSpec = 'opencontainers/distribution-spec';
const tokens = 'docs/content/spec/auth of distribution/distribution';
const containerd = 'containerd/containerd';
const moby = 'moby/moby';
const dockersClient = "distribution/distribution, Docker's HTTP client";
const containersImage = 'containers/image, now in containers/container-libs';
const crane = 'google/go-containerregistry';
const archeio = 'kubernetes/registry.k8s.io';
const spegel = 'spegel-org/spegel';
const written = 'written by load --k8s beside its manifests';

/** The texts of image-spec, all of which are in the ledger of documents. */
const imageSpecTexts =
  'annotations artifacts-guidance config considerations conversion descriptor image-index ' +
  'image-layout layer manifest media-types spec';

const manuals = 'auth.json registries.conf registries.conf.d certs.d';

/** By the name as it is written. */
export const foreignFiles: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    imageSpecTexts.split(' ').map((text) => [`image-spec/${text}.md`, imageSpec]),
  ),
  ...Object.fromEntries(
    manuals
      .split(' ')
      .map((text) => [`containers-config/containers-${text}.5.md`, containersImage]),
  ),
  'internal/storage/image.go': 'cri-o/cri-o',
  'badges.md': 'opencontainers/oci-conformance',
  'artifacts-guidance.md': imageSpec,
  'considerations.md': imageSpec,
  'media-types.md': imageSpec,
  'annotations.md': imageSpec,
  'config.md': imageSpec,
  'conversion.md': imageSpec,
  'descriptor.md': imageSpec,
  'image-index.md': imageSpec,
  'image-layout.md': imageSpec,
  'layer.md': imageSpec,
  'manifest.md': imageSpec,
  'spec.md': distributionSpec,
  'distribution-spec/spec.md': distributionSpec,
  'api.md': 'docs/content/spec of distribution/distribution',
  'content-negotiation.md': distributionSpec,
  'manifest-v2-2.md': 'docs/content/spec of distribution/distribution',
  'docker-registry/deprecated-schema-v1.md': 'docs/content/spec of distribution/distribution',
  'jwt.md': tokens,
  'oauth.md': tokens,
  'scope.md': tokens,
  'token.md': tokens,
  'docker-registry/jwt.md': tokens,
  'docker-registry/oauth.md': tokens,
  'docker-registry/scope.md': tokens,
  'docker-registry/token.md': tokens,
  'directory_transport.go': containersImage,
  'remotes/docker/resolver.go': containerd,
  'core/remotes/docker/config/hosts.go': containerd,
  'internal/cri/config/config.go': containerd,
  'authorizer.go': containerd,
  'cmd/archeio/internal/app/handlers.go': archeio,
  'pkg/registry/registry.go': spegel,
  'pkg/oci/distribution.go': spegel,
  'pkg/httpx/range.go': spegel,
  'resolver.go': moby,
  'distribution/registry.go': moby,
  'distribution/xfer/download.go': moby,
  'client/errors.go': dockersClient,
  'client/transport/http_reader.go': dockersClient,
  'docker/errors.go': containersImage,
  'docker/distribution_error.go': containersImage,
  'libimage/copier.go': 'containers/container-libs',
  'cmd/ctr/commands/resolver.go': containerd,
  'registry/client/errors.go': dockersClient,
  'registry/client/auth/session.go': dockersClient,
  'daemon/pkg/registry/auth.go': moby,
  'transport/error.go': crane,
  'cmd/crane/cmd/root.go': crane,
  'cmd/crane/cmd/pull.go': crane,
  'pkg/v1/remote/options.go': crane,
  'cmd/regctl/root.go': 'regclient/regclient',
  'daemon/hosts.go': moby,
  'pkg/name/registry.go': crane,
  'cmd/regctl/image.go': 'regclient/regclient',
  'cmd/oras/internal/option/remote.go': 'oras-project/oras',
  'internal/reghttp/http.go': 'regclient/regclient',
  'types/platform/compare.go': 'regclient/regclient',
  'fleet/README.md': written,
  'DIR/README.md': written,
  'gate.ts': "the reader's own, in an example",
  'waves.ts': "the reader's own, in an example",
  'repository/file.md': written,
  'pullproof/config.schema.json': 'ours, schemas/config.schema.json, as rules cite it',
};

/** The page whose sources are the clients' own, written in Go as some of ours is. */
export function isOfClient(page: string, name: string): boolean {
  return page === 'docs/client-facts.md' && name.endsWith('.go');
}
