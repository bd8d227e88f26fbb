// The rules about what a layer holds: its compression, its tar, its entries. Data only; inspection.ts and its
// neighbours report them.

import type { Rule } from '../../rules/rule.ts';
import { imageRule as rule } from '../image-rule.ts';

const layerSpec = 'image-spec/layer.md';

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
export const layerEntryType = rule(
  'layer-entry-type',
  'warning',
  `${layerSpec}#file-types`,
  'Entries of a layer are files, folders, links, devices or pipes.',
  'Pack the layer without labels, volumes or lists of an archiver of its own: Docker, podman and containerd refuse the layer.',
);
export const layerWhiteout = rule(
  'layer-whiteout',
  'error',
  `${layerSpec}#whiteouts`,
  'Whiteouts are empty regular files that name what they hide.',
  'Write .wh.NAME or .wh..wh..opq as an empty file; no file may be named otherwise with .wh.',
);
export const layerWhiteoutLink = rule(
  'layer-whiteout-link',
  'warning',
  `${layerSpec}#whiteouts`,
  'A whiteout is a regular file, not a hard link to one.',
  'Write it as an empty file; readers that unpack the tar as it is look for the target of the link.',
);
export const layerWhiteoutOwn = rule(
  'layer-whiteout-own',
  'warning',
  `${layerSpec}#whiteouts`,
  'A whiteout does not come behind what the same layer adds under the name that it hides.',
  'Write the whiteout first, or leave one of them out: containerd refuses the layer, Docker and podman remove what it adds, others keep it.',
);
export const layerWhiteoutFolder = rule(
  'layer-whiteout-folder',
  'warning',
  `${layerSpec}#opaque-whiteout`,
  'A folder that takes the place of another has an opaque whiteout in it.',
  'Write .wh..wh..opq into the folder, not a whiteout of it beside it: containerd shows what lower layers have in it.',
);
export const layerWhiteoutOrder = rule(
  'layer-whiteout-order',
  'note',
  `${layerSpec}#whiteouts`,
  'Whiteouts come before the other entries of their folder.',
  'Write the whiteouts of a folder first; clients read it as it is.',
);
export const layerWhiteoutOpaque = rule(
  'layer-whiteout-opaque',
  'note',
  `${layerSpec}#opaque-whiteout`,
  'Whiteouts name each path that they hide.',
  'Write .wh.NAME for each path that is gone where your tool can; clients read it as it is.',
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
  'Write each path once: Docker and podman refuse the layer, containerd takes the last.',
);
export const layerDuplicateFolder = rule(
  'layer-duplicate-folder',
  'warning',
  `${layerSpec}#distributable-format`,
  'A layer has one entry for a folder.',
  'Write each folder once: Docker and podman refuse the layer, containerd takes owner and mode of the last.',
);
export const layerBelowFile = rule(
  'layer-below-file',
  'error',
  `${layerSpec}#distributable-format`,
  'What has entries below it is a folder in the whole layer.',
  'Leave out the one or the others: clients refuse the layer, or drop what comes first.',
);
export const layerBelowLink = rule(
  'layer-below-link',
  'warning',
  `${layerSpec}#creating`,
  'No entry lies below a symbolic link of the same layer.',
  'Write the path that the link leads to: where that is no folder yet, Docker and podman fail, containerd makes one.',
);
export const layerRoot = rule(
  'layer-root',
  'error',
  `${layerSpec}#initial-root-filesystem`,
  'The root of a layer is a folder.',
  'Leave the entry out, or write it as a folder: Docker and podman refuse the layer.',
);
export const layerHardLink = rule(
  'layer-hard-link',
  'error',
  `${layerSpec}#hardlinks`,
  'A hard link is one more name of a file, not of a folder nor of itself.',
  'Write a symbolic link, or leave the entry out: no client can make it.',
);
export const layerHardLinkTarget = rule(
  'layer-hard-link-target',
  'warning',
  `${layerSpec}#hardlinks`,
  'The target of a hard link is there before the link, in its layer or one below.',
  'Write the file before its links, into the same layer; most clients fail to unpack this.',
);
export const layerHardLinkOutside = rule(
  'layer-hard-link-outside',
  'note',
  `${layerSpec}#hardlinks`,
  'The target of a hard link is in its own layer.',
  'Write the file into the same layer; containerd, which unpacks layers apart for overlayfs, fails otherwise.',
);
export const layerHardLinkAbsolute = rule(
  'layer-hard-link-absolute',
  'note',
  `${layerSpec}#hardlinks`,
  'Targets of hard links are relative, as paths in a layer are.',
  'Write the target without the slash in front: Docker Engine 29.7.0 refuses the layer (moby/go-archive issue 99).',
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

export const layerRules: readonly Rule[] = [
  layerCompression,
  layerNotCompressed,
  layerDiffId,
  layerTar,
  layerTarEnd,
  layerEntryType,
  layerWhiteout,
  layerWhiteoutLink,
  layerWhiteoutOwn,
  layerWhiteoutFolder,
  layerWhiteoutOrder,
  layerWhiteoutOpaque,
  layerPath,
  layerPathAbsolute,
  layerLink,
  layerDuplicate,
  layerDuplicateFolder,
  layerBelowFile,
  layerBelowLink,
  layerRoot,
  layerHardLink,
  layerHardLinkTarget,
  layerHardLinkOutside,
  layerHardLinkAbsolute,
  layerSparse,
  layerAufs,
  layerLimits,
];
