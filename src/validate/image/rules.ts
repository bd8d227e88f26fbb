// The rules across documents: what a layout, an archive or a registry holds against what its
// documents say. Data only; walk.ts, layer.ts and the readers of each form of image report them.

import type { Rule } from '../rules/rule.ts';

const layoutSpec = 'image-spec/image-layout.md';
const layerSpec = 'image-spec/layer.md';
const descriptorSpec = 'image-spec/descriptor.md';
const saveSpec = 'docker-image-spec/v1.2.md#combined-image-json--filesystem-changeset-format';
const dirSpec = 'containers-config/containers-transports.5.md#dirpath';

function rule(id: string, level: Rule['level'], spec: string, summary: string, fix: string): Rule {
  return { id, level, spec, summary, fix };
}

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
  'A layout has an index.json.',
  'Write the layout again: without this file nothing in it can be found.',
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
  'Write the same variant into both.',
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
export const layerCompression = rule(
  'layer-compression',
  'error',
  `${layerSpec}#gzip-media-types`,
  'A layer is compressed as its media type says, and unpacks to its end.',
  'Compress the layer again, or correct its media type.',
);
export const layerNotCompressed = rule(
  'layer-not-compressed',
  'warning',
  `${layerSpec}#gzip-media-types`,
  'A layer whose media type says that it is compressed is.',
  'Compress the layer, or correct its media type; most clients look at the content, not all.',
);
export const layerDiffId = rule(
  'layer-diff-id',
  'error',
  'image-spec/config.md#layer-diffid',
  'A layer unpacks to the bytes of its diff_id.',
  'Write config and layers together; clients refuse the image after unpacking it.',
);
export const layerTar = rule(
  'layer-tar',
  'error',
  `${layerSpec}#distributable-format`,
  'A layer is a well-formed tar archive.',
  'Write the layer again: what follows this place cannot be unpacked.',
);
export const layerTarEnd = rule(
  'layer-tar-end',
  'warning',
  `${layerSpec}#distributable-format`,
  'A layer ends with two blocks of zeros and nothing but zeros after them.',
  'Close the tar archive properly; some readers take it as cut off.',
);
export const layerWhiteout = rule(
  'layer-whiteout',
  'error',
  `${layerSpec}#whiteouts`,
  'Whiteouts are empty regular files that name what they hide.',
  'Write .wh.NAME or .wh..wh..opq as an empty file; no file may be named otherwise with .wh.',
);
export const layerPath = rule(
  'layer-path',
  'error',
  `${layerSpec}#applying-changesets`,
  'No entry of a layer leads out of the file system that it is unpacked to.',
  'Remove .. from the path: clients refuse the layer, or write elsewhere.',
);
export const layerPathAbsolute = rule(
  'layer-path-absolute',
  'note',
  `${layerSpec}#creating`,
  'Paths in a layer are relative.',
  'Write the path without the slash in front.',
);
export const layerLink = rule(
  'layer-link',
  'note',
  `${layerSpec}#file-types`,
  'Symbolic links do not climb above the root.',
  'Shorten the link; tools that unpack without a root of their own follow it outside.',
);
export const layerDuplicate = rule(
  'layer-duplicate',
  'error',
  `${layerSpec}#distributable-format`,
  'A layer has one entry for a path.',
  'Write each path once: which of them counts depends on the client.',
);
export const layerDuplicateFolder = rule(
  'layer-duplicate-folder',
  'warning',
  `${layerSpec}#distributable-format`,
  'A layer has one entry for a folder.',
  'Write each folder once; clients make it once and take the owner and mode of the last entry.',
);
export const layerSparse = rule(
  'layer-sparse',
  'warning',
  `${layerSpec}#file-attributes`,
  'A layer has no sparse files.',
  'Pack the layer without --sparse: not every client reads such files, and some find other content.',
);
export const layerAufs = rule(
  'layer-aufs',
  'warning',
  `${layerSpec}#whiteouts`,
  "A layer has none of AUFS's own files.",
  'Build the image again with a current tool; clients skip these files.',
);
export const layerLimits = rule(
  'layer-limits',
  'error',
  `${layerSpec}#distributable-format`,
  'A layer stays within --max-layer-bytes, and does not expand beyond all measure.',
  'If the layer is meant to be so large, raise --max-layer-bytes; one that hardly takes space when packed is a zip bomb.',
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
  diffIdsCount,
  descriptorTypeMismatch,
  artifactTypeMismatch,
  subjectMissing,
  saveManifest,
  saveEntry,
  saveRepoTag,
  saveConfigName,
  dirVersion,
  archiveMalformed,
  archiveContents,
  layerCompression,
  layerNotCompressed,
  layerDiffId,
  layerTar,
  layerTarEnd,
  layerWhiteout,
  layerPath,
  layerPathAbsolute,
  layerLink,
  layerDuplicate,
  layerDuplicateFolder,
  layerSparse,
  layerAufs,
  layerLimits,
];
