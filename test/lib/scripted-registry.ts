// One image at a scripted registry, for conversations that are told by what they ask: tokens, an index, a
// manifest, a config and layers, whole or in parts.
import { createHash } from 'node:crypto';
import { mediaTypes } from '../../src/protocol/grammar/media-type.ts';
import type { HttpRequest } from '../../src/protocol/talk.ts';
import { type Answer, header } from './converse.ts';

const sha = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`;
const described = (text: string, mediaType: string) => ({
  mediaType,
  digest: sha(text),
  size: text.length,
});

export interface ScriptedImage {
  readonly config: string;
  readonly layers: readonly string[];
  readonly manifest: string;
  readonly index: string;
  /** Digest → name in lines of what was asked: `config`, `layer1`, `manifest`, `index`. */
  readonly names: ReadonlyMap<string, string>;
  readonly contents: ReadonlyMap<string, string>;
  readonly bytes: number;
}

export function scriptedImage(...layers: string[]): ScriptedImage {
  const config = '{"os":"linux","architecture":"amd64"}';
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    config: described(config, mediaTypes.ociConfig),
    layers: layers.map((layer) => described(layer, mediaTypes.ociLayerGzip)),
  });
  const platform = { os: 'linux', architecture: 'amd64' };
  const entry = { ...described(manifest, mediaTypes.ociManifest), platform };
  const index = JSON.stringify({
    schemaVersion: 2,
    mediaType: mediaTypes.ociIndex,
    manifests: [entry],
  });
  const all: [name: string, text: string][] = [
    ['config', config],
    ...layers.map((text, at): [string, string] => [`layer${at + 1}`, text]),
    ['manifest', manifest],
    ['index', index],
  ];
  return {
    config,
    layers,
    manifest,
    index,
    names: new Map(all.map(([name, text]) => [sha(text), name])),
    contents: new Map(all.map(([, text]) => [sha(text), text])),
    bytes: config.length + layers.join('').length,
  };
}

/** What is asked for, by name: `v2`, `token`, `v1`, `index`, `layer1` … */
export function nameOf({ names }: ScriptedImage, { url }: HttpRequest): string {
  const last = url.split('?')[0]?.split('/').filter(Boolean).pop() ?? '';
  return names.get(last) ?? last;
}

/** `METHOD host name`, with `?ns=` and the range where there are such. */
export function lineOf(image: ScriptedImage, request: HttpRequest): string {
  const { host, searchParams } = new URL(request.url);
  const range = header(request, 'Range');
  const ns = searchParams.get('ns');
  const more = `${ns === null ? '' : ` ns=${ns}`}${range === undefined ? '' : ` ${range}`}`;
  return `${request.ask.method} ${host} ${nameOf(image, request)}${more}`;
}

/** A registry that wants a token from auth.test of everybody, at whatever host it is asked. */
export function answerTo(image: ScriptedImage, request: HttpRequest): Answer {
  const name = nameOf(image, request);
  const { host } = new URL(request.url);
  if (name === 'token') {
    const form = typeof request.body === 'string' ? request.body : request.url.split('?')[1];
    const token = `for-${new URLSearchParams(form).get('service')}`;
    return { body: JSON.stringify({ token, access_token: token }) };
  }
  if (header(request, 'Authorization') !== `Bearer for-${host}`) {
    const challenge = `Bearer realm="https://auth.test/token",service="${host}",scope="repository:team/app:pull"`;
    return { status: 401, headers: { 'WWW-Authenticate': challenge } };
  }
  if (name === 'v2') return { body: '{}' };
  if (name === 'v1' || name === 'index')
    return manifestAnswer(request, image.index, mediaTypes.ociIndex);
  if (name === 'manifest') return manifestAnswer(request, image.manifest, mediaTypes.ociManifest);
  const text = image.contents.get(request.url.split('?')[0]?.split('/').pop() ?? '');
  if (text === undefined) return { status: 404, body: '{"errors":[{"code":"MANIFEST_UNKNOWN"}]}' };
  return partOf(request, text);
}

function manifestAnswer(request: HttpRequest, body: string, type: string): Answer {
  const headers = {
    'Content-Type': type,
    'Content-Length': String(body.length),
    'Docker-Content-Digest': sha(body),
  };
  return { headers, body: request.ask.method === 'HEAD' ? '' : body };
}

/** The part that is asked for, and of an open one what the client takes; else the whole. */
export function partOf(request: HttpRequest, text: string): Answer {
  const range = /^bytes=(\d+)-(\d*)$/.exec(header(request, 'Range') ?? '');
  const headers = { 'Accept-Ranges': 'bytes' };
  if (range === null) return { headers, body: text };
  const from = Number(range[1]);
  const to = Math.min(range[2] ? Number(range[2]) : text.length, text.length - 1);
  const part = { ...headers, 'Content-Range': `bytes ${from}-${to}/${text.length}` };
  const length = { ...part, 'Content-Length': String(to + 1 - from) };
  return { status: 206, headers: length, body: text.slice(from, to + 1) };
}
