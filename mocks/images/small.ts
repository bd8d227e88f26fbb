// The images that a mock registry has when nothing else is asked for: an OCI index, a single OCI manifest,
// a Docker manifest list. Real layers, configs and digests; the same seed gives the same bytes.
import { createCipheriv, createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { writeTar } from '../../src/formats/tar/write.ts';
import { remember } from '../../src/lib/remember.ts';
import type { Descriptor } from '../../src/protocol/grammar/manifest-document.ts';
import { formatPlatform, type Platform } from '../../src/protocol/grammar/platform.ts';
import type { Store } from '../store.ts';
import {
  configOf,
  createdSeconds,
  type Format,
  formats,
  json,
  type SeededImage,
  type SeededPlatform,
} from './image.ts';

/** What the three layers of each image hold, and about how many bytes they are on the wire. */
const layerTexts = [
  { file: 'etc/demo.conf', bytes: 700, shared: true },
  { file: 'usr/bin/demo', bytes: 20_000, shared: false },
  { file: 'usr/share/demo/data.bin', bytes: 100_000, shared: false },
] as const;
const buildSteps = layerTexts.map(({ file }) => `COPY ${file} /`);

const amd64: Platform = { os: 'linux', architecture: 'amd64' };
const arm64: Platform = { os: 'linux', architecture: 'arm64' };
const armV7: Platform = { os: 'linux', architecture: 'arm', variant: 'v7' };

/** Puts the demo images into the store and says what they are. */
export function seedImages(store: Store, seed: number): SeededImage[] {
  const app = new ImageWriter(store, 'demo/app', seed, formats.oci);
  const platforms = [amd64, arm64, armV7].map((platform) => app.writePlatform(platform));
  const attestation = app.writeAttestation(platforms[0]?.manifest.digest ?? '');
  const single = new ImageWriter(store, 'demo/single', seed, formats.oci);
  const legacy = new ImageWriter(store, 'demo/legacy', seed, formats.docker);
  const legacyPlatforms = [amd64, arm64].map((platform) => legacy.writePlatform(platform));
  // Of no image: what somebody pushed of a file that had nothing in it.
  for (const { repository } of [app, single, legacy]) store.putBlob(repository, new Uint8Array(0));
  return [
    app.writeIndex('latest', platforms, [attestation]),
    single.tagPlatform('1.0', single.writePlatform(amd64)),
    legacy.writeIndex('1.0', legacyPlatforms, []),
  ];
}

class ImageWriter {
  readonly #store: Store;
  readonly repository: string;
  readonly #seed: number;
  readonly #format: Format;

  constructor(store: Store, repository: string, seed: number, format: Format) {
    this.#store = store;
    this.repository = repository;
    this.#seed = seed;
    this.#format = format;
  }

  writePlatform(platform: Platform): SeededPlatform {
    const layers: Descriptor[] = [];
    const diffIds: string[] = [];
    for (const layer of layerTexts) {
      const place = layer.shared ? 'all' : formatPlatform(platform);
      const { diffId, zipped } = layerOf(`${this.#seed} ${this.repository} ${place} ${layer.file}`);
      diffIds.push(diffId);
      layers.push(this.#putBlob(this.#format.gzipLayer, zipped));
    }
    const config = this.#putBlob(this.#format.config, configOf(platform, diffIds, buildSteps));
    const manifest = this.#putManifest(this.#format.manifest, { config, layers });
    return { platform, manifest, config, layers };
  }

  /** An in-toto statement as BuildKit adds it: an entry that no client may choose to run. */
  writeAttestation(subjectDigest: string): Descriptor {
    const sha256 = subjectDigest.slice('sha256:'.length);
    const statement = {
      _type: 'https://in-toto.io/Statement/v0.1',
      predicateType: 'https://slsa.dev/provenance/v0.2',
      subject: [{ name: `${this.repository}@linux/amd64`, digest: { sha256 } }],
      predicate: { buildType: 'urn:example:demo', builder: { id: '' } },
    };
    const bytes = json(statement);
    const layer = this.#putBlob('application/vnd.in-toto+json', bytes);
    const unknown = { os: 'unknown', architecture: 'unknown' };
    const rootfs = { type: 'layers', diff_ids: [layer.digest] };
    const config = this.#putBlob(this.#format.config, json({ ...unknown, config: {}, rootfs }));
    const manifest = this.#putManifest(this.#format.manifest, { config, layers: [layer] });
    const annotations = {
      'vnd.docker.reference.digest': subjectDigest,
      'vnd.docker.reference.type': 'attestation-manifest',
    };
    return { ...manifest, annotations, platform: unknown };
  }

  writeIndex(
    tag: string,
    platforms: readonly SeededPlatform[],
    others: readonly Descriptor[],
  ): SeededImage {
    const entries = platforms.map(({ manifest, platform }) => ({ ...manifest, platform }));
    const index = this.#putManifest(this.#format.index, { manifests: [...entries, ...others] });
    return this.#tag(tag, index, platforms);
  }

  tagPlatform(tag: string, platform: SeededPlatform): SeededImage {
    return this.#tag(tag, platform.manifest, [platform]);
  }

  #tag(tag: string, top: Descriptor, platforms: readonly SeededPlatform[]): SeededImage {
    const { digest, mediaType } = top;
    this.#store.putTag(this.repository, tag, digest);
    return { repository: this.repository, tag, digest, mediaType, platforms };
  }

  #putBlob(mediaType: string, bytes: Uint8Array): Descriptor {
    const digest = this.#store.putBlob(this.repository, bytes);
    return { mediaType, digest, size: bytes.length };
  }

  #putManifest(mediaType: string, content: object): Descriptor {
    const bytes = json({ schemaVersion: 2, mediaType, ...content });
    const digest = this.#store.putManifest(this.repository, bytes, mediaType);
    return { mediaType, digest, size: bytes.length };
  }
}

/**
 * By `seed repository place file`. Whoever makes many mocks, as tests do, compresses once: hence the bound
 * of a few seeds.
 */
const layerOf = remember((label) => {
  const file = label.split(' ').at(-1) ?? '';
  const bytes = layerTexts.find((layer) => layer.file === file)?.bytes ?? 0;
  const tar = layerTar(file, randomBytes(label, bytes));
  const diffId = `sha256:${createHash('sha256').update(tar).digest('hex')}`;
  return { diffId, zipped: gzip(tar) };
}, 64);

/** A tar with the file's folders before the file. */
function layerTar(file: string, content: Uint8Array): Uint8Array {
  const names = file.split('/');
  const folders = names.slice(0, -1).map((_, depth) => ({
    name: `${names.slice(0, depth + 1).join('/')}/`,
    mode: 0o755,
    content: new Uint8Array(0),
  }));
  return writeTar([...folders, { name: file, mode: 0o644, content }], createdSeconds);
}

/** Byte 9 names the system that compressed (RFC 1952): set to "unknown", so that all agree. */
function gzip(bytes: Uint8Array): Uint8Array {
  const zipped = gzipSync(bytes, { level: 9 });
  zipped[9] = 255;
  return zipped;
}

/** The key stream of a cipher whose key is the label's hash: incompressible, and quick to make. */
function randomBytes(label: string, count: number): Uint8Array {
  const key = createHash('sha256').update(label).digest().subarray(0, 16);
  return createCipheriv('aes-128-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(count));
}
