// The rules across documents: what a layout, an archive or a registry holds against what its
// documents say. Data only; walk.ts and the readers of each form of image report them.

import type { Rule } from '../rules/rule.ts';
import { certRules } from './cert-rules.ts';
import { imageRule as rule } from './image-rule.ts';
import { layerRules } from './layer/rules.ts';

const layoutSpec = 'image-spec/image-layout.md';
const descriptorSpec = 'image-spec/descriptor.md';
const referrersSpec = 'distribution-spec/spec.md#pushing-manifests-with-subject';
const saveSpec = 'docker-image-spec/v1.2.md#combined-image-json--filesystem-changeset-format';
const dirSpec = 'containers-config/containers-transports.5.md#dirpath';

export const blobMissing = rule(
  'blob-missing',
  'error',
  `${layoutSpec}#blobs`,
  'Everything that a document refers to is there.',
  'Copy the image again with all its blobs, or drop the reference.',
);
export const indexSparse = rule(
  'index-sparse',
  'note',
  `${layoutSpec}#blobs`,
  'The manifests of a nested index are there for all platforms.',
  'Copy all platforms (skopeo copy --all) if they are of use here; it is legal as it is.',
);
export const blobSize = rule(
  'blob-size',
  'error',
  `${descriptorSpec}#properties`,
  'Content has the size that its descriptor says.',
  'Write the size of the content into the descriptor, or restore the content.',
);
export const blobDigest = rule(
  'blob-digest',
  'error',
  `${descriptorSpec}#verification`,
  'Content hashes to the digest that names it.',
  'The content was changed or damaged: copy it again from where it was whole.',
);
export const contentUnavailable = rule(
  'content-unavailable',
  'error',
  'distribution-spec/spec.md#pull',
  'A registry delivers the content that it refers to.',
  'Run `pullproof conform` against the registry: it shows the evidence.',
);
export const digestHeader = rule(
  'digest-header',
  'error',
  'distribution-spec/spec.md#pulling-manifests',
  'Docker-Content-Digest is the digest of the content that it comes with.',
  'Mend the registry or the proxy in front of it; clients trust this header.',
);
export const blobUnreferenced = rule(
  'blob-unreferenced',
  'note',
  `${layoutSpec}#blobs`,
  'Every blob is reached from a reference.',
  'Remove what nobody needs, or add it to index.json; it is legal as it is.',
);
export const blobName = rule(
  'blob-name',
  'error',
  `${layoutSpec}#blobs`,
  'Files below blobs/ are named by algorithm and encoded digest.',
  'Move the file away: nothing can refer to it.',
);
export const blobAlgorithm = rule(
  'blob-algorithm',
  'note',
  `${descriptorSpec}#registered-algorithms`,
  'Digests use sha256 or sha512.',
  'pullproof cannot compute this algorithm; the content was only measured.',
);
export const layoutMarker = rule(
  'layout-marker',
  'error',
  `${layoutSpec}#oci-layout-file`,
  'A layout has a file oci-layout.',
  'Write {"imageLayoutVersion":"1.0.0"} into the file oci-layout.',
);
export const layoutIndex = rule(
  'layout-index',
  'error',
  `${layoutSpec}#indexjson-file`,
  'A layout has an index.json, which is an image index.',
  'Write the layout again: without this index nothing in it can be found.',
);
export const layoutBlobs = rule(
  'layout-blobs',
  'error',
  `${layoutSpec}#content`,
  'A layout has a folder blobs, which may be empty.',
  'Make the folder; tools that keep blobs elsewhere need it too.',
);
export const refNameDuplicate = rule(
  'ref-name-duplicate',
  'warning',
  `${layoutSpec}#indexjson-file`,
  'No two entries of index.json have the same ref.name for the same platform.',
  'Rename or remove one: tools take the first, or refuse.',
);
export const indexDepth = rule(
  'index-depth',
  'error',
  'image-spec/image-index.md#image-index-property-descriptions',
  'Indexes end: none refers to itself, nor through more than 16 others.',
  'Refer to the manifests directly; clients do not follow such an index.',
);
export const imageLimits = rule(
  'image-limits',
  'error',
  'image-spec/considerations.md#extensibility',
  'An image has at most 100,000 documents, each small enough to be read.',
  'Validate the parts one by one, or check what wrote this.',
);
export const platformMismatch = rule(
  'platform-mismatch',
  'error',
  'image-spec/image-index.md#image-index-property-descriptions',
  'The platform of an index entry is that of the image it refers to.',
  'Build the image for this platform, or correct the entry: the wrong machines pull it.',
);
export const platformVariant = rule(
  'platform-variant-mismatch',
  'warning',
  'image-spec/image-index.md#platform-variants',
  'The CPU variant of an index entry is that of the image it refers to.',
  'Write the same variant into both: podman goes by the text of the entry, containerd and Docker take one that is left out as v7 for arm, v8 for arm64, v1 for amd64.',
);
export const platformIncomplete = rule(
  'platform-incomplete',
  'note',
  'image-spec/image-index.md#image-index-property-descriptions',
  'The index entry of an image for Windows names its os.version and os.features.',
  'Write them into the entry: hosts choose by it, and one of another build refuses the image after pulling it.',
);
export const diffIdsCount = rule(
  'diff-ids-count',
  'error',
  'image-spec/config.md#properties',
  'A config has one diff_id for each layer of the manifest.',
  'Write config and manifest together; no client can unpack this image.',
);
export const descriptorTypeMismatch = rule(
  'descriptor-type-mismatch',
  'error',
  `${descriptorSpec}#properties`,
  'The mediaType of a descriptor is that of the document it refers to.',
  'Write the same media type into both; clients refuse the image or misread it.',
);
export const artifactTypeMismatch = rule(
  'artifact-type-mismatch',
  'warning',
  `${descriptorSpec}#properties`,
  'The artifactType of a descriptor is that of the manifest it refers to.',
  'Write the artifactType of the manifest, or without one the media type of its config.',
);
export const referrersArtifactType = rule(
  'referrers-artifact-type-mismatch',
  'error',
  referrersSpec,
  'An entry of a list of referrers has the artifactType of its manifest.',
  'Write the artifactType of the manifest, or without one the media type of its config: clients filter by it.',
);
export const referrersAnnotations = rule(
  'referrers-annotations',
  'error',
  referrersSpec,
  'An entry of a list of referrers has all annotations of its manifest.',
  'Copy the annotations of the manifest into the entry: clients choose by them.',
);
export const referrersSubject = rule(
  'referrers-subject',
  'error',
  'distribution-spec/spec.md#referrers-tag-schema',
  'Each manifest in a list of referrers has the subject that its tag is made of.',
  'Take the entry out, or move it to the list of its own subject.',
);
export const subjectMissing = rule(
  'subject-missing',
  'note',
  'image-spec/manifest.md#image-manifest-property-descriptions',
  'The subject of a manifest is there too.',
  'Copy it along if the signature or attestation is to be of use; it is legal as it is.',
);
export const saveManifest = rule(
  'save-manifest',
  'error',
  saveSpec,
  'manifest.json of a docker save archive lists images with Config, RepoTags and Layers.',
  'Save the image again; docker load and skopeo refuse this.',
);
export const saveEntry = rule(
  'save-entry',
  'error',
  saveSpec,
  'Config and Layers of manifest.json name files of the archive.',
  'Save the image again: the archive is not complete.',
);
export const saveRepoTag = rule(
  'save-repo-tag',
  'error',
  saveSpec,
  'RepoTags are references with a tag, each given once.',
  'Write NAME:TAG, as `docker tag` accepts it.',
);
export const saveConfigName = rule(
  'save-config-name',
  'warning',
  saveSpec,
  'The config of an image in a docker save archive is named by its hash.',
  'Save the image again if it was not changed on purpose; clients go by what the config holds.',
);
export const dirVersion = rule(
  'dir-version',
  'warning',
  dirSpec,
  'A dir: folder says its version in the file version.',
  'Copy the image again with skopeo; other versions may be laid out differently.',
);
export const archiveMalformed = rule(
  'archive-malformed',
  'error',
  `${layoutSpec}#oci-image-layout-specification`,
  'An archive is a whole tar file, plain or compressed by gzip or zstd.',
  'Write or download the archive again: it is cut off or damaged.',
);
export const archiveContents = rule(
  'archive-contents',
  'error',
  `${layoutSpec}#content`,
  'An archive holds an OCI layout or what docker save writes.',
  'Write it by skopeo copy oci-archive: or docker save; a layer alone is not an image.',
);
export const imageRules: readonly Rule[] = [
  blobMissing,
  indexSparse,
  blobSize,
  blobDigest,
  contentUnavailable,
  digestHeader,
  blobUnreferenced,
  blobName,
  blobAlgorithm,
  layoutMarker,
  layoutIndex,
  layoutBlobs,
  refNameDuplicate,
  indexDepth,
  imageLimits,
  platformMismatch,
  platformVariant,
  platformIncomplete,
  diffIdsCount,
  descriptorTypeMismatch,
  artifactTypeMismatch,
  referrersArtifactType,
  referrersAnnotations,
  referrersSubject,
  subjectMissing,
  saveManifest,
  saveEntry,
  saveRepoTag,
  saveConfigName,
  dirVersion,
  archiveMalformed,
  archiveContents,
  ...layerRules,
  ...certRules,
];
