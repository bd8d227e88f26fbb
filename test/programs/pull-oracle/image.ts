// The image that is pulled from every rig, and names for what a request asks for.
import type { IncomingMessage } from 'node:http';
import type { Http2ServerRequest } from 'node:http2';
import { createRegistry } from '../../../mocks/index.ts';
import type { Reply } from './rig.ts';

const store = createRegistry({ auth: 'none', redirect: 'none' });
const [image] = store.images;
const platform = image?.platforms[0];
if (image === undefined || platform === undefined) throw new Error('the mock has no image');

export const repository = image.repository;
export const tag = image.tag;
/** The largest: faults of bodies happen to it. */
const layer = platform.layers.reduce((a, b) => (a.size < b.size ? b : a));

const names = new Map<string, string>([
  [image.digest, 'index'],
  [platform.manifest.digest, 'child'],
  [platform.config.digest, 'config'],
  ...platform.layers.map(({ digest }, i): [string, string] => [
    digest,
    digest === layer.digest ? 'layer' : `sibling${i}`,
  ]),
]);

/** The path with names for digests. */
export function nameOf(path: string): string {
  const digest = digestIn(path);
  const name = digest === '' ? '' : (names.get(digest) ?? 'unknown');
  if (path.startsWith('/sha256/')) return `/${name}`;
  return digest === '' ? path : path.replace(digest, name);
}

/** The layer's digest, for Location headers of our own. */
export const layerDigest = layer.digest;

export function pathOf(
  path: string,
): 'tag' | 'index' | 'child' | 'config' | 'layer' | 'sibling' | 'none' {
  if (path.endsWith(`/manifests/${tag}`)) return 'tag';
  const name = names.get(digestIn(path)) ?? 'none';
  if (name.startsWith('sibling')) return 'sibling';
  return name as 'index';
}

function digestIn(path: string): string {
  const hex = /[a-f0-9]{64}/.exec(path)?.[0];
  return hex === undefined ? '' : `sha256:${hex}`;
}

/** A blob of the image, from hosts that only serve. */
export async function blobOf(request: IncomingMessage | Http2ServerRequest): Promise<Reply> {
  const digest = digestIn(request.url ?? '');
  const { range } = request.headers;
  const url = `${store.origins.registry}/v2/${repository}/blobs/${digest}`;
  const init = range === undefined ? {} : { headers: { range } };
  const response = await store.fetch(new Request(url, init));
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: new Uint8Array(await response.arrayBuffer()),
  };
}
