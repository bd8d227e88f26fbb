// What an image is made of, read through the registry API and hashed here: for comparing what went into
// a registry or a client with what came out, digest by digest.
import { createHash } from 'node:crypto';
import { createRegistry } from '../../mocks/index.ts';
import type { RunningMock } from '../../mocks/server.ts';
import { filesIn } from './files.ts';

/** Where to read from: the mock in process, or any registry over HTTP. */
export interface Source {
  /** `scheme://host:port`. */
  readonly origin: string;
  fetch(request: Request): Promise<Response>;
  /** Value of the Authorization header for reading the repository. */
  readonly authorize?: (repository: string) => Promise<string>;
}

export interface Content {
  readonly digest: string;
  /** As the reply says for the manifest at the top, as its descriptor says for the rest. */
  readonly mediaType: string;
  readonly bytes: Buffer;
}

/** Repository and tag of the demo images: an OCI index, an OCI manifest, a Docker manifest list. */
export const demoImages = [
  ['demo/app', 'latest'],
  ['demo/single', '1.0'],
  ['demo/legacy', '1.0'],
] as const;

interface Link {
  readonly mediaType: string;
  readonly digest: string;
}

const contentsMax = 1_000;
/** Manifests of indexes below indexes. */
const depthMax = 4;
const acceptedTypes = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
];

/** The demo images as the mock of the default seed has them, straight from its core. */
export function seeded(): Source {
  const { fetch, origins } = createRegistry({ auth: 'none', redirect: 'none' });
  return { origin: origins.registry, fetch };
}

/** A registry that asks for nothing. */
export function openRegistry(host: string): Source {
  return { origin: `http://${host}`, fetch: (request) => fetch(request) };
}

/** The served mock, as its user, whose token is asked for anew for each repository. */
export function servedBy({ registry, token, username, password }: RunningMock): Source {
  const basic = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  const authorize = async (repository: string) => {
    const query = new URLSearchParams({
      service: new URL(registry).host,
      scope: `repository:${repository}:pull,push,delete`,
    });
    const reply = await fetch(`${token}?${query}`, { headers: { Authorization: basic } });
    if (!reply.ok) throw new Error(`the token server says ${reply.status}`);
    return `Bearer ${((await reply.json()) as { token: string }).token}`;
  };
  return { origin: registry, fetch: (request) => fetch(request), authorize };
}

/** One request to a repository; `path` as `manifests/latest`. */
export async function ask(
  source: Source,
  repository: string,
  path: string,
  init: RequestInit = {},
): Promise<Response> {
  const headers = new Headers(init.headers);
  const authorization = await source.authorize?.(repository);
  if (authorization !== undefined) headers.set('Authorization', authorization);
  const url = `${source.origin}/v2/${repository}/${path}`;
  return await source.fetch(new Request(url, { ...init, headers }));
}

/**
 * Everything that the reference leads to, the top first, each digest once. Throws when something is
 * missing or is not what its digest says.
 */
export async function contentOf(
  source: Source,
  repository: string,
  reference: string,
): Promise<Content[]> {
  const found = new Map<string, Content>();
  const read = async (kind: 'manifests' | 'blobs', name: string, link?: Link) => {
    const headers = { Accept: acceptedTypes.join(', ') };
    const reply = await ask(source, repository, `${kind}/${name}`, { headers });
    if (!reply.ok) throw new Error(`${repository}/${kind}/${name}: ${reply.status}`);
    const bytes = Buffer.from(await reply.arrayBuffer());
    const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
    if (link !== undefined && link.digest !== digest) throw new Error(`${link.digest}: ${digest}`);
    const mediaType = link?.mediaType ?? reply.headers.get('Content-Type') ?? '';
    found.set(digest, { digest, mediaType, bytes });
    if (found.size > contentsMax) throw new Error('the image has no end');
    return bytes;
  };
  const visit = async (name: string, depth: number, link?: Link): Promise<void> => {
    const document = JSON.parse((await read('manifests', name, link)).toString());
    const { manifests = [], config, layers = [] } = document;
    if (depth > depthMax) throw new Error('the index has no end');
    for (const child of manifests as Link[]) {
      if (!found.has(child.digest)) await visit(child.digest, depth + 1, child);
    }
    for (const blob of [...(config === undefined ? [] : [config]), ...layers] as Link[]) {
      if (!found.has(blob.digest)) await read('blobs', blob.digest, blob);
    }
  };
  await visit(reference, 1);
  return [...found.values()];
}

/** Sorted. */
export async function digestsOf(
  source: Source,
  repository: string,
  reference: string,
): Promise<string[]> {
  return (await contentOf(source, repository, reference)).map(({ digest }) => digest).sort();
}

/** What a client writes around the content, in an OCI layout, a `dir:` folder, or a tar of crane. */
const around = ['oci-layout', 'index.json', 'version'];

/** Digests of the content of a folder that a client made, from the bytes; sorted, each once. */
export function digestsIn(folder: string): string[] {
  const files = filesIn(folder).filter(([path]) => !around.includes(path));
  return [...new Set(files.map(([, digest]) => digest))].sort();
}
