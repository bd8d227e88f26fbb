// No secret is left by any verb: not on stdout or stderr, not in what a run writes, not in the words or the environment
// of processes that it starts. Secrets of all kinds are planted, and the servers make more: tokens and signatures.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { issueFor, makeAuthority, makeTls } from '../../mocks/http/tls.ts';
import { cli, type Ended, scratch } from '../lib/cli.ts';
import { type NamedRegistry, names, startNamedRegistry } from '../lib/named-registry.ts';
import { startProxy, type TestProxy } from '../lib/proxy.ts';
import { Descendants, type Secrets, secretsIn, textsIn } from '../lib/secrets.ts';
import { testWith } from '../lib/tools.ts';

const planted = {
  password: 'planted-pass/word+7&x',
  'identity token': 'planted-identity/token+8&y',
  'proxy password': 'planted-proxy/pass+9&z',
  'password of the pull secret': 'planted-pull/secret+1&w',
  'docker password': 'planted-docker/pass+2&v',
};
const image = `${names.registry}/demo/app:latest`;
const key = issueFor(['client'], makeAuthority('client CA'));
const keyBody = key.key.split('\n').slice(1, -2).join('\n');

/** What the servers gave or were shown, that would be worth something to others. */
const made = new Set<string>();
const signing = /[?&](?:Signature|Policy|X-Amz-Signature|sig)=([^&"\s]+)/g;
let named: NamedRegistry;
let proxy: TestProxy;
let ca = '';
/** Whether the CDN and the token server refuse, and say back what they were shown. */
let isBroken = false;

beforeAll(async () => {
  const tls = makeTls(Object.values(names));
  ca = tls.ca;
  const mock = { username: 'planter', password: planted.password };
  named = await startNamedRegistry({ tls, mock });
  proxy = await startProxy({ port: named.port });
  const right = named.registry.fetch;
  const answer = async (request: Request) => {
    noteCredentials(request);
    if (isBroken && new URL(request.url).host === names.cdn) return quoting(request);
    const reply = await right(request);
    for (const [, value = ''] of (reply.headers.get('location') ?? '').matchAll(signing)) {
      made.add(decodeURIComponent(value));
    }
    return reply;
  };
  Object.assign(named.registry, { fetch: answer });
});
afterAll(() => {
  proxy?.close();
  named?.close();
});

function noteCredentials({ headers }: Request): void {
  const [scheme, value] = (headers.get('authorization') ?? '').split(' ');
  if (scheme === 'Bearer' && value !== undefined) made.add(value);
}

/** A refusal in the manner of S3, which repeats what was signed. */
function quoting(request: Request): Response {
  const shown = request.headers.get('authorization') ?? '';
  const body = `<Error><Code>SignatureDoesNotMatch</Code><StringToSign>${request.url} ${shown}</StringToSign></Error>`;
  return new Response(body, { status: 403, headers: { 'content-type': 'application/xml' } });
}

/** A machine with everything in its files. */
function furnish(): { home: string; work: string; env: Record<string, string | undefined> } {
  const home = scratch();
  const work = scratch();
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const auth = {
    auths: {
      [names.registry]: { auth: base64(`planter:${planted.password}`) },
      'other.test': { auth: base64('<token>:'), identitytoken: planted['identity token'] },
    },
  };
  const docker = { auths: { 'other.test': { auth: base64(`x:${planted['docker password']}`) } } };
  const folder = `.config/containers/certs.d/${names.registry}`;
  const files: Record<string, string> = {
    '.config/containers/auth.json': JSON.stringify(auth),
    '.docker/config.json': JSON.stringify(docker),
    [`${folder}/ca.crt`]: ca,
    [`${folder}/client.cert`]: key.cert,
    [`${folder}/client.key`]: key.key,
    'ca.pem': ca,
    'secret.yaml': pullSecret(base64),
  };
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(home, path)), { recursive: true });
    writeFileSync(join(home, path), text, { mode: 0o600 });
  }
  const url = `http://corp:${encodeURIComponent(planted['proxy password'])}@127.0.0.1:${proxy.port}`;
  const env = {
    HOME: home,
    XDG_CONFIG_HOME: join(home, '.config'),
    // Where our k6 is kept.
    XDG_CACHE_HOME: process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'),
    XDG_RUNTIME_DIR: join(home, 'run'),
    REGISTRY_AUTH_FILE: undefined,
    DOCKER_CONFIG: undefined,
    TMPDIR: work,
    HTTPS_PROXY: url,
    https_proxy: url,
    NO_PROXY: undefined,
    no_proxy: undefined,
  };
  return { home, work, env };
}

function pullSecret(base64: (text: string) => string): string {
  const auths = {
    [names.registry]: { auth: base64(`planter:${planted['password of the pull secret']}`) },
  };
  return `apiVersion: v1
kind: Secret
metadata: { name: pull }
type: kubernetes.io/dockerconfigjson
data:
  .dockerconfigjson: ${base64(JSON.stringify({ auths }))}
`;
}

interface Left extends Ended {
  readonly texts: Record<string, string>;
}

/** Runs a verb, and gathers all that is left of it. */
async function leftBy(verb: string, words: readonly string[]): Promise<Left> {
  const { home, work, env } = furnish();
  let watch: Descendants | undefined;
  const all = words.map((word) => word.replace('HOME', home).replace('WORK', work));
  const ended = await cli([verb, ...all], {
    env,
    cwd: work,
    onStart: ({ pid }) => {
      watch = new Descendants(pid as number);
    },
  });
  watch?.stop();
  // The proxy's password is in the user's own environment, and so in that of every process.
  const seen = Object.entries(watch?.texts ?? {}).map(([place, text]) => [
    place,
    place.endsWith('environ') ? text.replaceAll(env.HTTPS_PROXY as string, '') : text,
  ]);
  const { stdout, stderr } = ended;
  const texts = { stdout, stderr, ...textsIn(work), ...Object.fromEntries(seen) };
  rmSync(home, { recursive: true });
  rmSync(work, { recursive: true });
  return { ...ended, texts };
}

function secrets(): Secrets {
  const tokens = [...made].map((value, at) => [`made by the servers, ${at}`, value]);
  const keyLines = keyBody.split('\n').map((line, at) => [`client key, line ${at + 1}`, line]);
  return { ...planted, ...Object.fromEntries([...tokens, ...keyLines]) };
}

const trust = ['--ca', 'HOME/ca.pem'];
const verbs: readonly (readonly [string, readonly string[]])[] = [
  ['explain', [image, ...trust]],
  [
    'explain',
    [image, ...trust, '--pull-secret', 'HOME/secret.yaml', '--client', 'kubelet-containerd'],
  ],
  ['doctor', [image, ...trust]],
  ['doctor', [image, ...trust, '--format', 'json']],
  ['doctor', [image, ...trust, '--client', 'skopeo', '--save', 'oci:WORK/kept']],
  ['doctor', [image, ...trust, '--pull-secret', 'HOME/secret.yaml']],
  ['doctor', ['other.test/demo/app:latest', ...trust]],
  ['validate', [image, ...trust]],
  ['conform', [names.registry, '--read-only', image, '--only', 'blob-*', ...trust]],
  ['load', [image, '--iterations', '2', '--vus', '1', ...trust]],
];

describe.each([false, true])('of a registry whose CDN refuses: %s', (broken) => {
  for (const [verb, words] of verbs) {
    testWith('k6')(`${[verb, ...words].join(' ')} leaves no secret`, async () => {
      isBroken = broken;
      made.clear();
      const { texts, code, stderr } = await leftBy(verb, words);
      expect([0, 1], stderr).toContain(code);
      if (verb !== 'explain' && words[0] === image) expect(made.size).toBeGreaterThan(0);
      expect(secretsIn(texts, secrets())).toEqual([]);
    });
  }
});

describe('the search', () => {
  testWith('k6')('finds what is there, in every form', () => {
    const secret = 'a+b/c&d e';
    const texts = {
      plain: `x${secret}y`,
      url: encodeURIComponent(secret),
      'base64 1': Buffer.from(`user:${secret}`).toString('base64'),
      'base64 2': Buffer.from(`{"a":"${secret}"}`).toString('base64url'),
      none: 'a+b',
    };
    const found = secretsIn(texts, { it: secret });
    expect(found).toEqual(
      ['plain', 'url', 'base64 1', 'base64 2'].map((place) => `it in ${place}`),
    );
  });
});
