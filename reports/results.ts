// The results document: the one thing that every verb writes and every report is a pure function of.
// Its JSON Schema is schemas/results.schema.json; a test holds the two together.

export type Verb = 'validate' | 'conform' | 'load' | 'doctor' | 'demo';

export interface Results {
  schema: 'pullproof/results/v1';
  verb: Verb;
  tool: { name: 'pullproof'; version: string };
  /** What was proved: a registry, an image, or paths, in the user's words (credentials removed). */
  target: string;
  /** RFC 3339, UTC. */
  startedAt: string;
  durationMs: number;
  /** `error`: the run could not be carried out, or not to its end. */
  verdict: 'pass' | 'fail' | 'error';
  exitCode: number;
  environment: Environment;
  /** Set when the run did not reach its end: what happened, in one sentence. */
  interrupted?: string;
  /** Written when the run began, to be replaced at its end: nothing came to do that. */
  begun?: true;
  documents?: DocumentResult[];
  /** Of `validate`: the rules that findings name, by id: what each demands, and where it is written. */
  rules?: RuleSource[];
  /** Of `validate`: blobs of images whose bytes hash to the digest that names them. */
  verified?: { blobs: number; bytes: number };
  /** Of `validate`: files of folders, and excluded ones, that were not judged; absent when there are none. */
  skipped?: SkippedFiles[];
  /** Of `validate`: what could not be read or reached, each with what to do; the rest was judged. */
  unread?: UnreadInput[];
  /** Of `validate`, where known findings were accepted. */
  baseline?: BaselineOutcome;
  checks?: CheckResult[];
  conform?: ConformSummary;
  load?: LoadResult;
  doctor?: DoctorResult;
}

export interface Environment {
  node: string;
  os: string;
  cpus: number;
  /** Model of the processors; absent where the system does not tell. */
  cpu?: string;
  /** By which runs on one machine know each other: a hash of what names it, 12 hex digits. */
  machine?: string;
  /** The seed of every random choice of the run. */
  seed: number;
  /** Command line as given, secrets removed. */
  command: string;
}

export interface SkippedFiles {
  /** Such as `ignored by git`. */
  reason: string;
  /** Files, and folders that were not entered. */
  count: number;
  /** The first thousand. */
  paths: string[];
}

export interface UnreadInput {
  /** Slug of the error, such as `input-unreadable`. */
  code: string;
  message: string;
  hint: string;
}

export interface RuleSource {
  id: string;
  /** What it counts as where no setting says otherwise. */
  level?: Finding['level'];
  /** What it demands, and what to do where that does not hold: a sentence or two each. */
  summary?: string;
  fix?: string;
  /** From the root of pullproof's source, such as `src/validate/rules/descriptor.ts`. */
  file: string;
  /** The folder of that file. */
  room: string;
}

export interface DocumentResult {
  path: string;
  /** manifest | index | config | … ; `unknown` when it could not be told. */
  kind: string;
  valid: boolean;
  findings: Finding[];
  /** Of documents and layers of an image that have findings: who refers to them. */
  referredBy?: ReferredBy;
}

/** The first way to a document or layer of an image, from what was asked for down. */
export interface ReferredBy {
  /** The document that refers to it, as in `DocumentResult.path`. */
  path: string;
  /** RFC 6901 JSON pointer of the descriptor in that document. */
  pointer: string;
  /** The tag or name that leads there. */
  tag?: string;
  /** Platform of the index entry that leads there, such as `linux/arm/v7`. */
  platform?: string;
  /** Descriptors beside this one that refer to it too. */
  others: number;
}

export interface Finding {
  ruleId: string;
  level: 'error' | 'warning' | 'note';
  /** RFC 6901 JSON pointer; '' is the whole document. */
  pointer: string;
  /** 1-based. */
  line: number;
  column: number;
  message: string;
  /** Section of the spec that decides, such as `image-spec/manifest.md#image-manifest-property-descriptions`. */
  spec: string;
  /** The line of the source; absent where there is none, and where it may hold secrets. */
  excerpt?: Excerpt;
  /** What to write instead, where that is plain: `--fix` does. */
  edits?: Edit[];
  /** The baseline knows it: it is shown, and counts for nothing. */
  accepted?: true;
}

/** Text to write in place of what stands between two places, both from 1; the end is the first place behind it. */
export interface Edit {
  line: number;
  column: number;
  endLine: number;
  endColumn: number;
  text: string;
}

/** Part of one line of a document, harmless to show, one column a character. */
export interface Excerpt {
  text: string;
  /** Where the finding begins in `text`, counted from 1. */
  column: number;
  /** Characters from there that the finding is about. */
  length: number;
  /** Whether the line goes on. */
  cut: { before: boolean; after: boolean };
}

/** What became of the findings that were known before a run. */
export interface BaselineOutcome {
  /** Findings that were found again, and accepted. */
  accepted: number;
  /** Known findings of documents of this run that were not found again. */
  gone: { path: string; ruleId: string; pointer: string }[];
  /** Known findings of documents that this run did not look at. */
  elsewhere: number;
}

/** How the checks were run, and what remains of them. */
export interface ConformSummary {
  /** `full`: the run pushed data of its own; `read-only`: it only read. */
  mode: 'full' | 'read-only';
  /** Why it only read although a full run was asked for. */
  reason?: string;
  repository: string;
  /** What was pushed and could not be deleted: `repository manifest|blob reference`. */
  left: string[];
  /** What the registry offers, told apart from what it does wrong. */
  capabilities: Capability[];
  /** What servers did in passing that no valid request should get; absent where nothing came. */
  stumbles?: Stumble[];
  /** Requests that a rate limit put off (429), and how long they were waited for. */
  limits?: { count: number; waitedMs: number };
  baseline?: BaselineSummary;
  /** Of `--official`: what the official suite came to on the same registry. */
  official?: OfficialSummary;
}

/** What the official suite came to; without `submission` it did not come to its end. */
export interface OfficialSummary {
  /** Version or revision that it was built from, or `unknown`. */
  suite: string;
  /** File with what it wrote while it ran. */
  log: string;
  durationMs: number;
  /** Why there are no results of it. */
  problem?: string;
  /** Of the distribution spec, as it says itself: `1.1`. */
  specVersion?: string;
  /** Its test cases. */
  cases?: { passed: number; failed: number; skipped: number };
  submission?: Submission;
  /** Parts of the API and kinds of content of which both say the same. */
  agreed?: number;
  disagreements?: OfficialDisagreement[];
}

/** The folder that is to be handed in to opencontainers/oci-conformance. */
export interface Submission {
  folder: string;
  /** Whether nothing speaks against handing it in. */
  fit: boolean;
  findings: OfficialFinding[];
}

/** What speaks against handing in a folder (`error`), or what a reviewer may ask about. */
export interface OfficialFinding {
  /** In the folder. */
  file: string;
  /** From 1; absent where it is about the whole file. */
  line?: number;
  level: 'error' | 'warning';
  message: string;
}

/** One entry of the official results of which our checks say something else. */
export interface OfficialDisagreement {
  kind: 'api' | 'data';
  /** As in results.yaml. */
  name: string;
  official: 'Pass' | 'FAIL' | 'Skip' | 'Disabled' | 'Error';
  /** `not asked`: no check here is about it, or was run. */
  ours: 'holds' | 'fails' | 'not offered' | 'not asked';
  /** Its test cases that failed, at most 20, and how many there are. */
  cases: string[];
  caseCount: number;
  /** Our checks that failed, at most 20, and how many there are. */
  checks: string[];
  checkCount: number;
}

/** One kind of answer that no valid request should get, and how often it came. */
export interface Stumble {
  /**
   * `server-error`: a 5xx, or no token now and then. `connection`: none, or one that broke off. `set-up`: what a check was to begin
   * with was not done, although the check that demands it holds.
   */
  kind: 'server-error' | 'connection' | 'set-up';
  /** Who answered so, in words. */
  party: string;
  /** Method and path, names left open: `PUT /v2/<name>/blobs/uploads/<session>`. */
  request: string;
  /** `status 500`, or how the connection failed. */
  answer: string;
  count: number;
  /** Ids of checks in which it came, `set-up` and `clean-up` for what is around them; bounded. */
  checks: string[];
}

/** One thing that a registry may offer. */
export interface Capability {
  name: string;
  /** Null: nothing that was run says. */
  supported: boolean | null;
  /** Ids of the checks that say so; none when it was seen in passing. */
  by: string[];
}

/** What became of the expected failures of a baseline, by ids of checks. */
export interface BaselineSummary {
  /** As the user named it. */
  file: string;
  /** Failures and warnings that the baseline lists. */
  expected: string[];
  /** Failures and warnings that it does not list. */
  unexpected: string[];
  /** Listed, and no failure any more; entries as the baseline has them, globs too. */
  fixed: string[];
  /** Listed, but not run or void this time. */
  unjudged: string[];
}

export type CheckLevel = 'MUST' | 'SHOULD' | 'MAY' | 'COMPAT';

export type Verdict =
  | 'pass'
  | 'fail'
  | 'warn' // a SHOULD or COMPAT that does not hold
  | 'unsupported' // the registry says, in a permitted way, that it does not offer this
  | 'void' // a check that this one depends on failed
  | 'harness-error';

export interface CheckResult {
  id: string;
  level: CheckLevel;
  /** Anchor in the spec, such as `distribution-spec/spec.md#pulling-blobs`. */
  section: string;
  /** The requirement in our own words. */
  requirement: string;
  verdict: Verdict;
  expected: string;
  actual: string;
  /** Why a user of the registry cares. */
  why: string;
  /** Where the check is written, from the root of pullproof's source. */
  file?: string;
  /** The folder of that file: the subject of the check. */
  room?: string;
  /** Why the baseline expects this failure; the run does not fail for it. */
  expectedFailure?: string;
  evidence: Exchange[];
  durationMs: number;
}

/** One request and its reply, redacted and capped. */
export interface Exchange {
  request: { method: string; url: string; headers: [string, string][]; body?: string };
  reply: {
    status: number;
    headers: [string, string][];
    /** At most 4 KiB, secrets removed; absent when the body was not kept. */
    body?: string;
    bytes: number;
    digest?: string;
    failure?: string;
    failureMessage?: string;
  };
  /** A shell line that repeats the request (with placeholders for secrets). */
  curl: string;
  ms: number;
}

/** Percentiles in milliseconds over `count` successful ones; failed ones are counted elsewhere. */
export interface LatencySummary {
  count: number;
  p50: number;
  p90: number;
  p95: number;
  p99: number;
  max: number;
}

export interface HopSummary extends LatencySummary {
  failed: number;
  /** Requests that were under way when the run gave up waiting; absent for none. */
  unfinished?: number;
  bytes: number;
  /** Time to first byte, milliseconds. */
  ttfb: LatencySummary;
  /** Connections that were opened. Not told by stock k6, nor the parts below. */
  connections?: number;
  /** Parts of the dials, each over those that had it: a name to look up, a TLS handshake. */
  dns?: LatencySummary;
  connect?: LatencySummary;
  tls?: LatencySummary;
}

/** Failures of one kind at one place. What is not known of them is absent, as all but the first is on stock k6. */
export interface LoadError {
  class: string;
  count: number;
  /** What it is in particular, such as `expired` of `tls`. */
  reason?: string;
  hop?: string;
  /** `host:port` that failed. */
  host?: string;
  /** Where it struck most. */
  phase?: string;
  /** 0 when no reply came. */
  status?: number;
  /** One of them in words. */
  example: string;
  hint: string;
  /** What the client that is played prints of it; absent where that is not known. */
  clientSays?: string;
  /** Of the example. */
  evidence?: LoadEvidence;
}

/** What there is to show for a failure; texts of the peer are bounded and not to be trusted. */
export interface LoadEvidence {
  method: string;
  /** Without its query. */
  url: string;
  /** `ip:port` that was connected to; '' where no connection was made. */
  address: string;
  contentType: string;
  /** Beginning of the error's body, or of what came in place of a blob. */
  body: string;
  /** Body bytes that came, and how many should have. */
  bytes: number;
  bytesExpected?: number;
}

/** A pause that clients made of their own accord. */
export interface LoadWait {
  /** Before a try of its own pace, as a server told it to, or for the quota of its node (kubelet). */
  why: 'back-off' | 'retry-after' | 'quota';
  count: number;
  /** In all, side by side counted each. */
  seconds: number;
}

/** Requests that were under way when the run gave up waiting, by place. */
export interface Unfinished {
  phase: string;
  hop: string;
  host: string;
  address: string;
  requests: number;
  /** Body bytes that had come in all, and of how many where that was announced. */
  bytes: number;
  bytesExpected?: number;
  /** The longest of them. */
  seconds: number;
}

/** What a server said of its limits. */
export interface RateLimitHeader {
  host: string;
  hop: string;
  /** Lower case: `retry-after`, `ratelimit-remaining`, `docker-ratelimit-source` … */
  header: string;
  last: string;
  /** The least value, of headers that begin with a number. */
  least?: number;
  replies: number;
}

/** Pulls of one client or of one image. */
export interface LoadPart {
  ok: number;
  failed: number;
  /** Pulls in which something was tried again. */
  retried: number;
  pullMs: LatencySummary;
}

/** A peer that answered, and which edge of a CDN it says it is. */
export interface ServerCounts {
  host: string;
  /** `ip:port`. */
  address: string;
  /** '' when the replies name none. */
  edge: string;
  requests: number;
  failed: number;
  /** What it said of its cache. */
  hits: number;
  misses: number;
  bytes: number;
  /** Connections opened to it. */
  connections: number;
  /** Requests that were under way when the run gave up waiting; absent for none. */
  unfinished?: number;
  /** Of edges, over requests that did not fail. */
  latency?: LatencySummary;
  ttfb?: LatencySummary;
  /** While bodies came, over single connections. */
  bytesPerSecond?: number;
}

/** How often one phase ended so. */
export interface StatusCount {
  phase: string;
  hop: string;
  host?: string;
  /** 0 when no reply came. */
  status: number;
  /** Class of the failure below HTTP, '' without one. */
  failure: string;
  count: number;
}

/** The rate at which an objective begins to break, found by steps of constant rate. */
export interface Knee {
  /** Pulls per second of the highest rate that held; 0 when the lowest one broke. */
  perSecond: number;
  /** The lowest rate that broke; null when none did. */
  brokeAt: number | null;
  /** The objectives that broke there. */
  broke: string[];
  /** Share of the repeated steps at these two rates that agree with it, 0 to 1. */
  confidence: number;
  /** In the order in which they were run; `done`: successful pulls per second. */
  steps: { perSecond: number; done: number; held: boolean; broke: string[] }[];
}

/** What of a trace was replayed. */
export interface Replay {
  format: 'mock-log' | 'access-log' | 'har' | 'registry-trace';
  /** Requests that were to be replayed. */
  requests: number;
  /** How many times faster than recorded. */
  speed: number;
  /** Requests of the trace that cannot be replayed, by reason. */
  skipped: { reason: string; count: number }[];
  /** Requests that began more than a second late, because no virtual user was free. */
  late: number;
  /** Requests that failed with the status with which they had failed in the trace: no failures of this run. */
  asRecorded?: number;
}

/** Runs that were joined into one; of what was joined before, all that is in it. */
export interface Merged {
  runs: number;
  /** Segments of the sequence that none of them made. */
  missing: string[];
  /** All points of that sequence, as in `segment`; absent where none was given. */
  of?: string;
  /** Seconds of the measured window in which all of them were under way. */
  togetherSeconds: number;
  /** From the first request of the first of them to the first request of the last. */
  startsWithinSeconds?: number;
  /** Runs of which is known how busy their machine was. */
  known?: number;
  runners?: Runners;
  /** Absent where no two of them know by how much their clock differs from the registry's. */
  clocks?: Clocks;
}

/** Processes of k6 that told what their machine gave them. */
export interface Runners {
  told: number;
  /** How many of them were at a limit of their own, the most frequent limit first. */
  limits: { limit: RunnerLimit; runners: number }[];
  /** Those that were nearest to one, at most 8. */
  worst: RunnerFigures[];
}

/**
 * What ended what a k6 could do: all that it may use of the processors (`cpu`), a quota that was used up again and again
 * (`throttled`), a machine with nothing left, of which it had a good part (`machine`), or others before it (`lag`).
 */
export type RunnerLimit = 'cpu' | 'throttled' | 'machine' | 'lag';

/** What a machine gave one process of k6 while it made load; shares from 0 to 1. What it does not tell is absent. */
export interface RunnerFigures {
  /** Host, process, and a random part. */
  id: string;
  /** Processors that it might use, quotas considered; and the share of them that it took. */
  cpus: number;
  own?: number;
  /** Share of all processors of its machine that was in use, by whatever. */
  machineBusy?: number;
  /** Share of the periods of its quota in which that was used up. */
  throttled?: number;
  /** By how much a clock that ticks every 20 ms was late at most: in the p95 of the seconds, and in the worst. */
  lagMs: { p95: number; max: number };
  /** By how much its clock was ahead of the registry's, by the `Date` of replies. */
  skewMs?: number;
  limit?: RunnerLimit;
}

/** How far the clocks of runners are from each other, as the registry's replies tell. */
export interface Clocks {
  differMs: number;
  /** Those that are far from most of the others, at most 8, the farthest first: by how much they are ahead of them. */
  off: { id: string; aheadMs: number }[];
}

/** Pushes of made-up images beside the pulls, measured apart. */
export interface Pushes {
  /** `host:port/repository` that was pushed to. */
  repository: string;
  /** Users, at most. */
  vus: number;
  ok: number;
  failed: number;
  /** Due by the rate but never started. */
  dropped: number;
  /** Successful ones, over the seconds from the first request of a push to the last. */
  perSecond: number;
  requests: { total: number; failed: number };
  /** Of blobs that successful pushes uploaded. */
  bytes: { sent: number; perSecond: number };
  /** Blobs that the registry had already, so that they were not uploaded. */
  known: number;
  /** Of successful pushes. */
  pushMs: LatencySummary;
  phases: Record<string, LatencySummary>;
  errors: LoadError[];
  /** What stays in the registry: so many tags that begin so. */
  left: { prefix: string; tags: number }[];
}

export interface LoadResult {
  /** Profile name; of a mix all of them, joined by commas. */
  client: string;
  shape:
    | 'smoke'
    | 'herd'
    | 'ramp'
    | 'rate'
    | 'vus'
    | 'iterations'
    | 'spike'
    | 'soak'
    | 'breakpoint'
    | 'replay';
  /** `built`: our k6 with the extension; `stock`: plain k6. */
  engine: 'built' | 'stock';
  images: string[];
  /** What was verified: every blob by digest, a sample, by size only, nothing. */
  verify: 'all' | 'sample' | 'size' | 'none';
  vus: number;
  /** Version of k6, such as `2.2.0`. */
  k6?: string;
  asked?: LoadAsked;
  /** What the references named when the run began: the digest of manifest or index, by image as in `images`. */
  digests?: Record<string, string>;
  /** Of `load --calibrate`, the last of so many runs alike: by which ratios they differed at most, by metric of a comparison. */
  calibration?: { runs: number; width: Record<string, number> };
  /** The file of the plan, as given; its text is cut at 64 KiB. */
  planFile?: { path: string; text: string };
  /** When k6 was started, RFC 3339 to the nanosecond, as the timeline says: by it the two know each other. */
  startedAt?: string;
  /** Seconds of the measured window. */
  seconds: number;
  /**
   * `dropped`: due by the rate but never started; `perSecond` counts the successful ones; `retried`: in
   * which something was tried again or resumed, whatever came of it.
   */
  pulls: { ok: number; failed: number; dropped: number; perSecond: number; retried?: number };
  requests: { total: number; failed: number; perSecond: number };
  bytes: { total: number; verified: number; perSecond: number };
  pullMs: LatencySummary;
  /** Whole steps: redirect and body, dialling included. */
  phases: Record<string, LatencySummary>;
  /** Single requests of a phase, by the hop that answered. */
  phaseHops?: Record<string, Record<string, LatencySummary>>;
  hops: Record<string, HopSummary>;
  hosts: Record<string, HopSummary & { role: string }>;
  /** The busiest first; absent on stock k6, as are the statuses. */
  servers?: ServerCounts[];
  statuses?: StatusCount[];
  cache: { hit: number; miss: number; unknown: number };
  errors: LoadError[];
  /** What was tried again or resumed after a failure, whether or not that healed it. */
  retried?: LoadError[];
  waits?: LoadWait[];
  unfinished?: Unfinished[];
  /** Blobs that an edge did not have when it was asked, the most often first. */
  misses?: { digest: string; misses: number }[];
  rateLimits?: RateLimitHeader[];
  /** Of a mix of clients, and of several images. */
  byClient?: Record<string, LoadPart>;
  byImage?: Record<string, LoadPart>;
  slo: SloResult[];
  /**
   * What limited: a hop, the machine or the runners (`client`), the client's own waits (`client-waits`), or our mock. `none`:
   * nothing, the rate that was asked for was reached; `pulls-fail`: too few succeeded to speak of a limit.
   */
  bottleneck:
    | 'registry'
    | 'edge'
    | 'token'
    | 'client'
    | 'client-waits'
    | 'mock'
    | 'pulls-fail'
    | 'unknown'
    | 'none';
  /** Shares of this machine's processors in use during the run, 0 to 1: by everything, and by k6. */
  processors?: { busy: number; own?: number };
  /** The same from within k6, and over the time of the load alone; of a run that was not joined. */
  runner?: RunnerFigures;
  /** All servers are pullproof's own mock. */
  fromMock?: true;
  /** Pushes beside the pulls; everything else in here is about pulls alone. */
  pushes?: Pushes;
  /** Of a breakpoint run: how much the registry bears. */
  knee?: Knee;
  /** Of a replay, where `pulls` counts requests of the trace. */
  replay?: Replay;
  /** Fingerprint of the plan, without seed and credentials: runs with the same can be joined. */
  plan?: string;
  /** Of a run that made a share of the load: from and to, and all points of the sequence, as in k6. */
  segment?: { part: string; of: string };
  /** Of runs that were joined. */
  merged?: Merged;
  /** Not told by stock k6. */
  course?: Course;
  /** At most 9 whole pulls, three of each kind. */
  pullSamples?: PullSample[];
  /** One entry per second of the run, for charts. */
  timeline: {
    second: number;
    /** Pulls that succeeded in this second. */
    pulls: number;
    /** Pulls that failed in this second. */
    failed: number;
    /** Body bytes received in this second. */
    bytes: number;
    /** Pull p95 within this second, milliseconds; 0 without pulls. */
    p95: number;
  }[];
}

/** What load was asked for, as far as runs must agree in it to be compared. */
export interface LoadAsked {
  /** `os/arch[/variant]`, in the order of the plan. */
  platforms: string[];
  /** Pulls due per second, at the highest; of an open model. */
  perSecond?: number;
  /** Of a shape that lasts for a time. */
  durationSeconds?: number;
  /** Of a shape that ends with so many pulls. */
  iterations?: number;
  /** How long users pause after a pull, in the mean. */
  pauseMs?: number;
  /** `sha256:…` of what varies from pull to pull and of mirrors and pushes, without seed, hosts and credentials; absent: nothing. */
  varies?: string;
}

/** How a run went, in steps of equal length from its first second on; at most 600 steps, however long it was. */
export interface Course {
  /** Whole seconds. */
  stepSeconds: number;
  /** How many; every list below has as many entries. */
  steps: number;
  /**
   * Seconds from the start of the first step: of the first request, until when pulls were begun (what ended later
   * had been under way), and of the end. First and last step are of so much less than a step's time.
   */
  window?: { from: number; begunUntil: number; to: number };
  /** Successful pulls, failed ones, and bytes of blobs. */
  pulls: number[];
  failed: number[];
  bytes: number[];
  /** Pulls that were due and not started. */
  dropped: number[];
  /** Of the pulls that succeeded in the step, ms, within 1 %; null without one. */
  p50: (number | null)[];
  p95: (number | null)[];
  /**
   * Latencies of pulls by class: upper bounds in ms, rising, at most 60 classes; of each step the counts as
   * [class, count, class, count …], classes without a pull left out.
   */
  latency: { boundsMs: number[]; counts: number[][] };
  /** Failed pulls, and what was tried again, by class: the most frequent first, at most 11 and `other`. */
  failedBy: { class: string; counts: number[] }[];
  retriedBy: { class: string; counts: number[] }[];
  /** Of each hop (registry, token, edge): p50 and p95 of its requests, ms; null without one. */
  hops: Record<string, { p50: (number | null)[]; p95: (number | null)[] }>;
}

/** One whole pull, request by request: typical (near the median), slow (near the p99), or failed. */
export interface PullSample {
  kind: 'typical' | 'slow' | 'failed';
  /** Seconds from the start of the run to its first request. */
  atSeconds: number;
  durationMs: number;
  client: string;
  image: string;
  /** Class of what ended it; absent for a pull that succeeded. */
  failure?: string;
  /** In the order in which they began; at most 200. */
  requests: SampledRequest[];
  /** Requests beyond those. */
  more?: number;
}

/** Times in ms; parts of a dial are 0 on a connection that was used again. */
export interface SampledRequest {
  phase: string;
  hop: string;
  host: string;
  /** 0 when no reply came. */
  status: number;
  failure?: string;
  /** From the start of the pull. */
  startMs: number;
  /** Waiting for a connection that is free or dialled, its parts apart. */
  dnsMs: number;
  connectMs: number;
  tlsMs: number;
  /** From having a connection to the first byte of the reply. */
  ttfbMs: number;
  /** From the start to the last byte. */
  totalMs: number;
  bytes: number;
  cache?: string;
}

/** One objective, and what became of it. */
export interface SloResult {
  expression: string;
  observed: string;
  held: boolean;
  /** As parsed; absent in runs of earlier versions. */
  metric?: string;
  operator?: '<' | '<=' | '>' | '>=' | '=';
  bound?: number;
  unit?: 'ms' | '%' | '/s';
  /** Observed in each step of the course, in the unit; null where nothing was measured; absent where no step tells (max, stock k6). */
  course?: (number | null)[];
}

/** One traced pull, what it touched, and why it fails. */
export interface DoctorResult {
  /** As asked for, and the full name that was pulled; '' where it came to none. */
  image: string;
  name: string;
  client: string;
  platform: string;
  /** The pull would work from here. */
  pullable: boolean;
  /** Where this looked from, and where it did not, in a sentence or two. */
  lookedFrom: string;
  /** What the client would print at the end; absent where it would succeed, or that is not known. */
  clientSays?: string;
  causes: DoctorCause[];
  /** Requests in the order in which they began. */
  hops: DoctorHop[];
  hosts: DoctorHost[];
  probes: DoctorProbe[];
  /** Names to let through, without ports where those are the scheme's own; never addresses that have a name. */
  allowList: string[];
  hostList: HostRow[];
  route: DoctorRoute;
  platforms?: string[];
  /** Bytes of blobs that were read, and checked by digest. */
  bytes: { read: number; verified: number };
  /** Where it was saved to, as given. */
  saved?: string;
}

/** A cause that the facts show (src/doctor/causes). */
export interface DoctorCause {
  id: string;
  title: string;
  /** What happens, and why, wherever it does; absent in runs of earlier versions. */
  explanation?: string;
  at: string;
  certainty: 'certain' | 'possible';
  /** The pull works all the same. */
  harmless: boolean;
  evidence: string[];
  /** What would tell it from the others that fit. */
  wouldTell?: string;
  remedy: string[];
  who: string;
  /** What the client prints of it. */
  clientSays?: string;
}

/** One request. Times in milliseconds, 0 for what did not happen. */
export interface DoctorHop {
  /** 1 for the pull, more for its repeats. */
  pull: number;
  method: string;
  /** Without query. */
  url: string;
  host: string;
  hop: 'registry' | 'token' | 'edge';
  phase: string;
  /** `Basic`, `Bearer` or ''. */
  authorization: string;
  startMs: number;
  dnsMs: number;
  connectMs: number;
  tlsMs: number;
  ttfbMs: number;
  totalMs: number;
  status: number;
  bytes: number;
  address: string;
  cache: 'hit' | 'miss' | 'unknown';
  /** The server's `Date` less our clock, seconds; null without one. */
  clockSeconds: number | null;
  failure?: string;
  reason?: string;
  message?: string;
}

export interface DoctorHost {
  host: string;
  role: 'registry' | 'mirror' | 'token' | 'edge' | 'proxy';
  dns: {
    family: 4 | 6;
    resolver: string;
    addresses: string[];
    cnames: string[];
    failure: string;
    ms: number;
  }[];
  tcp: { address: string; family: 4 | 6; ms: number; failure: string; message: string }[];
  tls: DoctorTls | null;
  http: { requests: number; failed: number; status: number; server: string } | null;
  /** In one sentence; '' where all is well. */
  error: string;
}

export interface DoctorTls {
  version: string;
  alpn: string;
  chain: {
    subject: string;
    issuer: string;
    names: string[];
    notBefore: string;
    notAfter: string;
    fingerprint: string;
  }[];
  /** `system`, `bundle`, `certs.d`, `--ca`. */
  trustedBy: string[];
  problem: string;
  ms: number;
}

export interface DoctorProbe {
  id: string;
  host: string;
  asked: string;
  answer: string;
  held: boolean;
  ms: number;
}

/** A host, and who says that a pull needs it (src/run/doctor/hosts). */
export interface HostRow {
  /** A name, or a pattern as `*.example.com`; an address only where the configuration or a reply names one. */
  host: string;
  port: number;
  /** What it is for, such as `blobs of registry.example.com`. */
  reason: string;
  observed: boolean;
  /** Null where nobody looked. */
  reachable: boolean | null;
  documented: { preset: string; source: string; date: string } | null;
  /** Null where nothing was said to be expected. */
  expected: boolean | null;
  /** Where it is expected, such as `hosts.txt:3`; '' where it is not. */
  written: string;
  /** It belongs on an allow list: it is seen, expected, or of a preset that was asked for. */
  allow: boolean;
  /** Why the run fails for it: seen and not expected, or expected and not reachable. */
  trouble: '' | 'unexpected' | 'unreachable';
}

/** How the name resolves on this host, for the client. */
export interface DoctorRoute {
  candidates: {
    name: string;
    how: string;
    written: string;
    blocked?: string;
    endpoints: {
      role: string;
      url: string;
      repository: string;
      written: string;
      credential: string;
      trust: string;
      proxy: string;
    }[];
  }[];
  files: { path: string; state: string }[];
  problems: { id: string; written: string; message: string; hint: string; fatal: boolean }[];
}
