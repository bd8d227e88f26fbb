// What the dashboards show: rows of panels, each with its queries in the dialect of the way on which metrics came.
import { type Dialect, inAll, perSecond, type Quantile } from './dialect.ts';

export interface Query {
  readonly expr: string;
  /** `{{label}}` of a series; '' for a single one. */
  readonly legend: string;
}

export interface Panel {
  readonly title: string;
  /** What it shows and what to think of it. */
  readonly description: string;
  readonly type: 'stat' | 'timeseries' | 'heatmap';
  /** Of Grafana: `s`, `reqps`, `percentunit`, `Bps` … */
  readonly unit: string;
  /** Of 24 columns. */
  readonly width: number;
  readonly queries: readonly Query[];
  /** Where a stat turns from green to red; a variable is none. */
  readonly redFrom?: number;
  /** Series are parts of one whole. */
  readonly isStacked?: boolean;
}

export interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

/** What figures are of: of whole pulls, of what failed or was waited for at a place, of requests. */
const run = 'testid=~"$testid"';
const ofPulls = `${run}, client=~"$client", image=~"$image"`;
const ofPlaces = `${ofPulls}, hop=~"$hop", host=~"$host"`;
const ofRequests = `${run}, hop=~"$hop", host=~"$host"`;
/** Pulls read; what pushes write has phases of its own. */
const ofAnswers = `${ofRequests}, cache!=""`;

const quantiles: readonly Quantile[] = [0.5, 0.95, 0.99];

export function rowsOf(dialect: Dialect): Row[] {
  return [
    overview(dialect),
    objectives(dialect),
    byParts('Phases', 'phase', 'what a request is for', dialect),
    byParts('Hops', 'hop', 'registry, token server or edge', dialect),
    byParts('Hosts', 'host', 'host and port', dialect),
    troubles(),
    caches(),
    bytes(),
    pushes(dialect),
  ];
}

function latencies(
  dialect: Dialect,
  trend: 'pull_duration' | 'push_duration',
  of: string,
): Query[] {
  return quantiles.map((q) => ({
    expr: dialect.quantile(q, trend, [], of),
    legend: `p${q * 100}`,
  }));
}

/** A count that k6 does not write before there is one: 0 where there is what it is of. */
function orZero(count: string, whole: string): string {
  return `${count} or 0 * ${whole}`;
}

/** Of one count in another with the same labels. */
function share(part: string, whole: string): string {
  return `(${orZero(part, whole)}) / ${whole}`;
}

/** Of each class of failures in all pulls. */
function shareByClass(counter: string, of: string): string {
  const whole = perSecond('pull_started', [], ofPulls);
  return `${perSecond(counter, ['class'], of)} / on () group_left () ${whole}`;
}

function overview(dialect: Dialect): Row {
  const heat = dialect.heat?.('pull_duration', ofPulls);
  return {
    title: 'Overview',
    panels: [
      ...figuresOf(dialect),
      {
        ...{ title: 'Pulls', type: 'timeseries', unit: 'ops', width: 8 },
        description: 'Pulls that succeeded and failed, per second, by client.',
        queries: [
          { expr: perSecond('pull_ok', ['client'], ofPulls), legend: '{{client}}' },
          {
            expr: orZero(
              perSecond('pull_failed', ['client'], ofPulls),
              perSecond('pull_started', ['client'], ofPulls),
            ),
            legend: '{{client}} failed',
          },
        ],
      },
      {
        ...{ title: 'Failed pulls by class', type: 'timeseries', unit: 'percentunit', width: 8 },
        description: 'Share of all pulls, by the class of what they failed with.',
        isStacked: true,
        queries: [{ expr: shareByClass('pull_failed', ofPulls), legend: '{{class}}' }],
      },
      {
        ...{ title: 'Time of a pull', type: 'timeseries', unit: 's', width: 8 },
        description: `Whole pulls that succeeded. ${dialect.latencyNote}`,
        queries: latencies(dialect, 'pull_duration', ofPulls),
      },
      ...(heat === undefined
        ? []
        : [
            {
              ...{ title: 'Time of a pull, as a heat map', type: 'heatmap', unit: 's', width: 8 },
              description: 'How many pulls took how long: two bands are two kinds of pulls.',
              queries: [{ expr: heat, legend: '{{le}}' }],
            } satisfies Panel,
          ]),
      {
        ...{
          title: 'Users, and pulls that never began',
          type: 'timeseries',
          unit: 'short',
          width: 8,
        },
        description:
          'Virtual users under way. Pulls are dropped when a rate is asked for and no user is free: then the ' +
          'latencies of the others look better than they are.',
        queries: [
          { expr: `sum (k6_vus{${run}})`, legend: 'users' },
          {
            expr: orZero(
              perSecond('dropped_iterations', [], run),
              perSecond('pull_started', [], run),
            ),
            legend: 'dropped per second',
          },
        ],
      },
      {
        ...{ title: 'Pulls by image', type: 'timeseries', unit: 'ops', width: 8 },
        description: 'Pulls that succeeded, per second.',
        isStacked: true,
        queries: [{ expr: perSecond('pull_ok', ['image'], ofPulls), legend: '{{image}}' }],
      },
    ],
  };
}

function figuresOf(dialect: Dialect): Panel[] {
  const stat = { type: 'stat', width: 4 } as const;
  const started = inAll('pull_started', [], ofPulls);
  const dropped = orZero(inAll('dropped_iterations', [], run), inAll('pull_started', [], run));
  const shareOf = (counter: string) => [
    { expr: share(inAll(counter, [], ofPulls), started), legend: '' },
  ];
  const p95 = { expr: dialect.quantile(0.95, 'pull_duration', [], ofPulls), legend: '' };
  return [
    {
      ...{ ...stat, title: 'Pulls', unit: 'short' },
      queries: [{ expr: orZero(inAll('pull_ok', [], ofPulls), started), legend: '' }],
      description: 'Pulls that succeeded in the time shown.',
    },
    {
      ...{ ...stat, title: 'Failed', unit: 'percentunit', queries: shareOf('pull_failed') },
      ...{ redFrom: 0.001, description: 'Share of the pulls that failed for good.' },
    },
    {
      ...{ ...stat, title: 'p95 of a pull', unit: 's', queries: [p95] },
      description: `Whole pulls that succeeded. ${dialect.latencyNote}`,
    },
    {
      ...{ ...stat, title: 'Retried', unit: 'percentunit', queries: shareOf('pull_with_retry') },
      description: 'Share of the pulls in which something was tried again or resumed.',
    },
    {
      ...{ ...stat, title: 'Never began', unit: 'short' },
      queries: [{ expr: dropped, legend: '' }],
      ...{ redFrom: 1, description: 'Due by the rate that was asked for, with no user free.' },
    },
    {
      ...{ ...stat, title: 'Users', unit: 'short' },
      queries: [{ expr: `sum (k6_vus{${run}})`, legend: '' }],
      description: 'Virtual users of k6 under way.',
    },
  ];
}

/** The bounds are variables at the top of the dashboard. */
function objectives(dialect: Dialect): Row {
  const p95 = dialect.quantile(0.95, 'pull_duration', [], ofPulls);
  const failed = share(
    perSecond('pull_failed', [], ofPulls),
    perSecond('pull_started', [], ofPulls),
  );
  return {
    title: 'Objectives',
    panels: [
      {
        ...{ title: 'p95 of a pull, and its bound', type: 'timeseries', unit: 's', width: 8 },
        description: `Set the bound above, as in --slo 'pull.p95<2s'. ${dialect.latencyNote}`,
        queries: [
          { expr: p95, legend: 'p95' },
          { expr: 'vector($slo_p95)', legend: 'bound' },
        ],
      },
      {
        ...{
          title: 'Failed pulls, and their bound',
          type: 'timeseries',
          unit: 'percentunit',
          width: 8,
        },
        description: "Set the bound above, as in --slo 'errors<0.1%' (0.001).",
        queries: [
          { expr: failed, legend: 'failed' },
          { expr: 'vector($slo_errors)', legend: 'bound' },
        ],
      },
      {
        ...{ title: 'Objectives held', type: 'timeseries', unit: 'bool_on_off', width: 8 },
        description: 'On while the bound holds.',
        queries: [
          { expr: `${p95} <= bool $slo_p95`, legend: 'p95' },
          { expr: `${failed} <= bool $slo_errors`, legend: 'failed pulls' },
        ],
      },
    ],
  };
}

/** Requests cut by one label: how many, how many of them failed, how long they took. */
function byParts(title: string, label: string, what: string, dialect: Dialect): Row {
  const [by, legend] = [[label], `{{${label}}}`];
  return {
    title,
    panels: [
      {
        ...{ title: `Requests by ${label}`, type: 'timeseries', unit: 'reqps', width: 6 },
        description: `Per second, by ${what}.`,
        isStacked: true,
        queries: [{ expr: perSecond('http_reqs', by, ofRequests), legend }],
      },
      {
        ...{ title: `Failed requests by ${label}`, type: 'timeseries', unit: 'reqps', width: 6 },
        description:
          'Per second. A 401 to a request without credentials is the first half of the token flow, and none of them. ' +
          'What a client heals by trying again is here, and in no pull that failed.',
        queries: [{ expr: dialect.failedRequests(by, ofRequests), legend }],
      },
      {
        ...{ title: `First byte by ${label}`, type: 'timeseries', unit: 's', width: 6 },
        description: `From the request to the first byte of the reply, p50 and p95. ${dialect.latencyNote}`,
        queries: ([0.5, 0.95] as const).map((q) => ({
          expr: dialect.quantile(q, 'http_req_waiting', by, ofRequests),
          legend: `${legend} p${q * 100}`,
        })),
      },
      {
        ...{ title: `Time of a request by ${label}`, type: 'timeseries', unit: 's', width: 6 },
        description: `From having a connection to the last byte, p50, p95 and p99. ${dialect.latencyNote}`,
        queries: quantiles.map((q) => ({
          expr: dialect.quantile(q, 'http_req_duration', by, ofRequests),
          legend: `${legend} p${q * 100}`,
        })),
      },
    ],
  };
}

function troubles(): Row {
  const placed = ['class', 'reason', 'hop', 'host', 'status'];
  const legend = '{{class}} {{reason}} at {{host}} ({{hop}}) {{status}}';
  return {
    title: 'Failures, retries and waits',
    panels: [
      {
        ...{ title: 'What pulls failed with', type: 'timeseries', unit: 'ops', width: 6 },
        description:
          'Per second, with reason, place and status. `pullproof explain CLASS` says what to do.',
        queries: [{ expr: perSecond('pull_failed', placed, ofPlaces), legend }],
      },
      {
        ...{ title: 'What was tried again', type: 'timeseries', unit: 'ops', width: 6 },
        description:
          'Per second: failures that clients tried again or resumed after, healed or not.',
        queries: [{ expr: perSecond('pull_retried', placed, ofPlaces), legend }],
      },
      {
        ...{ title: 'Waits of clients', type: 'timeseries', unit: 'short', width: 6 },
        description:
          'Seconds that clients pause of their own accord, per second, all added up: back-off before another try, ' +
          'Retry-After as a server asked, quota of a kubelet.',
        isStacked: true,
        queries: [
          {
            expr: `${perSecond('pull_wait', ['why'], ofPulls)} / 1000`,
            legend: '{{why}}',
          },
        ],
      },
      {
        ...{ title: 'Replies by status', type: 'timeseries', unit: 'reqps', width: 6 },
        description: 'Per second; 0 where no reply came, with the failure of the connection.',
        queries: [
          {
            expr: perSecond('http_reqs', ['status', 'failure'], ofRequests),
            legend: '{{status}} {{failure}}',
          },
        ],
      },
    ],
  };
}

function caches(): Row {
  const hits = perSecond('http_reqs', ['host'], `${ofRequests}, cache="hit"`);
  const told = perSecond('http_reqs', ['host'], `${ofRequests}, cache=~"hit|miss"`);
  return {
    title: 'Caches of edges',
    panels: [
      {
        ...{ title: 'Replies by cache', type: 'timeseries', unit: 'reqps', width: 12 },
        description: 'What edges say of their cache, per second; unknown: nothing.',
        isStacked: true,
        queries: [{ expr: perSecond('http_reqs', ['cache'], ofAnswers), legend: '{{cache}}' }],
      },
      {
        ...{ title: 'Hits by host', type: 'timeseries', unit: 'percentunit', width: 12 },
        description: 'Share of hits in the replies that tell.',
        queries: [{ expr: share(hits, told), legend: '{{host}}' }],
      },
    ],
  };
}

function bytes(): Row {
  return {
    title: 'Bytes',
    panels: [
      {
        ...{ title: 'Bytes of pulls', type: 'timeseries', unit: 'Bps', width: 12 },
        description:
          'Of configs and layers, per second, when pulls end; verified: their digest was checked.',
        queries: [
          { expr: perSecond('pull_bytes', [], ofPulls), legend: 'pulled' },
          { expr: perSecond('pull_verified_bytes', [], ofPulls), legend: 'verified' },
        ],
      },
      {
        ...{ title: 'Bytes by image', type: 'timeseries', unit: 'Bps', width: 12 },
        description: 'Of configs and layers, per second, when pulls end.',
        isStacked: true,
        queries: [{ expr: perSecond('pull_bytes', ['image'], ofPulls), legend: '{{image}}' }],
      },
    ],
  };
}

/** Of plans that push beside the pulls. */
function pushes(dialect: Dialect): Row {
  return {
    title: 'Pushes',
    panels: [
      {
        ...{ title: 'Pushes', type: 'timeseries', unit: 'ops', width: 8 },
        description:
          'Pushes of a plan that has them, per second: those that succeeded, and what the others failed with.',
        queries: [
          { expr: perSecond('push_ok', [], run), legend: 'ok' },
          {
            expr: perSecond('push_failed', ['class', 'phase'], run),
            legend: '{{class}} ({{phase}})',
          },
        ],
      },
      {
        ...{ title: 'Time of a push', type: 'timeseries', unit: 's', width: 8 },
        description: `Whole pushes that succeeded. ${dialect.latencyNote}`,
        queries: latencies(dialect, 'push_duration', run),
      },
      {
        ...{ title: 'Bytes of pushes', type: 'timeseries', unit: 'Bps', width: 8 },
        description: 'Of blobs that were uploaded, per second, when pushes end.',
        queries: [{ expr: perSecond('push_bytes', [], run), legend: 'pushed' }],
      },
    ],
  };
}
