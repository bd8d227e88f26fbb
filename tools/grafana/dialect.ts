// How k6's metrics are named and asked for, by the way on which they came to Prometheus.

/** A Trend of k6, by its name there; all are of time. */
export type Trend = 'pull_duration' | 'push_duration' | 'http_req_duration' | 'http_req_waiting';

export interface Dialect {
  /** Name of the file and of the dashboard: stable, since links and imports go by it. */
  readonly id: string;
  readonly title: string;
  /** What has to be set for a run, and what is to be known of its figures. */
  readonly description: string;
  /** Of latencies, beside each panel of them. */
  readonly latencyNote: string;
  readonly documentation: string;
  /** Seconds; `by` are labels, `selector` the inside of the braces. */
  quantile(q: Quantile, trend: Trend, by: readonly string[], selector: string): string;
  /** For a heat map over time; absent where there are no histograms. */
  heat?(trend: Trend, selector: string): string;
  /** Requests that failed, per second. */
  failedRequests(by: readonly string[], selector: string): string;
}

export type Quantile = 0.5 | 0.95 | 0.99;

const every = '[$__rate_interval]';

/** `sum by (a, b)`; `sum` of all without labels. */
function sumBy(by: readonly string[]): string {
  return by.length === 0 ? 'sum' : `sum by (${by.join(', ')})`;
}

/** Per second, of a counter by k6's name for it. */
export function perSecond(counter: string, by: readonly string[], selector: string): string {
  return `${sumBy(by)} (rate(k6_${counter}_total{${selector}}${every}))`;
}

/** In all: each run counts from zero, so that the highest value is what it came to. */
export function inAll(counter: string, by: readonly string[], selector: string): string {
  return `${sumBy(by)} (max_over_time(k6_${counter}_total{${selector}}[$__range]))`;
}

/** Series of one status and failure either all failed or none of them did. */
function failedByRate(by: readonly string[], selector: string): string {
  const rate = `rate(k6_http_reqs_total{${selector}}${every})`;
  return `${sumBy(by)} (${rate} * k6_http_req_failed_rate{${selector}})`;
}

const remoteWrite =
  'https://grafana.com/docs/k6/latest/results-output/real-time/prometheus-remote-write/';

const nativeHistograms: Dialect = {
  id: 'pullproof-native-histograms',
  title: 'pullproof load: Prometheus, native histograms',
  description:
    'pullproof load --k6-out prometheus-rw with K6_FEATURES=native-histograms, into a Prometheus that takes remote ' +
    'writes and native histograms. Percentiles are exact across series and machines.',
  latencyNote: 'Percentiles of what ended within the interval.',
  documentation: remoteWrite,
  quantile: (q, trend, by, selector) =>
    `histogram_quantile(${q}, ${sumBy(by)} (rate(k6_${trend}_seconds{${selector}}${every})))`,
  heat: (trend, selector) => `sum (rate(k6_${trend}_seconds{${selector}}${every}))`,
  failedRequests: failedByRate,
};

const trendStats: Dialect = {
  id: 'pullproof-trend-stats',
  title: 'pullproof load: Prometheus, trend stats',
  description:
    "pullproof load --k6-out prometheus-rw with K6_PROMETHEUS_RW_TREND_STATS='p(50),p(95),p(99),max', into any Prometheus " +
    'that takes remote writes. Percentiles are gauges of single series: where several are shown as one, it is ' +
    'the highest of them, and those of several machines cannot be joined.',
  latencyNote: 'Percentiles since the start of the run, of series: the highest of them.',
  documentation: remoteWrite,
  quantile: (q, trend, by, selector) => {
    const max = by.length === 0 ? 'max' : `max by (${by.join(', ')})`;
    return `${max} (k6_${trend}_p${q * 100}{${selector}})`;
  },
  failedRequests: failedByRate,
};

const openTelemetry: Dialect = {
  id: 'pullproof-opentelemetry',
  title: 'pullproof load: OpenTelemetry',
  description:
    'pullproof load --k6-out opentelemetry with K6_OTEL_METRIC_PREFIX=k6_, by way of a collector or the OTLP receiver of ' +
    'Prometheus, with units and types in names (the default of both). Percentiles are estimated within buckets.',
  latencyNote: 'Percentiles of what ended within the interval, estimated within buckets.',
  documentation: 'https://grafana.com/docs/k6/latest/results-output/real-time/opentelemetry/',
  quantile: (q, trend, by, selector) => {
    const rate = `rate(k6_${trend}_milliseconds_bucket{${selector}}${every})`;
    return `histogram_quantile(${q}, ${sumBy(['le', ...by])} (${rate})) / 1000`;
  },
  heat: (trend, selector) =>
    `sum by (le) (rate(k6_${trend}_milliseconds_bucket{${selector}}${every}))`,
  failedRequests: (by, selector) =>
    perSecond('http_req_failed', by, `condition="nonzero", ${selector}`),
};

export const dialects: readonly Dialect[] = [nativeHistograms, trendStats, openTelemetry];
