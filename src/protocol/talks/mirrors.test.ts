import { describe, expect, test } from 'vitest';
import { type Answer, converse, header } from '../../../test/lib/converse.ts';
import { answerTo, lineOf, nameOf, scriptedImage } from '../../../test/lib/scripted-registry.ts';
import { profiles } from '../../profiles/index.ts';
import type { ClientProfile } from '../client.ts';
import { PullFailure } from '../failure.ts';
import type { HttpRequest, Talk } from '../talk.ts';
import { type PullOptions, pull } from './pull.ts';

const image = scriptedImage('one', 'two');
const mirror = 'https://mirror.test';
type Change = (request: HttpRequest) => Answer | undefined;

interface Outcome {
  readonly failure: PullFailure | undefined;
  readonly verifiedBytes: number;
  readonly asked: readonly string[];
  readonly requests: readonly HttpRequest[];
  readonly waits: readonly number[];
}

/** What a pull with this mirror asks, tokens left out. */
function pullAs(
  name: string,
  change: Change = () => undefined,
  more: Partial<PullOptions> = {},
): Outcome {
  const requests: HttpRequest[] = [];
  const waits: number[] = [];
  const options: PullOptions = {
    registryUrl: 'https://registry.test',
    repository: 'team/app',
    reference: 'v1',
    platform: { os: 'linux', architecture: 'amd64' },
    client: profiles[name] as ClientProfile,
    verification: 'all',
    random: () => 0,
    mirrors: [mirror],
    ...more,
  };
  const answer = (request: HttpRequest) => change(request) ?? answerTo(image, request);
  const seen = () => ({ asked: requests.map((each) => lineOf(image, each)), requests, waits });
  try {
    const { verifiedBytes } = converse(pull(options), answer, requests, waits);
    return { failure: undefined, verifiedBytes, ...seen() };
  } catch (error) {
    if (!(error instanceof PullFailure)) throw error;
    return { failure: error, verifiedBytes: 0, ...seen() };
  }
}

const at =
  (host: string, answer: Answer, names?: readonly string[]): Change =>
  (request) =>
    new URL(request.url).host === host && (names?.includes(nameOf(image, request)) ?? true)
      ? answer
      : undefined;
const hostsOf = ({ requests }: Outcome) => [
  ...new Set(requests.map(({ url }) => new URL(url).host).filter((host) => host !== 'auth.test')),
];
const without = ({ asked }: Outcome, text: string) => asked.filter((line) => !line.includes(text));

describe.each(['containerd', 'containerd@1.6', 'podman', 'skopeo', 'cri-o', 'regclient', 'docker'])(
  'a pull with a mirror as %s',
  (name) => {
    test('asks the mirror alone where it has everything', () => {
      const outcome = pullAs(name);
      expect(outcome.failure).toBeUndefined();
      expect(outcome.verifiedBytes).toBe(image.bytes);
      expect(hostsOf(outcome)).toEqual(['mirror.test']);
    });

    test.each([
      ['is refused', { failure: 'refused' }],
      ['knows nothing', { status: 404 }],
      ['fails', { status: 500 }],
      ['forbids', { status: 403 }],
    ] as const)('pulls from the registry where the mirror %s', (_, answer) => {
      const outcome = pullAs(name, at('mirror.test', answer));
      expect(outcome.failure).toBeUndefined();
      expect(outcome.verifiedBytes).toBe(image.bytes);
      expect(hostsOf(outcome)).toEqual(['mirror.test', 'registry.test']);
    });

    test('shows the credentials to the registry and its token server alone', () => {
      const credentials = { username: 'user', password: 'secret' };
      const outcome = pullAs(name, at('mirror.test', { status: 404 }, ['v1', 'layer1']), {
        credentials,
      });
      const shown = outcome.requests.filter((request) =>
        [header(request, 'Authorization') ?? '', request.body ?? ''].some(
          (text) => String(text).startsWith('Basic ') || String(text).includes('secret'),
        ),
      );
      for (const { url } of shown) {
        expect(url).not.toContain('mirror.test');
        if (url.includes('?')) expect(url).toContain('service=registry.test');
      }
      expect(outcome.failure).toBeUndefined();
    });

    test('fails where both fail', () => {
      const outcome = pullAs(name, (request) =>
        nameOf(image, request) === 'v1' ? { status: 404 } : undefined,
      );
      expect(outcome.failure?.class).toBe('manifest-unknown');
    });
  },
);

test('containerd asks each thing of the mirror first, says whose it is, and has a token for each host', () => {
  const outcome = pullAs('containerd', at('mirror.test', { status: 404 }, ['layer1', 'manifest']));
  expect(outcome.failure).toBeUndefined();
  const ns = 'ns=registry.test';
  expect(without(outcome, 'token')).toEqual([
    `HEAD mirror.test v1 ${ns}`,
    `HEAD mirror.test v1 ${ns}`,
    `GET mirror.test index ${ns}`,
    `GET mirror.test index ${ns}`,
    `GET mirror.test manifest ${ns}`,
    'GET registry.test manifest',
    'GET registry.test manifest',
    `GET mirror.test config ${ns}`,
    `GET mirror.test layer1 ${ns}`,
    'GET registry.test layer1',
    `GET mirror.test layer2 ${ns}`,
  ]);
});

test('containerd asks the last host alone again after a 5xx, and all after a 429', () => {
  const five = pullAs('containerd', at('mirror.test', { status: 503 }, ['v1']));
  expect(five.asked.filter((line) => line.includes('v1'))).toHaveLength(3);
  const busy = pullAs('containerd', at('mirror.test', { status: 429 }, ['v1']));
  expect(busy.asked.filter((line) => line.includes('mirror.test v1'))).toHaveLength(5);
});

test('containerd tells the failure that came furthest', () => {
  const lost = pullAs('containerd', (request) =>
    request.url.includes('mirror') ? { status: 502 } : { failure: 'refused' },
  );
  expect(lost.failure).toMatchObject({ class: 'server-error', host: 'mirror.test' });
});

test('containerd reopens a body that broke off at the first host that opens it', () => {
  const outcome = pullAs('containerd', (request) => {
    const isFirst = request.url.startsWith(mirror) && nameOf(image, request) === 'layer1';
    if (!isFirst) return undefined;
    return header(request, 'Range') === undefined ? { body: 'o', cut: true } : { status: 404 };
  });
  expect(outcome.verifiedBytes).toBe(image.bytes);
  expect(outcome.asked.filter((line) => line.includes('layer1'))).toEqual([
    'GET mirror.test layer1 ns=registry.test',
    'GET mirror.test layer1 ns=registry.test bytes=1-',
    'GET registry.test layer1 bytes=1-',
    'GET registry.test layer1 bytes=1-',
  ]);
});

test('podman pings each source, and takes the blobs from where the manifest was', () => {
  const outcome = pullAs('podman', at('mirror.test', { status: 404 }, ['v1']));
  expect(outcome.asked).toEqual([
    'GET mirror.test v2',
    'GET auth.test token',
    'GET mirror.test v1',
    'GET registry.test v2',
    'GET auth.test token',
    'GET registry.test v1',
    'GET registry.test manifest',
    'GET registry.test config',
    'GET registry.test layer1',
    'GET registry.test layer2',
  ]);
});

test('podman is held by a source that answers with what is no manifest', () => {
  const page = pullAs('podman', at('mirror.test', { body: '<html></html>' }, ['v1']));
  expect(page.failure).toMatchObject({ class: 'bad-manifest', host: 'mirror.test' });
  expect(hostsOf(page)).toEqual(['mirror.test']);
});

test('podman names all sources that failed', () => {
  const { failure } = pullAs('podman', (request) =>
    request.url.includes('mirror') ? { failure: 'refused' } : { status: 503 },
  );
  expect(failure).toMatchObject({ class: 'server-error', host: 'registry.test' });
  expect(failure?.message).toMatch(/^\(Mirrors also failed: \[mirror\.test: .*refused.*\]\): /);
});

describe('a blob that fails at a mirror that had the manifest', () => {
  test.each([
    ['unknown', { status: 404 }, []],
    ['limited', { status: 429 }, [2000, 4000, 8000, 16_000]],
    ['ill', { status: 502 }, [1000]],
    ['slow', { failure: 'stalled' }, [1000]],
  ] as const)('podman goes on at the next source where it is %s', (_, answer, waits) => {
    const outcome = pullAs('podman', at('mirror.test', answer, ['layer1']));
    expect(outcome.failure).toBeUndefined();
    expect(outcome.waits).toEqual(waits);
    // What follows is asked there at once.
    expect(outcome.asked.at(-1)).toBe('GET registry.test layer2');
  });

  test('podman fails where it is forbidden, and Debian 12 always', () => {
    const forbidden = pullAs('skopeo', at('mirror.test', { status: 403 }, ['layer1']));
    expect(forbidden.failure).toMatchObject({ class: 'denied', host: 'mirror.test' });
    const older = pullAs('skopeo@1.9', at('mirror.test', { status: 404 }, ['layer1']));
    expect(older.failure).toMatchObject({ class: 'blob-unknown', host: 'mirror.test' });
  });

  test('a wrong blob is looked for nowhere else', () => {
    for (const name of ['podman', 'containerd', 'regclient']) {
      const outcome = pullAs(name, at('mirror.test', { body: 'ten' }, ['layer1']));
      expect(outcome.failure, name).toMatchObject({ class: 'wrong-digest', host: 'mirror.test' });
    }
  });
});

test('docker begins the whole pull anew at the registry', () => {
  const outcome = pullAs('docker', at('mirror.test', { status: 404 }, ['layer2']));
  expect(outcome.verifiedBytes).toBe(image.bytes);
  expect(outcome.asked.filter((line) => line.startsWith('HEAD'))).toEqual([
    'HEAD mirror.test v1',
    'HEAD registry.test v1',
  ]);
});

test('several mirrors are asked in order, and what is tried again is told', () => {
  const mirrors = ['https://first.test', 'https://second.test'];
  const told: string[] = [];
  const talk = pull({
    registryUrl: 'https://registry.test',
    repository: 'team/app',
    reference: 'v1',
    platform: { os: 'linux', architecture: 'amd64' },
    client: profiles.containerd as ClientProfile,
    verification: 'all',
    mirrors,
  });
  const change = at('first.test', { failure: 'refused' });
  const watched = (function* (): Talk<unknown> {
    let step = talk.next();
    while (step.done !== true) {
      if ('waitMs' in step.value && step.value.after) told.push(step.value.after.host);
      step = talk.next(yield step.value);
    }
    return step.value;
  })();
  const requests: HttpRequest[] = [];
  converse(watched, (request) => change(request) ?? answerTo(image, request), requests);
  expect(told).toContain('first.test');
  expect(requests.some(({ url }) => url.includes('registry.test/'))).toBe(false);
});

describe('a mirror with what is its own', () => {
  const own = {
    url: mirror,
    repository: 'cache/app',
    credentials: { username: 'mirror-user', password: 'word' },
    traits: { apiPath: '/proxy/v2', headers: [['X-Own', 'yes']], namespace: 'docker.io' },
  } as const;
  const isToken = (request: HttpRequest) => nameOf(image, request) === 'token';
  const shownTo = (outcome: Outcome, host: string) =>
    outcome.requests.filter(({ url }) => new URL(url).host === host);

  test.each(['podman', 'containerd', 'docker'])('%s asks by its names', (name) => {
    const outcome = pullAs(name, undefined, { mirrors: [own] });
    expect(outcome.failure).toBeUndefined();
    expect(hostsOf(outcome)).toEqual(['mirror.test']);
    const there = shownTo(outcome, 'mirror.test');
    for (const { url, ask } of there) {
      expect(url).toMatch(/^https:\/\/mirror\.test\/proxy\/v2\//);
      expect(url).toContain('?ns=docker.io');
      expect(ask.headers).toContainEqual(['X-Own', 'yes']);
    }
    expect(there.some(({ url }) => url.includes('/proxy/v2/cache/app/manifests/'))).toBe(true);
    const tokens = outcome.requests.filter(isToken);
    expect(tokens.every(({ ask }) => ask.headers.every(([line]) => line !== 'X-Own'))).toBe(true);
    const shown = tokens.map(({ authorization, body }) => authorization + String(body ?? ''));
    expect(shown.join(' ')).toMatch(/Basic |mirror-user/);
  });

  test('the registry behind it is asked by its own', () => {
    const gone = at('mirror.test', { status: 500 });
    const outcome = pullAs('containerd', gone, { mirrors: [own] });
    expect(outcome.failure).toBeUndefined();
    const there = shownTo(outcome, 'registry.test');
    expect(there.length).toBeGreaterThan(2);
    for (const { url, ask } of there) {
      expect(url).toMatch(/^https:\/\/registry\.test\/v2\/team\/app\/[^?]*$/);
      expect(ask.headers.map(([line]) => line)).not.toContain('X-Own');
    }
  });

  test('what may not resolve is not asked what a tag names', () => {
    const outcome = pullAs('containerd', undefined, { mirrors: [{ ...own, resolves: false }] });
    expect(outcome.failure).toBeUndefined();
    const byTag = outcome.requests.filter(({ url }) => url.includes('/manifests/v1'));
    expect(new Set(byTag.map(({ url }) => new URL(url).host))).toEqual(new Set(['registry.test']));
    expect(shownTo(outcome, 'mirror.test').length).toBeGreaterThan(2);
  });

  test('a line that signs in goes to that host alone', () => {
    const headers = [['Authorization', 'Bearer for-mirror.test']] as const;
    const mirrors = [{ url: mirror, traits: { headers } }];
    const outcome = pullAs('containerd', undefined, { mirrors });
    expect(outcome.failure).toBeUndefined();
    expect(outcome.requests.filter(isToken)).toEqual([]);
    const lines = outcome.requests.flatMap(({ ask }) => ask.headers.map(([name]) => name));
    expect(lines).not.toContain('Authorization');
  });
});

test('docker minds no status of the ping, and podman any but 200 and 401', () => {
  for (const status of [403, 404, 500]) {
    const refused = at('registry.test', { status }, ['v2']);
    const askedBy = (name: string) => pullAs(name, refused, { mirrors: [] }).asked;
    expect(askedBy('docker')).toContain('HEAD registry.test v1');
    expect(new Set(askedBy('podman'))).toEqual(new Set(['GET registry.test v2']));
  }
});
