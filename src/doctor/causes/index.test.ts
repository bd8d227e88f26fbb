import { describe, expect, test } from 'vitest';
import { endpoint, plainSettings, routeOver } from '../../../test/lib/doctor-world.ts';
import { makeReply } from '../../drivers/reply.ts';
import { profiles } from '../../profiles/index.ts';
import { type FailureClass, PullFailure } from '../../protocol/failure.ts';
import { failureClasses } from '../../protocol/failure-hints.ts';
import type { FailureReason, Hop, HttpReply, HttpRequest, Phase } from '../../protocol/talk.ts';
import type { Facts } from '../facts.ts';
import { findCauses } from './index.ts';

/** Classes of pushes alone, and our own end. */
const ofNoPull: readonly FailureClass[] = [
  'upload-unknown',
  'upload-invalid',
  'manifest-invalid',
  'too-large',
  'read-only',
];

const urls: Readonly<Record<Hop, string>> = {
  registry: 'https://registry.test/v2/demo/app/manifests/latest',
  token: 'https://auth.test/token',
  edge: 'https://cdn.test/blob',
};
const phases: Readonly<Record<Hop, Phase>> = { registry: 'index', token: 'token', edge: 'config' };
const statuses: Readonly<Partial<Record<FailureClass, number>>> = {
  unauthorized: 401,
  denied: 403,
  'manifest-unknown': 404,
  'blob-unknown': 404,
  'rate-limited': 429,
  'server-error': 503,
  'unexpected-status': 418,
  'bad-challenge': 401,
  'bad-manifest': 200,
  'bad-token': 200,
  'wrong-digest': 200,
  'platform-missing': 200,
  'redirect-expired': 403,
  'redirect-denied': 403,
  'redirect-credentials': 401,
  'redirect-invalid': 302,
  'redirect-loop': 302,
};

const one = endpoint();

function replyOf(status: number): HttpReply {
  const timings = { dnsMs: 0, connectMs: 0, tlsMs: 0, ttfbMs: 0, totalMs: 1 };
  const lines =
    status === 401
      ? ([['WWW-Authenticate', 'Bearer realm="https://auth.test/token"']] as const)
      : [];
  return makeReply({
    status,
    headerLines: lines,
    text: '',
    bytes: 0,
    digest: '',
    failure: '',
    failureMessage: '',
    remoteAddress: '',
    timings,
  });
}

/** Nothing is known but how the pull ended, and that the registry had asked for a token. */
function failing(kind: FailureClass, hop: Hop, reason?: FailureReason): Facts {
  const ask = {
    method: 'GET',
    headers: [],
    want: 'text',
    algorithm: 'sha256',
    bodyBytesMax: 9,
    phase: phases[hop],
  } as const;
  const request: HttpRequest = { url: urls[hop], ask, hop, authorization: '', referer: '' };
  const failure = new PullFailure(kind, request, statuses[kind] ?? 0, 'it failed', { reason });
  const began = { ...request, url: 'https://registry.test/v2/' };
  const first = hop === 'registry' ? [] : [replyOf(401)];
  const exchanges = first.map((reply) => ({
    method: 'GET',
    url: began.url,
    host: 'registry.test:443',
    hop: 'registry' as const,
    phase: 'ping' as const,
    authorization: '',
    endpoint: one,
    startedMs: 0,
    endedAtMs: 1,
    reply,
    proxy: {},
  }));
  return {
    route: routeOver([one]),
    client: profiles.podman as Facts['client'],
    platform: { os: 'linux', architecture: 'amd64' },
    pulls: [{ exchanges, failure, passedOver: [] }],
    hosts: [],
    probes: [],
    settings: plainSettings,
    startedAtMs: 1,
  };
}

const idsOf = (facts: Facts) => findCauses(facts).map(({ cause }) => cause.id);

describe('however a pull ends, something is said of it', () => {
  test.each(failureClasses)('%s', (kind) => {
    for (const hop of ['registry', 'token', 'edge'] as const) {
      const found = findCauses(failing(kind, hop));
      expect(found.length, hop).toBeGreaterThan(0);
      const unexplained = found.filter(({ cause }) => cause.id.startsWith('unexplained-'));
      // Never beside a cause.
      expect([0, found.length]).toContain(unexplained.length);
      for (const { found: seen } of found) {
        expect(seen.isHarmless ?? false).toBe(false);
        expect(seen.certainty === 'possible').toBe(seen.wouldTell !== undefined);
      }
    }
  });

  test('and what no cause explains is told as its class', () => {
    const left = failureClasses
      .filter((kind) => !ofNoPull.includes(kind))
      .flatMap((kind) =>
        (['registry', 'token', 'edge'] as const).flatMap((hop) =>
          idsOf(failing(kind, hop))
            .filter((id) => id.startsWith('unexplained-'))
            .map((id) => `${hop} ${id}`),
        ),
      );
    expect(left).toMatchInlineSnapshot(`
      [
        "registry unexplained-tls",
        "token unexplained-tls",
        "edge unexplained-tls",
        "token unexplained-proxy",
        "edge unexplained-proxy",
        "registry unexplained-interrupted",
        "token unexplained-interrupted",
        "edge unexplained-interrupted",
      ]
    `);
  });
});

test('a run that was stopped, and one that never began, accuse nobody', () => {
  const stopped = failing('interrupted', 'registry');
  expect(idsOf(stopped)).toEqual(['unexplained-interrupted']);
  expect(idsOf({ ...stopped, pulls: [] })).toEqual([]);
});

test('what to do is of the case: a scheme that was given, the folder of the client, a pull secret', () => {
  const remedyOf = (facts: Facts, id: string) => {
    const found = findCauses(facts).find(({ cause }) => cause.id === id);
    return (found?.found.remedy ?? found?.cause.remedy)?.join(' ');
  };
  const of = (change: Parameters<typeof endpoint>[0], facts: Facts): Facts => ({
    ...facts,
    route: routeOver([endpoint(change)]),
  });
  const given = { in: 'http://', line: 0 };
  const http = failing('bad-http', 'registry', 'https-to-http-client');
  expect(remedyOf(of({ insecure: given }, http), 'http-for-https')).toContain('leave out http://');
  expect(remedyOf(of({}, http), 'http-for-https')).toContain('insecure = true');

  const unknown = failing('tls', 'registry', 'unknown-ca');
  const path = '/etc/containers/certs.d/registry.test:5000';
  const trust = { ca: [], looked: [{ path, state: 'absent' as const }], problems: [] };
  expect(remedyOf(of({ trust }, unknown), 'ca-untrusted')).toContain(`${path}/ca.crt`);
});
