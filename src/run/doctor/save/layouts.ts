// The forms in which an image is kept, as skopeo reads them: an OCI layout, its own `dir:`, and the archive of
// `docker save`.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  indexFile,
  markerFile,
  newMarker,
  pathOfDigest,
  refNameKey,
} from '../../../formats/oci-layout.ts';
import type { Descriptor } from '../../../protocol/grammar/manifest-document.ts';
import { asOci } from './as-oci.ts';
import { writeDockerArchive } from './docker-archive.ts';
import type { Saved } from './save.ts';
import type { SaveTarget } from './target.ts';

export interface SavedImage extends Saved {
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
  /** Tag, or name and tag; '' for none. */
  readonly name: string;
}

export interface Layout {
  /** What is made is one file, not a folder. */
  readonly isFile: boolean;
  /** Where a blob lies within the folder; what it needs for that is made. */
  blobPath(folder: string, digest: string): Promise<string>;
  /** Writes what there is beside the blobs. Gives the path of the one file, where it is one. */
  write(folder: string, image: SavedImage): Promise<string | undefined>;
}

/** `version` of c/image's directory_transport.go. */
const dirVersion = 'Directory Transport Version: 1.1\n';

export const layouts: Readonly<Record<SaveTarget['transport'], Layout>> = {
  oci: { isFile: false, blobPath: layoutPath, write: writeLayout },
  dir: {
    isFile: false,
    blobPath: async (_, digest) => dirName(digest),
    write: async (folder, { text }) => {
      await writeFile(join(folder, 'version'), dirVersion);
      await writeFile(join(folder, 'manifest.json'), text);
      return undefined;
    },
  },
  'docker-archive': {
    isFile: true,
    blobPath: async (_, digest) => dirName(digest),
    write: async (folder, image) => {
      const archive = join(folder, '.archive.tar');
      await writeDockerArchive(archive, image, (digest) => join(folder, dirName(digest)));
      return archive;
    },
  },
};

/** Without `sha256:`, as all names of blobs there are. */
function dirName(digest: string): string {
  return digest.replace(/^sha256:/, '').replace(':', '-');
}

async function layoutPath(folder: string, digest: string): Promise<string> {
  const path = pathOfDigest(digest);
  await mkdir(join(folder, path, '..'), { recursive: true });
  return path;
}

async function writeLayout(folder: string, image: SavedImage): Promise<undefined> {
  const { text, digest, mediaType } = asOci(image);
  const { name } = image;
  const size = Buffer.byteLength(text);
  const annotations = name === '' ? {} : { annotations: { [refNameKey]: name } };
  const index = {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    manifests: [{ mediaType, digest, size, ...annotations }],
  };
  await writeFile(join(folder, await layoutPath(folder, digest)), text);
  await writeFile(join(folder, markerFile), newMarker);
  await writeFile(join(folder, indexFile), JSON.stringify(index));
}
