// A row of the cause matrix: a situation that has one cause, and what else is rightly said of it.

import { createHash } from 'node:crypto';
import type { HostView } from '../../src/access/host-view.ts';
import type { AccessFlags } from '../../src/access/resolve.ts';
import { resolveRoute } from '../../src/access/resolve.ts';
import type { Route } from '../../src/access/route.ts';
import type { Perform } from '../../src/drivers/drive.ts';
import { makeReply } from '../../src/drivers/reply.ts';
import type { HeaderLine, HttpReply } from '../../src/protocol/talk.ts';
import { type Situation, soundHosts } from '../lib/doctor-world.ts';
import { hostWith } from '../lib/host-with.ts';
import type { HostScript, PortScript, World } from '../lib/scripted-wire.ts';

export interface CauseCase {
  /** The cause that it is a fixture of; '' where there is none. */
  readonly cause: string;
  readonly what: string;
  /** Default: podman, Docker, containerd and kubelet over containerd. */
  readonly clients?: readonly string[];
  readonly situation: Situation | ((client: string) => Promise<Situation>);
  /** Causes that are found as well, and why that is right. */
  readonly also?: Readonly<Record<string, string>>;
  /** Default `certain`. */
  readonly certainty?: 'possible';
  /** It is a warning. */
  readonly isHarmless?: true;
}

export const everyClient = ['podman', 'docker', 'containerd', 'kubelet-containerd'];

/** The world of the mock with other hosts. */
export function hosts(change: Readonly<Record<string, HostScript>>): Pick<Situation, 'world'> {
  return { world: { hosts: { ...soundHosts, ...change } satisfies World['hosts'] } };
}

export function at443(script: PortScript): HostScript {
  return { ports: { 443: script } };
}

interface Said {
  readonly status?: number;
  readonly lines?: readonly HeaderLine[];
  readonly text?: string;
  readonly failure?: HttpReply['failure'];
  readonly reason?: HttpReply['reason'];
  readonly words?: string;
}

export function replyOf({
  status = 0,
  lines = [],
  text = '',
  failure = '',
  reason,
  words = '',
}: Said) {
  return makeReply({
    status,
    headerLines: lines,
    text,
    bytes: Buffer.byteLength(text),
    digest: status === 200 ? sha256(text) : '',
    failure,
    reason,
    failureMessage: words,
    remoteAddress: '198.51.100.7:443',
    timings: { dnsMs: 0, connectMs: 0, tlsMs: 0, ttfbMs: 0, totalMs: 1 },
  });
}

export const sha256 = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`;

/** A port whose server says the same to everybody. */
export function saying(said: Said): HostScript {
  const perform: Perform = async ({ ask }) => {
    const isHead = ask.method === 'HEAD' && (said.status ?? 0) > 0;
    return replyOf(isHead ? { ...said, text: '' } : said);
  };
  return at443({ perform });
}

export const json = (text: unknown): Said => ({
  lines: [['Content-Type', 'application/json']],
  text: JSON.stringify(text),
});
export const page = (text: string): Said => ({
  lines: [['Content-Type', 'text/html']],
  text: `<!DOCTYPE html><html><body>${text}</body></html>`,
});
export const errorOf = (code: string, message: string): Said =>
  json({ errors: [{ code, message }] });

interface Configured {
  readonly files?: Readonly<Record<string, string>>;
  readonly text?: string;
  readonly view?: Partial<HostView>;
  readonly flags?: AccessFlags;
}

/** The route of a client on a host with these files. */
function routeOn(
  client: string,
  { files = {}, text = 'registry.test/demo/app', view = {}, flags = {} }: Configured,
): Promise<Route> {
  return resolveRoute(text, client, hostWith(files, view), flags);
}

/** The same files for each client, and what of the world is otherwise. */
export function on(configured: Configured, situation: Situation = {}): CauseCase['situation'] {
  return async (client) => ({ ...situation, route: await routeOn(client, configured) });
}

const encode = (text: string) => Buffer.from(text).toString('base64');

/** An auth file with one login. */
export function authFile(key: string, login: string): string {
  return JSON.stringify({ auths: { [key]: { auth: encode(login) } } });
}

/** Where each client reads a login of user 1000, or of root. */
export function loginFiles(key: string, login: string): Readonly<Record<string, string>> {
  const text = authFile(key, login);
  return { '/home/u/.docker/config.json': text, '/root/.docker/config.json': text };
}
