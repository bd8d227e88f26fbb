// The smallest registry that is right: one image, no authentication, blobs served directly. Tests bend
// it by `answer`, where the mock of this project has no fault for what they want to show.
import { createHash } from 'node:crypto';
import type { CheckResult } from '../../reports/results.ts';
import { checks } from '../../src/checks/catalogue.ts';
import { Redactor } from '../../src/drivers/redact.ts';
import type { DigestAlgorithm } from '../../src/protocol/talk.ts';
import { type ChecksRun, runChecks } from '../../src/run/conform/checks.ts';
import { inProcess } from './in-process.ts';

const oci = 'application/vnd.oci.image';

export interface Tiny {
  /** Digests are of this algorithm, and content is known by no other. */
  readonly algorithm?: DigestAlgorithm;
  /** Docker-Content-Digest is of this algorithm, and content is known by it too. */
  readonly headerAlgorithm?: DigestAlgorithm;
  readonly config?: string;
  readonly layers?: readonly { readonly mediaType: string; readonly missing?: boolean }[];
  /** The tag names an index of the image and of this many manifests that are not there. */
  readonly missingChildren?: number;
  /** Replaces or changes a reply; undefined leaves it. `path` has no `/v2/` in front. */
  answer?(
    path: string,
    request: Request,
    sound: Response,
  ): Response | Promise<Response> | undefined;
}

interface Content {
  readonly type: string;
  readonly bytes: Buffer;
  readonly digest: string;
  /** As Docker-Content-Digest says it. */
  readonly claim: string;
}

function tinyRegistry(tiny: Tiny): (request: Request) => Promise<Response> {
  const { algorithm = 'sha256', missingChildren, layers: wanted = [{ mediaType: 'tar' }] } = tiny;
  const content = (type: string, value: string): Content => {
    const bytes = Buffer.from(value);
    const hash = (by: string) => `${by}:${createHash(by).update(bytes).digest('hex')}`;
    return { type, bytes, digest: hash(algorithm), claim: hash(tiny.headerAlgorithm ?? algorithm) };
  };
  const describe = ({ type: mediaType, digest, bytes }: Content) => {
    return { mediaType, digest, size: bytes.length };
  };
  const config = content(`${oci}.config.v1+json`, tiny.config ?? '{"os":"linux","näme":"tiny"}');
  const layers = wanted.map(({ mediaType }, i) =>
    content(`${oci}.layer.${mediaType}`, `layer ${i}`.repeat(9)),
  );
  const manifest = content(
    `${oci}.manifest.v1+json`,
    JSON.stringify({
      schemaVersion: 2,
      mediaType: `${oci}.manifest.v1+json`,
      config: describe(config),
      layers: layers.map(describe),
    }),
  );
  const absent = Array.from({ length: missingChildren ?? 0 }, (_, i) =>
    content(`${oci}.manifest.v1+json`, `absent ${i}`),
  );
  const index = content(
    `${oci}.index.v1+json`,
    JSON.stringify({ schemaVersion: 2, manifests: [manifest, ...absent].map(describe) }),
  );
  const top = missingChildren === undefined ? manifest : index;
  const stored = new Map<string, Content>([['tiny/manifests/latest', top]]);
  const put = (path: string, found: Content) => {
    stored.set(`${path}/${found.digest}`, found).set(`${path}/${found.claim}`, found);
  };
  put('tiny/manifests', top);
  put('tiny/manifests', manifest);
  put('tiny/blobs', config);
  layers.forEach((layer, i) => {
    if (!wanted[i]?.missing) put('tiny/blobs', layer);
  });
  return async (request) => {
    const path = new URL(request.url).pathname.slice('/v2/'.length);
    const sound = path === '' ? new Response('{}') : serve(stored.get(path), request);
    return tiny.answer?.(path, request, sound) ?? sound;
  };
}

function serve(found: Content | undefined, request: Request): Response {
  if (found === undefined) return new Response('no such thing', { status: 404 });
  const { bytes, claim, type } = found;
  // Without entity tags, no If-Range can match.
  const range = request.headers.has('if-range') ? '' : (request.headers.get('range') ?? '');
  const [, from = '', to = ''] = /^bytes=(\d*)-(\d*)$/.exec(range) ?? [];
  const headers = new Headers({
    'Content-Type': type,
    'Docker-Content-Digest': claim,
    'Content-Length': String(bytes.length),
  });
  if (from === '' && to === '') return new Response(body(request, bytes), { headers });
  const size = bytes.length;
  const first = from === '' ? Math.max(0, size - Number(to)) : Number(from);
  const last = from === '' || to === '' ? size - 1 : Math.min(Number(to), size - 1);
  if (first >= size || last < first) return new Response('', { status: 416 });
  headers.set('Content-Range', `bytes ${first}-${last}/${size}`);
  headers.set('Content-Length', String(last - first + 1));
  return new Response(body(request, bytes.subarray(first, last + 1)), { status: 206, headers });
}

function body(request: Request, bytes: Buffer): Uint8Array<ArrayBuffer> | null {
  return request.method === 'HEAD' ? null : Uint8Array.from(bytes);
}

/** The reply with other headers; null takes one away. */
export function withHeaders(reply: Response, changes: Record<string, string | null>): Response {
  const headers = new Headers(reply.headers);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) headers.delete(name);
    else headers.set(name, value);
  }
  return new Response(reply.body, { status: reply.status, headers });
}

/** Runs checks (all, or those named) against the tiny registry at http://tiny.test. */
export async function check(
  tiny: Tiny,
  ids?: readonly string[],
  run: Partial<ChecksRun> = {},
): Promise<ReadonlyMap<string, CheckResult>> {
  const { results } = await runChecks({
    checks: ids === undefined ? checks : checks.filter(({ id }) => ids.includes(id)),
    perform: inProcess(tinyRegistry(tiny)),
    redactor: new Redactor(),
    registryUrl: 'http://tiny.test',
    repository: 'tiny',
    reference: 'latest',
    redirectPolicy: 'allowed',
    seed: 1,
    ...run,
  });
  return new Map(results.map((result) => [result.id, result]));
}
