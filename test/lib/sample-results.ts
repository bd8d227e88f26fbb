// Results documents for tests: one of every verb, rich and deterministic, and one in which every text
// that can come from outside is hostile. Used by tests only.

import type {
  CheckLevel,
  CheckResult,
  ConformSummary,
  Course,
  DoctorHop,
  DoctorHost,
  DoctorResult,
  Environment,
  Exchange,
  HopSummary,
  HostRow,
  LatencySummary,
  LoadResult,
  PullSample,
  Pushes,
  Results,
  Verdict,
} from '../../reports/results.ts';

const environment: Environment = {
  node: 'v26.10.0',
  os: 'linux 6.1.0 x64',
  cpus: 8,
  cpu: 'Example CPU at 3 GHz',
  machine: '0123456789ab',
  seed: 20260301,
  command: 'pullproof conform registry.example.com:5000/team/app --username ci',
};

const common = {
  schema: 'pullproof/results/v1',
  tool: { name: 'pullproof', version: '0.1.0' },
  target: 'registry.example.com:5000/team/app',
  startedAt: '2026-03-01T09:30:00.000Z',
  environment,
} as const;

const digest = `sha256:${'4bf5122f344554c53bde2ebb8cd2b7e3'.repeat(2)}`;
const base = 'https://registry.example.com:5000';

function exchange(method: string, path: string, status: number, body?: string): Exchange {
  return {
    request: {
      method,
      url: `${base}${path}`,
      headers: [
        ['Accept', 'application/vnd.oci.image.index.v1+json'],
        ['Accept', 'application/vnd.oci.image.manifest.v1+json'],
        ['Authorization', 'Bearer ***'],
      ],
    },
    reply: {
      status,
      headers: [
        ['Content-Type', 'application/vnd.oci.image.manifest.v1+json'],
        ['Content-Length', '428'],
        ['Docker-Content-Digest', digest],
      ],
      ...(body === undefined ? {} : { body }),
      bytes: 428,
      digest,
    },
    curl: `curl -sS -X ${method} -H 'Authorization: Bearer $TOKEN' '${base}${path}'`,
    ms: 12.4,
  };
}

const refused: Exchange = {
  request: { method: 'POST', url: `${base}/token`, headers: [], body: 'grant_type=password' },
  reply: {
    status: 0,
    headers: [],
    bytes: 0,
    failure: 'refused',
    failureMessage: 'connect ECONNREFUSED 203.0.113.7:443',
  },
  curl: `curl -sS -X POST --data 'grant_type=password' '${base}/token'`,
  ms: 1.2,
};

type Row = readonly [id: string, level: CheckLevel, verdict: Verdict, requirement: string];

const sections: readonly (readonly [string, readonly Row[]])[] = [
  [
    'distribution-spec/spec.md#pulling-manifests',
    [
      ['manifest-get-by-tag', 'MUST', 'pass', 'A manifest is served under its tag.'],
      ['manifest-get-by-digest', 'MUST', 'pass', 'A manifest is served under its digest.'],
      ['manifest-digest-matches', 'MUST', 'pass', 'The bytes of a manifest have its digest.'],
      [
        'manifest-missing-404',
        'MUST',
        'fail',
        'Asking for a manifest that does not exist is answered with 404.',
      ],
      [
        'manifest-digest-header',
        'SHOULD',
        'warn',
        'The reply to a manifest names its digest in Docker-Content-Digest.',
      ],
      ['manifest-head-length', 'MUST', 'pass', 'HEAD announces the length that GET delivers.'],
    ],
  ],
  [
    'distribution-spec/spec.md#pulling-blobs',
    [
      ['blob-get', 'MUST', 'pass', 'A blob is served under its digest.'],
      ['blob-digest-matches', 'MUST', 'pass', 'The bytes of a blob have its digest.'],
      ['blob-missing-404', 'MUST', 'pass', 'A blob that does not exist is answered with 404.'],
      ['blob-range', 'SHOULD', 'unsupported', 'A part of a blob can be asked for with Range.'],
      [
        'blob-range-beyond-end',
        'SHOULD',
        'void',
        'A range that begins beyond the end is answered with 416.',
      ],
    ],
  ],
  [
    'distribution-spec/spec.md#error-codes',
    [
      ['error-body-shape', 'MAY', 'pass', 'An error body holds a list of codes and messages.'],
      ['error-code-name-unknown', 'MAY', 'pass', 'An unknown repository says NAME_UNKNOWN.'],
      [
        'error-content-type',
        'SHOULD',
        'harness-error',
        'An error body is declared as application/json.',
      ],
    ],
  ],
  [
    'compat/token.md#token-flow',
    [
      ['token-challenge', 'COMPAT', 'pass', 'A request without a token is challenged.'],
      ['token-anonymous', 'COMPAT', 'pass', 'A token for a public image needs no password.'],
      ['token-oauth2-post', 'COMPAT', 'harness-error', 'A token can be asked for with POST.'],
      ['redirect-no-credentials', 'COMPAT', 'pass', 'A redirect works without our credentials.'],
    ],
  ],
];

const observations: Partial<Record<Verdict, readonly [expected: string, actual: string]>> = {
  fail: ['404 with the error code MANIFEST_UNKNOWN', '200 with 17 bytes of text/html'],
  warn: [`Docker-Content-Digest: ${digest}`, 'no Docker-Content-Digest header'],
  unsupported: ['206 with the 100 bytes asked for', '200 with the whole blob'],
  void: ['416', 'not asked: blob-range does not hold'],
  'harness-error': ['a verdict', 'TypeError: cannot read property of undefined'],
};

function check(section: string, [id, level, verdict, requirement]: Row): CheckResult {
  const [expected, actual] = observations[verdict] ?? ['200', '200'];
  const failing = id === 'token-oauth2-post' ? [refused] : [];
  return {
    id,
    level,
    section,
    requirement,
    verdict,
    expected,
    actual,
    why: 'A client that resolves a mistyped tag gets garbage instead of a clear error.',
    file: 'src/checks/pull/manifests.ts',
    room: 'pull',
    evidence: [
      exchange('GET', `/v2/team/app/manifests/${id}`, 200, '{\n  "schemaVersion": 2\n}'),
      exchange('HEAD', '/v2/team/app/manifests/latest', 404),
      ...failing,
    ],
    durationMs: 31.7,
  };
}

const checks = sections.flatMap(([section, rows]) => rows.map((row) => check(section, row)));

export const conformSample = {
  ...common,
  verb: 'conform',
  durationMs: 2345.6,
  verdict: 'fail',
  exitCode: 1,
  checks,
  conform: {
    mode: 'full',
    repository: 'team/app',
    left: ['team/app blob sha256:0123'],
    capabilities: [
      { name: 'Deleting a tag', supported: true, by: ['tag-delete'] },
      { name: 'Referrers API', supported: false, by: ['referrers-empty'] },
      { name: 'Bearer tokens', supported: null, by: [] },
    ],
  },
} satisfies Results;

/** The same registry after it was mended: every check holds. */
export const conformPassSample = {
  ...conformSample,
  verdict: 'pass',
  exitCode: 0,
  conform: {
    ...conformSample.conform,
    stumbles: [
      {
        kind: 'server-error',
        party: 'the registry',
        request: 'PUT /v2/<name>/blobs/uploads/<session>',
        answer: 'status 500',
        count: 3,
        checks: ['upload-post-put', 'set-up'],
      },
    ],
    limits: { count: 12, waitedMs: 3000 },
  },
  checks: checks.map((one) => ({ ...one, verdict: 'pass' as const, actual: one.expected })),
} satisfies Results;

/** Nobody may push, and a baseline knows the one failure. */
const conformBaselineSample = {
  ...conformPassSample,
  checks: conformPassSample.checks.map((one, index) => {
    if (index > 0) return one;
    return { ...one, verdict: 'fail' as const, expectedFailure: 'a proxy in front cuts it' };
  }),
  conform: {
    ...conformSample.conform,
    mode: 'read-only',
    reason: 'nothing can be pushed without credentials: status 401',
    left: [],
    baseline: {
      file: 'baseline.yaml',
      expected: [checks[0]?.id ?? ''],
      unexpected: [],
      fixed: ['manifest-head'],
      unjudged: ['manifest-by-tag'],
    },
  },
} satisfies Results;

const officialConform = {
  ...conformSample.conform,
  official: {
    suite: 'v0.0.0-20260831232431-97274622c111',
    log: 'run/official-suite.log',
    durationMs: 2300,
    specVersion: '1.1',
    cases: { passed: 640, failed: 4, skipped: 2 },
    agreed: 40,
    disagreements: [
      {
        kind: 'api',
        name: 'Referrers',
        official: 'FAIL',
        ours: 'not offered',
        cases: ['empty/referrers', 'artifacts-with-subject/referrers'],
        caseCount: 4,
        checks: [],
        checkCount: 0,
      },
      {
        kind: 'data',
        name: 'Image',
        official: 'Pass',
        ours: 'fails',
        cases: [],
        caseCount: 0,
        checks: [checks[0]?.id ?? ''],
        checkCount: 1,
      },
    ],
    submission: {
      folder: 'submission/distribution-spec/v1.1/product',
      fit: false,
      findings: [
        { file: 'PRODUCT.yaml', line: 1, level: 'error', message: 'vendor is missing' },
        {
          file: 'results.yaml',
          level: 'warning',
          message: 'Blob get is required, and is FAIL',
        },
      ],
    },
  },
} satisfies ConformSummary;

/** The official suite ran beside the checks, and once could not. */
const conformOfficialSamples = [
  {
    ...conformPassSample,
    verdict: 'fail',
    exitCode: 1,
    conform: officialConform,
  },
  {
    ...conformPassSample,
    verdict: 'error',
    exitCode: 3,
    interrupted: 'The official suite has no results: it wrote no results.yaml.',
    conform: {
      ...conformSample.conform,
      official: {
        suite: 'unknown',
        log: 'run/official-suite.log',
        durationMs: 20,
        problem: 'it wrote no results.yaml',
      },
    },
  },
] satisfies Results[];

export const validateSample = {
  ...common,
  verb: 'validate',
  target: 'fixtures/*.json',
  durationMs: 48.2,
  verdict: 'fail',
  exitCode: 1,
  skipped: [{ reason: 'ignored by git', count: 2, paths: ['build', 'fixtures/a.tmp.json'] }],
  unread: [
    { code: 'input-unreadable', message: 'fixtures/gone.json does not exist', hint: 'Give files.' },
  ],
  verified: { blobs: 3, bytes: 4_096_000 },
  baseline: {
    accepted: 1,
    gone: [{ path: 'fixtures/index.json', ruleId: 'json-bom', pointer: '' }],
    elsewhere: 2,
  },
  rules: [
    {
      id: 'descriptor-size',
      level: 'error',
      summary: 'A descriptor holds the size of its content.',
      fix: "Write the content's length in bytes.",
      file: 'src/validate/rules/descriptor.ts',
      room: 'rules',
    },
  ],
  documents: [
    {
      path: 'fixtures/manifest.json',
      kind: 'manifest',
      valid: false,
      findings: [
        {
          ruleId: 'digest-length',
          level: 'error',
          pointer: '/layers/0/digest',
          line: 12,
          column: 17,
          message:
            'This sha256 digest has 63 hexadecimal digits; write all 64 of them, in lower case.',
          spec: 'image-spec/descriptor.md#digests',
          edits: [{ line: 1, column: 2, endLine: 1, endColumn: 5, text: 'x' }],
          excerpt: {
            text: '      "digest": "sha256:1f2e", "size": 7',
            column: 17,
            length: 13,
            cut: { before: false, after: true },
          },
        },
        {
          ruleId: 'descriptor-size',
          level: 'error',
          pointer: '/layers/1/size',
          line: 17,
          column: 15,
          message: 'The size is below zero; write the number of bytes.',
          spec: 'image-spec/descriptor.md#properties',
          accepted: true,
        },
        {
          ruleId: 'layer-media-type',
          level: 'warning',
          pointer: '/layers/1/mediaType',
          line: 18,
          column: 20,
          message: 'Docker and OCI media types are mixed; use one family in one manifest.',
          spec: 'image-spec/manifest.md#image-manifest-property-descriptions',
        },
      ],
    },
    {
      path: 'fixtures/config with space.json',
      kind: 'config',
      valid: true,
      findings: [
        {
          ruleId: 'config-created-missing',
          level: 'note',
          pointer: '',
          line: 1,
          column: 1,
          message: 'No creation time; add "created" when the build need not be reproducible.',
          spec: 'image-spec/config.md#properties',
        },
      ],
      referredBy: {
        path: 'fixtures/manifest.json',
        pointer: '/config',
        tag: 'stable',
        platform: 'linux/arm/v7',
        others: 2,
      },
    },
    { path: 'fixtures/index.json', kind: 'index', valid: true, findings: [] },
  ],
} satisfies Results;

function latency(count: number, p50: number, spread = 2): LatencySummary {
  const at = (factor: number) => Number((p50 * factor).toFixed(2));
  return {
    count,
    p50,
    p90: at(1 + spread * 0.3),
    p95: at(1 + spread * 0.5),
    p99: at(1 + spread),
    max: at(1 + spread * 2.4),
  };
}

function hop(count: number, p50: number, failed: number, bytes: number): HopSummary {
  const connections = Math.ceil(count / 40);
  return {
    ...latency(count, p50),
    failed,
    bytes,
    ttfb: latency(count, p50 * 0.6),
    connections,
    dns: latency(Math.ceil(connections / 10), 1.4),
    connect: latency(connections, p50 * 0.2),
    tls: latency(connections, p50 * 0.5),
  };
}

const seconds = 60;
const timeline = Array.from({ length: seconds }, (_, second) => {
  const wave = Math.sin(second / 6) * 18 + Math.sin(second * 1.7) * 9;
  const dip = second > 37 && second < 43;
  const pulls = Math.round((dip ? 70 : 205) + wave);
  return {
    second,
    pulls,
    failed: dip ? 4 : 0,
    bytes: pulls * 1_180_000,
    p95: Number((dip ? 640 : 142 + wave / 2).toFixed(1)),
  };
});

const boundsMs = [40, 60, 80, 100, 120, 150, 200, 300, 500, 800];

/** The same run in steps. */
const course: Course = {
  stepSeconds: 1,
  steps: seconds,
  window: { from: 0.2, begunUntil: seconds - 1, to: seconds - 0.4 },
  pulls: timeline.map((second) => second.pulls),
  failed: timeline.map((second) => second.failed),
  bytes: timeline.map((second) => second.bytes),
  dropped: timeline.map(() => 0),
  p50: timeline.map(({ p95 }) => Number((p95 * 0.6).toFixed(1))),
  p95: timeline.map(({ p95 }) => p95),
  latency: {
    boundsMs,
    counts: timeline.map(({ pulls, p95 }) => {
      const typical = boundsMs.findIndex((bound) => bound > p95 * 0.6);
      const slow = boundsMs.findIndex((bound) => bound > p95);
      return [typical, pulls - 12, slow, 10, Math.min(slow + 1, boundsMs.length - 1), 2];
    }),
  },
  failedBy: [
    { class: 'status', counts: timeline.map(({ failed }) => Math.ceil(failed * 0.75)) },
    { class: 'short-body', counts: timeline.map(({ failed }) => Math.floor(failed * 0.25)) },
  ],
  retriedBy: [
    { class: 'short-body', counts: timeline.map(({ second }) => (second % 7 === 0 ? 9 : 1)) },
    { class: 'timeout', counts: timeline.map(({ failed }) => failed * 2) },
  ],
  hops: {
    registry: {
      p50: timeline.map(({ second }) => 4 + Math.sin(second / 5)),
      p95: timeline.map(({ second }) => 9 + 2 * Math.sin(second / 5)),
    },
    edge: {
      p50: timeline.map(({ p95 }) => Number((p95 * 0.4).toFixed(1))),
      p95: timeline.map(({ p95 }) => Number((p95 * 0.8).toFixed(1))),
    },
  },
};

/** Registry, then the edge, one after the other. */
function sampledPull(kind: PullSample['kind'], slowness: number, failure?: string): PullSample {
  const steps: [phase: string, hop: string, status: number, bytes: number][] = [
    ['ping', 'registry', 401, 120],
    ['token', 'token', 200, 1800],
    ['index', 'registry', 200, 2100],
    ['manifest', 'registry', 200, 1400],
    ['config', 'registry', 307, 0],
    ['config', 'edge', 200, 7300],
    ['layer', 'registry', 307, 0],
    ['layer', 'edge', failure === undefined ? 200 : 502, 1_160_000],
  ];
  let clock = 0;
  const requests = steps.map(([phase, hop, status, bytes], at) => {
    const isDialled = at === 0 || at === 1 || at === 5;
    const totalMs = (hop === 'edge' ? 30 : 5) * slowness + (isDialled ? 4 : 0);
    const startMs = clock;
    clock += totalMs;
    return {
      ...{ phase, hop, status, bytes, startMs, totalMs },
      host: hop === 'edge' ? 'cdn.example.net:443' : 'registry.example.com:5000',
      ...(isDialled ? { dnsMs: 0.6, connectMs: 1.4, tlsMs: 2 } : noDial),
      ttfbMs: (hop === 'edge' ? 12 : 4) * slowness,
      ...(hop === 'edge' && { cache: 'hit' }),
    };
  });
  const durationMs = clock;
  const image = 'registry.example.com:5000/team/app:latest';
  return {
    ...{ kind, atSeconds: 12.4, durationMs, client: 'podman', image, requests },
    ...(failure !== undefined && { failure }),
  };
}

const noDial = { dnsMs: 0, connectMs: 0, tlsMs: 0 };

const pushes: Pushes = {
  repository: 'registry.example.com/load/pushed',
  vus: 4,
  ok: 118,
  failed: 2,
  dropped: 1,
  perSecond: 1.97,
  requests: { total: 2480, failed: 2 },
  bytes: { sent: 1_416_000_000, perSecond: 23_600_000 },
  known: 12,
  pushMs: latency(118, 640),
  phases: {
    'upload-start': latency(472, 6.1),
    'upload-chunk': latency(1180, 88),
    'manifest-put': latency(118, 12.4),
  },
  errors: [
    {
      class: 'upload-unknown',
      count: 2,
      example: 'PATCH https://registry.example.com/v2/load/pushed/blobs/uploads/7f: HTTP 404',
      hint: 'The registry lost the upload under way: its replicas must share storage and upload secret.',
    },
  ],
  left: [{ prefix: 'pullproof-1a2b3c4d-', tags: 118 }],
};

const load: LoadResult = {
  pushes,
  client: 'podman',
  shape: 'vus',
  engine: 'built',
  calibration: { runs: 3, width: { 'pull.p95': 1.04, 'hop:edge.p95': 1.12 } },
  images: ['registry.example.com:5000/team/app:latest', 'registry.example.com:5000/team/db:16'],
  verify: 'all',
  vus: 20,
  startedAt: '2026-03-01T09:30:00.123456789Z',
  seconds,
  pulls: { ok: 11_540, failed: 20, dropped: 3, perSecond: 192.3, retried: 412 },
  requests: { total: 126_940, failed: 24, perSecond: 2115.7 },
  bytes: { total: 13_617_200_000, verified: 13_617_200_000, perSecond: 226_953_333 },
  pullMs: latency(11_560, 96.4),
  phases: {
    token: latency(20, 8.2),
    index: latency(11_560, 4.1),
    manifest: latency(11_560, 5.3),
    config: latency(11_560, 11.8),
    layer: latency(46_160, 54.9, 3),
  },
  phaseHops: {
    token: { token: latency(20, 8.2) },
    layer: { registry: latency(46_200, 4.8), edge: latency(46_178, 48.1) },
  },
  hops: {
    registry: hop(80_720, 4.4, 2, 61_000_000),
    token: hop(20, 8.2, 0, 24_000),
    edge: hop(46_200, 48.1, 22, 13_556_176_000),
  },
  hosts: {
    'registry.example.com:5000': { ...hop(80_720, 4.4, 2, 61_000_000), role: 'registry' },
    'auth.example.com': { ...hop(20, 8.2, 0, 24_000), role: 'token' },
    'cdn01.example.net': { ...hop(46_200, 48.1, 22, 13_556_176_000), role: 'edge' },
  },
  servers: [
    {
      host: 'registry.example.com:5000',
      address: '192.0.2.10:5000',
      edge: '',
      requests: 80_720,
      failed: 2,
      hits: 0,
      misses: 0,
      bytes: 61_000_000,
      connections: 2018,
    },
    {
      host: 'cdn01.example.net',
      address: '198.51.100.7:443',
      edge: 'FRA56-P4',
      requests: 46_200,
      failed: 22,
      hits: 31_022,
      misses: 15_138,
      bytes: 13_556_176_000,
      connections: 1155,
      latency: latency(46_178, 48.1),
      ttfb: latency(46_178, 29),
      bytesPerSecond: 31_000_000,
    },
    {
      host: 'cdn01.example.net',
      address: '[2001:db8::7]:443',
      edge: 'LHR50-P1',
      requests: 12_040,
      failed: 0,
      hits: 11_800,
      misses: 240,
      bytes: 3_556_176_000,
      connections: 310,
      latency: latency(12_040, 144.3),
      ttfb: latency(12_040, 118),
      bytesPerSecond: 9_400_000,
    },
  ],
  statuses: [
    { phase: 'layer', hop: 'registry', status: 307, failure: '', count: 46_200 },
    { phase: 'layer', hop: 'edge', status: 200, failure: '', count: 46_178 },
    {
      phase: 'layer',
      hop: 'edge',
      host: 'cdn01.example.net:443',
      status: 0,
      failure: 'dial-timeout',
      count: 22,
    },
  ],
  cache: { hit: 31_022, miss: 15_138, unknown: 40 },
  errors: [
    {
      class: 'dial-timeout',
      count: 22,
      hop: 'edge',
      host: 'cdn01.example.net:443',
      phase: 'layer',
      status: 0,
      example: 'dial tcp 203.0.113.9:443: i/o timeout',
      hint: 'A firewall may let only the registry through: open cdn01.example.net as well.',
      clientSays: 'reading blob D: fetching blob: dial tcp A: i/o timeout',
      evidence: {
        method: 'GET',
        url: `https://cdn01.example.net/blobs/${digest}`,
        address: '203.0.113.9:443',
        contentType: '',
        body: '',
        bytes: 0,
        bytesExpected: 1_180_000,
      },
    },
    {
      class: 'server-error',
      count: 2,
      hop: 'registry',
      host: 'registry.example.com:5000',
      phase: 'manifest',
      status: 503,
      example: 'GET /v2/team/app/manifests/latest: 503 with Retry-After: 1',
      hint: 'The registry sheds load here: lower the rate, or add registry replicas.',
      evidence: {
        method: 'GET',
        url: `${base}/v2/team/app/manifests/latest`,
        address: '192.0.2.10:5000',
        contentType: 'text/html',
        body: '<html>\n<head><title>503 Service Temporarily Unavailable</title></head>',
        bytes: 190,
        bytesExpected: 190,
      },
    },
  ],
  retried: [
    {
      class: 'short-body',
      count: 405,
      hop: 'edge',
      host: 'cdn01.example.net:443',
      phase: 'layer',
      status: 200,
      example: `GET https://cdn01.example.net/blobs/${digest}: 65,536 of 1,180,000 bytes came`,
      hint: 'The body ended early: a proxy, cache or disk cuts it; compare the edge ids.',
      clientSays: 'reading blob D: unexpected EOF',
      evidence: {
        method: 'GET',
        url: `https://cdn01.example.net/blobs/${digest}`,
        address: '198.51.100.7:443',
        contentType: 'application/octet-stream',
        body: '',
        bytes: 65_536,
        bytesExpected: 1_180_000,
      },
    },
    {
      class: 'rate-limited',
      count: 7,
      hop: 'registry',
      host: 'registry.example.com:5000',
      phase: 'manifest',
      status: 429,
      example: 'GET /v2/team/app/manifests/latest: HTTP 429',
      hint: 'The registry limits requests: slow down, authenticate, or honour Retry-After.',
    },
  ],
  waits: [
    { why: 'back-off', count: 405, seconds: 31.4 },
    { why: 'retry-after', count: 7, seconds: 7 },
  ],
  unfinished: [
    {
      phase: 'layer',
      hop: 'edge',
      host: 'cdn01.example.net:443',
      address: '203.0.113.9:443',
      requests: 2,
      bytes: 48_000,
      bytesExpected: 2_360_000,
      seconds: 31.2,
    },
  ],
  misses: [{ digest, misses: 40 }],
  rateLimits: [
    {
      host: 'registry.example.com:5000',
      hop: 'registry',
      header: 'ratelimit-remaining',
      last: '76;w=21600',
      least: 3,
      replies: 11_540,
    },
    {
      host: 'registry.example.com:5000',
      hop: 'registry',
      header: 'docker-ratelimit-source',
      last: '192.0.2.44',
      replies: 11_540,
    },
  ],
  byClient: {
    podman: { ok: 8640, failed: 20, retried: 400, pullMs: latency(8660, 101.2) },
    containerd: { ok: 2900, failed: 0, retried: 12, pullMs: latency(2900, 80.3) },
  },
  byImage: {
    'registry.example.com:5000/team/app:latest': {
      ok: 5780,
      failed: 20,
      retried: 412,
      pullMs: latency(5800, 99.1),
    },
    'registry.example.com:5000/team/db:16': {
      ok: 5760,
      failed: 0,
      retried: 0,
      pullMs: latency(5760, 92),
    },
  },
  slo: [
    {
      ...{ expression: 'pull.p95<500ms', observed: '193 ms', held: true },
      ...{ metric: 'pull.p95', operator: '<', bound: 500, unit: 'ms' },
      course: course.p95,
    },
    {
      ...{ expression: 'errors<0.1%', observed: '0.17%', held: false },
      ...{ metric: 'errors', operator: '<', bound: 0.1, unit: '%' },
      course: timeline.map(({ pulls, failed }) => (100 * failed) / (pulls + failed)),
    },
  ],
  k6: '2.2.0',
  asked: { platforms: ['linux/amd64'], durationSeconds: 60 },
  digests: { 'registry.example.com:5000/team/app:latest': digest },
  planFile: {
    path: 'fleet.yaml',
    text: 'images:\n  - registry.example.com:5000/team/app:latest\n',
  },
  course,
  pullSamples: [
    sampledPull('typical', 1),
    sampledPull('slow', 4),
    sampledPull('failed', 2, 'status'),
  ],
  bottleneck: 'edge',
  processors: { busy: 0.62, own: 0.12 },
  plan: `sha256:${'0'.repeat(64)}`,
  segment: { part: '0:1/4', of: '0,1/4,1/2,3/4,1' },
  merged: {
    ...{ runs: 3, missing: ['4/4'], of: '0,1/4,1/2,3/4,1', togetherSeconds: 58.5 },
    ...{ startsWithinSeconds: 0.4, known: 2 },
    runners: {
      told: 2,
      limits: [{ limit: 'throttled', runners: 1 }],
      worst: [
        {
          ...{ id: 'runner-1:7:5a0f3c', cpus: 0.5, own: 0.97, machineBusy: 0.41, throttled: 0.62 },
          ...{ lagMs: { p95: 71, max: 164 }, skewMs: 12, limit: 'throttled' },
        },
        {
          ...{ id: 'runner-2:7:b2c9e1', cpus: 2, own: 0.31, machineBusy: 0.4, throttled: 0 },
          ...{ lagMs: { p95: 3.2, max: 11 }, skewMs: 1730 },
        },
      ],
    },
    clocks: { differMs: 1718, off: [{ id: 'runner-2:7:b2c9e1', aheadMs: 1718 }] },
  },
  timeline,
};

/** What a breakpoint run finds. */
const knee: NonNullable<LoadResult['knee']> = {
  perSecond: 180,
  brokeAt: 210,
  broke: ['pull.p95<500ms'],
  confidence: 5 / 6,
  steps: [
    { perSecond: 180, done: 179.6, held: true, broke: [] },
    { perSecond: 210, done: 192.3, held: false, broke: ['pull.p95<500ms'] },
  ],
};

export const loadSample = {
  ...common,
  verb: 'load',
  target: load.images.join(' '),
  durationMs: 61_200,
  verdict: 'fail',
  exitCode: 1,
  load,
} satisfies Results;

/** A run that did everything and holds, as `npm start` shows it. */
export const demoSample = {
  ...common,
  verb: 'demo',
  target: '127.0.0.1:5000/demo/app:latest',
  durationMs: 14_300,
  verdict: 'pass',
  exitCode: 0,
  documents: [{ path: 'index.json', kind: 'index', valid: true, findings: [] }],
  checks: conformPassSample.checks,
  load: {
    ...load,
    pulls: { ok: 11_560, failed: 0, dropped: 0, perSecond: 192.7 },
    requests: { total: 126_940, failed: 0, perSecond: 2115.7 },
    errors: [],
    pushes: { ...pushes, failed: 0, errors: [] },
    slo: [],
    bottleneck: 'mock',
    fromMock: true,
    runner: { id: 'build-7:4711:0c1d2e', cpus: 2, own: 0.4, lagMs: { p95: 4.1, max: 12 } },
    asked: {
      ...{ platforms: ['linux/amd64'], perSecond: 200, iterations: 11_560, pauseMs: 2000 },
      varies: `sha256:${'1'.repeat(64)}`,
    },
    pullSamples: [{ ...sampledPull('typical', 1), more: 3 }],
    replay: {
      format: 'access-log',
      requests: 1200,
      speed: 10,
      skipped: [{ reason: 'uploads and deletions', count: 31 }],
      late: 4,
      asRecorded: 18,
    },
    hops: {
      registry: hop(80_720, 4.4, 0, 61_000_000),
      token: hop(20, 8.2, 0, 24_000),
      edge: hop(46_200, 48.1, 0, 13_556_176_000),
    },
    hosts: { '127.0.0.1:5000': { ...hop(80_720, 4.4, 0, 61_000_000), role: 'registry' } },
    timeline: timeline.map((second) => ({ ...second, failed: 0 })),
  },
} satisfies Results;

export const kneeSample = {
  ...loadSample,
  verdict: 'pass',
  exitCode: 0,
  load: { ...load, shape: 'breakpoint', knee },
} satisfies Results;

/** A firewall knows the registry, and not the host of its blobs. */
const doctor: DoctorResult = {
  image: 'team/app:1.2',
  name: 'registry.example.com/team/app:1.2',
  client: 'podman',
  platform: 'linux/amd64',
  pullable: false,
  lookedFrom:
    'From this shell as user ci (uid 1000) on host build-7, with its files and variables. Not from another ' +
    'host, and not as another user.',
  clientSays:
    'Error: initializing source docker://registry.example.com/team/app:1.2: dial tcp 198.51.100.7:443: i/o timeout',
  causes: [
    {
      id: 'blob-host-blocked',
      title: 'The network lets the registry through, and not the host of its blobs',
      explanation:
        'Blobs are redirected to a host of their own, which a firewall has to know, too.',
      at: 'cdn01.example.net:443',
      certainty: 'certain',
      harmless: false,
      evidence: [
        'the manifest came from registry.example.com:443 with 200',
        'the layer was redirected (302) to cdn01.example.net:443, and no connection came about in 5 s',
        'both addresses of cdn01.example.net were silent: 198.51.100.7, 2001:db8::7',
      ],
      remedy: [
        'Ask for cdn01.example.net, TCP 443, to be let through from build-7.',
        'Run `pullproof doctor` again: other pulls may be sent to other names.',
      ],
      who: 'network team',
      clientSays: 'dial tcp 198.51.100.7:443: i/o timeout',
    },
    {
      id: 'ipv6-black-hole',
      title: 'IPv6 is configured here, and leads nowhere',
      at: 'cdn01.example.net:443',
      certainty: 'possible',
      harmless: true,
      evidence: ['2001:db8::7 was silent for 5 s'],
      wouldTell: 'a name that answers by IPv4 and not by IPv6',
      remedy: ['Have the route mended, or the AAAA records left out.'],
      who: 'network team',
    },
  ],
  hops: [
    doctorHop({ url: 'https://registry.example.com/v2/', phase: 'ping', status: 401 }),
    doctorHop({
      url: 'https://auth.example.com/token',
      host: 'auth.example.com:443',
      hop: 'token',
      phase: 'token',
      authorization: 'Basic',
      address: '192.0.2.20:443',
      startMs: 48,
    }),
    doctorHop({
      url: 'https://registry.example.com/v2/team/app/manifests/1.2',
      phase: 'manifest',
      authorization: 'Bearer',
      startMs: 92,
      dnsMs: 0,
      connectMs: 0,
      tlsMs: 0,
      totalMs: 13,
      bytes: 1_412,
      cache: 'hit',
    }),
    doctorHop({
      url: `https://registry.example.com/v2/team/app/blobs/${digest}`,
      phase: 'layer',
      authorization: 'Bearer',
      startMs: 106,
      dnsMs: 0,
      connectMs: 0,
      tlsMs: 0,
      totalMs: 11,
      status: 302,
    }),
    doctorHop({
      url: `https://cdn01.example.net/blobs/${digest}`,
      host: 'cdn01.example.net:443',
      hop: 'edge',
      phase: 'layer',
      startMs: 118,
      connectMs: 5_000,
      tlsMs: 0,
      ttfbMs: 0,
      totalMs: 5_004,
      status: 0,
      address: '',
      clockSeconds: null,
      failure: 'dial-timeout',
      reason: 'no-answer',
      message: 'connect ETIMEDOUT 198.51.100.7:443',
    }),
    doctorHop({
      pull: 2,
      url: `https://cdn02.example.net/blobs/${digest}`,
      host: 'cdn02.example.net:443',
      hop: 'edge',
      phase: 'layer',
      startMs: 5_140,
      bytes: 73_109,
      address: '198.51.100.8:443',
      cache: 'miss',
    }),
  ],
  hosts: [
    doctorHost('registry.example.com:443', 'registry', '192.0.2.10'),
    doctorHost('auth.example.com:443', 'token', '192.0.2.20'),
    {
      ...doctorHost('cdn01.example.net:443', 'edge', '198.51.100.7'),
      tcp: [
        {
          address: '198.51.100.7',
          family: 4,
          ms: 5_000,
          failure: 'dial-timeout',
          message: 'connect ETIMEDOUT 198.51.100.7:443',
        },
        { address: '2001:db8::7', family: 6, ms: 5_000, failure: 'dial-timeout', message: '' },
      ],
      tls: null,
      http: null,
      error: 'no connection came about in 5 s, by IPv4 or IPv6',
    },
    doctorHost('cdn02.example.net:443', 'edge', '198.51.100.8'),
  ],
  probes: [
    {
      id: 'ipv6',
      host: 'cdn01.example.net:443',
      asked: 'a connection to 2001:db8::7',
      answer: 'silence for 5 s',
      held: false,
      ms: 5_000,
    },
    {
      id: 'small-reply',
      host: 'cdn02.example.net:443',
      asked: 'one byte of the layer',
      answer: '206 with one byte',
      held: true,
      ms: 18,
    },
  ],
  allowList: [
    'registry.example.com',
    'auth.example.com',
    'cdn01.example.net',
    'cdn02.example.net',
    'cdn.example.net',
    '*.blobs.example.net',
  ],
  hostList: [
    hostRow({ host: 'registry.example.com', reason: 'registry of team/app', expected: true }),
    hostRow({
      host: 'auth.example.com',
      reason: 'tokens for registry.example.com',
      expected: true,
      documented: { preset: 'example', source: 'example.com/node/7001746', date: '2025-04-01' },
    }),
    hostRow({
      host: 'cdn01.example.net',
      reason: 'blobs of registry.example.com',
      reachable: false,
      expected: true,
      written: 'hosts.txt:3',
    }),
    hostRow({
      host: 'cdn02.example.net',
      reason: 'blobs of registry.example.com',
      expected: false,
      written: '',
      trouble: 'unexpected',
    }),
    hostRow({
      host: 'cdn.example.net',
      reason: 'expected by you',
      observed: false,
      reachable: false,
      expected: true,
      written: 'hosts.txt:2',
      trouble: 'unreachable',
    }),
    hostRow({
      host: '*.blobs.example.net',
      reason: 'blobs of registry.example.com',
      observed: false,
      reachable: null,
      expected: false,
      written: '',
      documented: { preset: 'example', source: 'example.com/node/7001746', date: '' },
    }),
  ],
  route: {
    candidates: [
      {
        name: 'registry.example.com/team/app:1.2',
        how: 'search',
        written: '/etc/containers/registries.conf:12',
        endpoints: [
          {
            role: 'mirror',
            url: 'https://mirror.example.com',
            repository: 'hub/team/app',
            written: '/etc/containers/registries.conf.d/mirror.conf:4',
            credential: 'none found',
            trust: 'the system’s certificates',
            proxy: 'none: NO_PROXY has example.com ($NO_PROXY)',
          },
          {
            role: 'registry',
            url: 'https://registry.example.com',
            repository: 'team/app',
            written: '/etc/containers/registries.conf:12',
            credential: 'user ci, key registry.example.com (/run/user/1000/containers/auth.json:4)',
            trust:
              'the system’s certificates and /etc/containers/certs.d/registry.example.com/ca.crt',
            proxy: 'none: NO_PROXY has example.com ($NO_PROXY)',
          },
        ],
      },
      {
        name: 'blocked.example.com/team/app:1.2',
        how: 'search',
        written: '/etc/containers/registries.conf:12',
        blocked: '/etc/containers/registries.conf:20',
        endpoints: [],
      },
    ],
    files: [
      { path: '/home/ci/.config/containers/registries.conf', state: 'absent' },
      { path: '/etc/containers/registries.conf', state: 'used' },
    ],
    problems: [
      {
        id: 'registries-conf-key',
        written: '/etc/containers/registries.conf:31',
        message: 'the key "unqualified-search-registry" is none that podman reads',
        hint: 'Write unqualified-search-registries.',
        fatal: false,
      },
    ],
  },
  platforms: ['linux/amd64', 'linux/arm64'],
  bytes: { read: 74_521, verified: 73_109 },
};

function doctorHop(change: Partial<DoctorHop>): DoctorHop {
  return {
    pull: 1,
    method: 'GET',
    url: 'https://registry.example.com/v2/',
    host: 'registry.example.com:443',
    hop: 'registry',
    phase: 'ping',
    authorization: '',
    startMs: 2,
    dnsMs: 4,
    connectMs: 8,
    tlsMs: 17,
    ttfbMs: 9,
    totalMs: 41,
    status: 200,
    bytes: 87,
    address: '192.0.2.10:443',
    cache: 'unknown',
    clockSeconds: 1,
    ...change,
  };
}

function doctorHost(host: string, role: DoctorHost['role'], address: string): DoctorHost {
  const name = host.replace(/:443$/, '');
  return {
    host,
    role,
    dns: [
      {
        family: 4,
        resolver: '192.0.2.53',
        addresses: [address],
        cnames: [`edge.${name}`],
        failure: '',
        ms: 4,
      },
      { family: 6, resolver: '192.0.2.53', addresses: [], cnames: [], failure: 'empty', ms: 5 },
    ],
    tcp: [{ address, family: 4, ms: 8, failure: '', message: '' }],
    tls: {
      version: 'TLSv1.3',
      alpn: 'h2',
      chain: [
        {
          subject: `CN=${name}`,
          issuer: 'CN=Example CA,O=Example',
          names: [name, `*.${name}`],
          notBefore: '2026-01-01T00:00:00.000Z',
          notAfter: '2026-12-31T23:59:59.000Z',
          fingerprint: 'a1'.repeat(32),
        },
      ],
      trustedBy: ['system', 'bundle'],
      problem: '',
      ms: 17,
    },
    http: { requests: 2, failed: 0, status: 200, server: 'nginx' },
    error: '',
  };
}

function hostRow(change: Partial<HostRow>): HostRow {
  return {
    host: '',
    port: 443,
    reason: '',
    observed: true,
    reachable: true,
    documented: null,
    expected: null,
    written: '--expect-host',
    allow: true,
    trouble: '',
    ...change,
  };
}

export const doctorSample = {
  ...common,
  verb: 'doctor',
  target: 'team/app:1.2',
  durationMs: 5_812,
  verdict: 'fail',
  exitCode: 1,
  doctor,
} satisfies Results;

const { clientSays: _, ...doctorWithoutWords } = doctor;

/** A pull that works, kept. */
export const doctorPassSample = {
  ...doctorSample,
  durationMs: 212,
  verdict: 'pass',
  exitCode: 0,
  doctor: {
    ...doctorWithoutWords,
    pullable: true,
    causes: [],
    hops: doctor.hops.filter(({ failure }) => failure === undefined),
    hosts: doctor.hosts.filter(({ error }) => error === ''),
    hostList: doctor.hostList
      .filter(({ trouble, reachable }) => trouble === '' && reachable === true)
      .map((row) => ({ ...row, expected: null, written: '' })),
    allowList: doctor.allowList.slice(0, 2),
    probes: doctor.probes.filter(({ held }) => held),
    route: { ...doctor.route, problems: [] },
    saved: 'oci:app:1.2',
  },
} satisfies Results;

/** A run that has no part to show. */
export const emptySample = {
  ...common,
  verb: 'demo',
  durationMs: 812,
  verdict: 'pass',
  exitCode: 0,
} satisfies Results;

export const interruptedSample = {
  ...loadSample,
  verdict: 'error',
  exitCode: 130,
  interrupted: 'Interrupted by Ctrl-C after 31 of 60 seconds.',
  begun: true,
} satisfies Results;

/** One of every verb, and the ways in which a run can end. */
export const samples: readonly Results[] = [
  conformSample,
  conformPassSample,
  conformBaselineSample,
  ...conformOfficialSamples,
  validateSample,
  loadSample,
  demoSample,
  kneeSample,
  doctorSample,
  doctorPassSample,
  emptySample,
  interruptedSample,
];

/** Values of these keys are enumerated or formatted by us, so nobody outside can choose them. */
const ours = new Set([
  'ours',
  'official',
  'schema',
  'verb',
  'name',
  'verdict',
  'level',
  'shape',
  'engine',
  'verify',
  'bottleneck',
  'operator',
  'unit',
  'kind',
  'machine',
  'startedAt',
  'mode',
  'format',
  'why',
  'limit',
]);

/** Of what `doctor` found, these as well. */
const oursInDoctor = new Set([
  ...[...ours].filter((key) => key !== 'name' && key !== 'why'),
  ...['role', 'certainty', 'hop', 'cache', 'trouble'],
]);

/** Records whose names come from outside. */
const namedRecords = new Set([
  ...['phases', 'phaseHops', 'hops', 'hosts', 'byClient', 'byImage', 'digests'],
]);

/** The same document with every text, and every name in a record, replaced by `text`. */
export function poisoned<T>(value: T, text: string, key = '', kept = ours): T {
  if (typeof value === 'string') return (kept.has(key) ? value : text) as T;
  if (Array.isArray(value)) return value.map((item) => poisoned(item, text, '', kept)) as T;
  if (typeof value !== 'object' || value === null) return value;
  const named = namedRecords.has(key);
  const entries = Object.entries(value).map(([name, item], index) => [
    named ? `${text} ${index}` : name,
    poisoned(item, text, name, name === 'doctor' ? oursInDoctor : kept),
  ]);
  return Object.fromEntries(entries) as T;
}

/** Markup, script, quotes, workflow commands, terminal escapes and bidirectional tricks in one. */
export const hostileText = [
  '</script><script>globalThis.pwned=1</script>',
  '<img src=x onerror="globalThis.pwned=1">',
  `"'\`]]>&lt;--> \x1b[31mred\x1b]0;title\x07 \x9b2J`,
  '\r\n::error::forged\n| a | b |\n[click](javascript:alert(1)) @everyone \u202egnp.exe\u2028 \ud800',
].join(' ');

/** Everything at once, hostile throughout. */
export const hostileSample: Results = poisoned(
  {
    ...conformSample,
    conform: officialConform,
    verb: 'demo',
    documents: validateSample.documents,
    load,
    doctor,
    interrupted: 'x',
  } as Results,
  hostileText,
);
