// Comparisons for tests: one of each kind, and one in which every text that comes from outside is hostile. Used by
// tests only.
import type { Comparison, DocumentFinding, MetricChange } from '../../reports/comparison.ts';

const common = {
  schema: 'pullproof/comparison/v1',
  tool: { name: 'pullproof', version: '0.1.0' },
  madeAt: '2026-03-02T09:30:00.000Z',
  base: [
    {
      path: 'nightly',
      target: 'registry.example.com/team/app',
      startedAt: '2026-03-01T09:30:00Z',
      version: '0.1.0',
    },
  ],
  with: [
    {
      path: 'tonight',
      target: 'registry.example.com/team/app',
      startedAt: '2026-03-02T09:30:00Z',
      version: '0.1.1',
    },
  ],
  incomparable: [],
  warnings: [
    {
      id: 'other-version',
      message: 'the versions of pullproof differ: 0.1.0 in nightly, 0.1.1 in tonight',
    },
  ],
} as const satisfies Partial<Comparison>;

type Latency = Pick<MetricChange, 'place' | 'name' | 'statistic'> & { ttfb?: true };

function latency(of: Latency, base: number, ratio: number, wide: number): MetricChange {
  const [low, high] = [ratio / wide, ratio * wide];
  const isWorse = low > 1.1;
  const isBetter = high < 1 / 1.1;
  const verdict = isWorse ? 'slower' : isBetter ? 'faster' : 'no evidence';
  const at = of.place === 'pull' ? 'pull' : `${of.place}:${of.name}`;
  return {
    ...of,
    metric: `${at}${of.ttfb === true ? '.ttfb' : ''}.${of.statistic}`,
    unit: 'ms',
    base: { value: base, runs: [base], count: 12_000 },
    with: { value: base * ratio, runs: [base * ratio], count: 11_980 },
    ratio: { value: ratio, low, high },
    difference: { value: base * (ratio - 1), low: base * (low - 1), high: base * (high - 1) },
    ...{ verdict, regression: isWorse },
  };
}

function share(
  statistic: 'failed' | 'dropped' | 'retried' | 'hits',
  base: number,
  now: number,
  more: Partial<MetricChange> = {},
): MetricChange {
  const isHits = statistic === 'hits';
  return {
    ...{ metric: isHits ? 'edge.hits' : `pull.${statistic}`, place: isHits ? 'hop' : 'pull' },
    ...{ name: isHits ? 'edge' : '', statistic, unit: '%' },
    base: { value: base, runs: [base], count: 12_000 },
    with: { value: now, runs: [now], count: 11_980 },
    ratio:
      base === 0 ? null : { value: now / base, low: (now / base) * 0.8, high: (now / base) * 1.2 },
    difference: { value: now - base, low: now - base - 0.2, high: now - base + 0.2 },
    p: { raw: 0.2, adjusted: 0.8 },
    ...{ verdict: 'no evidence', regression: false, ...more },
  };
}

const changes: MetricChange[] = [
  latency({ place: 'pull', name: '', statistic: 'p95' }, 412, 1.31, 1.06),
  latency({ place: 'pull', name: '', statistic: 'p50' }, 186, 1.22, 1.04),
  share('failed', 0, 1.04, {
    verdict: 'slower',
    regression: true,
    p: { raw: 1e-9, adjusted: 4e-9 },
  }),
  share('dropped', 0, 0),
  share('retried', 0.4, 0.5),
  {
    ...share('failed', 0, 1.04),
    metric: 'pull.failed:server-error',
    class: 'server-error',
    verdict: 'slower',
    regression: true,
  },
  share('hits', 92.1, 91.8),
  latency({ place: 'hop', name: 'edge', statistic: 'p95' }, 96.4, 1.29, 1.05),
  latency({ place: 'hop', name: 'edge', statistic: 'p50' }, 41.2, 1.3, 1.02),
  latency({ place: 'hop', name: 'edge', statistic: 'p95', ttfb: true }, 61, 1.36, 1.06),
  latency({ place: 'hop', name: 'registry', statistic: 'p95' }, 9.1, 0.71, 1.04),
  latency({ place: 'hop', name: 'registry', statistic: 'p50' }, 4.4, 1.01, 1.05),
  latency({ place: 'phase', name: 'layer', statistic: 'p95' }, 140, 1.28, 1.07),
  latency({ place: 'phase', name: 'token', statistic: 'p95' }, 12, 0.98, 1.3),
  latency({ place: 'host', name: 'cdn01.example.net:443', statistic: 'p95' }, 96, 1.29, 1.05),
  latency({ place: 'edge', name: 'FRA56-P4', statistic: 'p95' }, 91, 1.04, 1.2),
  {
    ...latency({ place: 'edge', name: 'LHR50-P1', statistic: 'p95' }, 144, 1.6, 1.9),
    ...{ verdict: 'too few', ratio: null, difference: null, regression: false },
    why: 'a run has 40 of them; a p95 needs 100',
  },
];

export const loadComparison: Comparison = {
  ...common,
  base: [...common.base],
  with: [...common.with],
  incomparable: [],
  warnings: [...common.warnings],
  of: 'load',
  verdict: 'fail',
  exitCode: 1,
  load: {
    method: {
      unit: 'seconds',
      sentences: [
        'A side has fewer than four runs, so that the noise between runs is unknown.',
        'A change counts where it is larger than 3 runs of one and the same differed (nightly).',
      ],
      alpha: 0.05,
      minEffect: 0.1,
      floorMs: 0,
      calibration: { path: 'nightly', runs: 3, width: { 'pull.p95': 1.04 } },
    },
    changes,
    leftOut: 2,
  },
};

/** Nothing differs. */
export const sameComparison: Comparison = {
  ...loadComparison,
  verdict: 'pass',
  exitCode: 0,
  warnings: [],
  load: {
    method: (loadComparison.load as NonNullable<Comparison['load']>).method,
    changes: [
      latency({ place: 'pull', name: '', statistic: 'p95' }, 412, 1.01, 1.06),
      latency({ place: 'pull', name: '', statistic: 'p50' }, 186, 0.99, 1.02),
      share('failed', 0, 0),
    ],
    leftOut: 0,
  },
};

export const refusedComparison: Comparison = {
  ...loadComparison,
  verdict: 'error',
  exitCode: 2,
  incomparable: [
    { id: 'other-client', message: 'the clients differ: podman in nightly, docker in tonight' },
    {
      id: 'other-rate',
      message: 'the rates that were asked for differ: 20/s in nightly, 50/s in tonight',
    },
  ],
};
delete refusedComparison.load;

const check = {
  level: 'MUST',
  section: 'distribution-spec/spec.md#pulling-blobs',
  requirement: 'A blob is served.',
} as const;

export const conformComparison: Comparison = {
  ...sameComparison,
  of: 'conform',
  verdict: 'fail',
  exitCode: 1,
  conform: {
    newlyFailing: [
      {
        ...check,
        id: 'blob-get',
        base: { verdict: 'pass', actual: '200' },
        with: { verdict: 'fail', actual: '404' },
        regression: true,
      },
      {
        ...check,
        id: 'blob-range',
        level: 'COMPAT',
        with: { verdict: 'warn', actual: '200 with the whole blob' },
        regression: false,
      },
    ],
    newlyPassing: [
      {
        ...check,
        id: 'tag-list',
        base: { verdict: 'warn', actual: 'out of order' },
        with: { verdict: 'pass', actual: '200' },
        regression: false,
      },
    ],
    changedVerdicts: [
      {
        ...check,
        id: 'blob-delete',
        base: { verdict: 'pass', actual: '202' },
        with: { verdict: 'unsupported', actual: '405' },
        regression: false,
      },
    ],
    changedWords: [
      {
        ...check,
        id: 'blob-mount',
        base: { verdict: 'fail', actual: '400' },
        with: { verdict: 'fail', actual: '500' },
        regression: false,
      },
    ],
    appeared: [
      { ...check, id: 'blob-new', with: { verdict: 'pass', actual: '200' }, regression: false },
    ],
    gone: [
      { ...check, id: 'blob-old', base: { verdict: 'pass', actual: '200' }, regression: false },
    ],
    same: 312,
  },
};
delete conformComparison.load;

const finding: DocumentFinding = {
  ...{
    path: 'layout/index.json',
    ruleId: 'descriptor-size',
    level: 'error',
    pointer: '/manifests/0/size',
  },
  ...{ line: 7, column: 15, spec: 'image-spec/descriptor.md#properties' },
  message: 'size is -12, less than 0.',
  regression: false,
};

export const validateComparison: Comparison = {
  ...sameComparison,
  of: 'validate',
  verdict: 'fail',
  exitCode: 1,
  validate: {
    appeared: [
      { ...finding, regression: true },
      { ...finding, level: 'note', ruleId: 'config-created-missing', regression: false },
    ],
    gone: [{ ...finding, line: 9, regression: false }],
    same: 4,
  },
};
delete validateComparison.load;

export const comparisons: readonly Comparison[] = [
  ...[loadComparison, sameComparison, refusedComparison, conformComparison, validateComparison],
];

const names: ReadonlySet<string> = new Set([
  ...[
    'schema',
    'of',
    'verdict',
    'madeAt',
    'startedAt',
    'id',
    'place',
    'statistic',
    'unit',
    'level',
  ],
]);

/** Every text that a registry, a document or a file name has a part in is this one. */
export function poisonedComparison(comparison: Comparison, text: string): Comparison {
  const walk = (value: unknown, name: string): unknown => {
    if (Array.isArray(value)) return value.map((one) => walk(one, name));
    if (typeof value === 'object' && value !== null) {
      return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, walk(one, key)]));
    }
    return typeof value === 'string' && !names.has(name) ? text : value;
  };
  const { tool, ...rest } = comparison;
  return { ...(walk(rest, '') as Omit<Comparison, 'tool'>), tool };
}
