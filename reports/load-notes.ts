// What a load run met on its way besides its figures, as labelled lines that every view shares: what retries
// healed, why clients waited, what never ended, what servers said of their limits, caches and edges.
import { count, duration, plural } from './figures.ts';
import { alikeNotes, edgeNotes, edgesOf } from './load-edges.ts';
import { runnerNotes } from './load-runners.ts';
import { apartOf } from './load-together.ts';
import { bytesOf, kindOf, placeOf, share, waitWords } from './load-words.ts';
import type { LoadError, LoadResult, RateLimitHeader } from './results.ts';

/** A line: its label, and its text, which holds texts of others and is to be escaped. */
export type Note = readonly [label: string, text: string];

const kindsMax = 3;
const unfinishedMax = 5;
const hostsMax = 5;
const headersMax = 6;
const headerCharsMax = 60;
const missesMax = 3;
const digestCharsMax = 19;
const bodyCharsMax = 160;

/** What somebody should look at, the gravest first. */
export function loadNotes(load: LoadResult): Note[] {
  return [
    ...apartNotes(load),
    ...unfinishedNotes(load),
    ...retriedNotes(load),
    ...waitNotes(load),
    ...edgeNotes(load),
    ...calibrationNotes(load),
  ];
}

/** What servers told in passing. */
export function serverNotes(load: LoadResult): Note[] {
  return [
    ...alikeNotes(load),
    ...cacheNotes(load),
    ...rateLimitNotes(load),
    ...processorNotes(load),
    ...runnerNotes(load),
  ];
}

function apartNotes(load: LoadResult): Note[] {
  const apart = apartOf(load);
  return apart === undefined ? [] : [['overlap', apart.advice]];
}

function processorNotes({ processors }: LoadResult): Note[] {
  if (processors === undefined) return [];
  const percent = (share: number) => `${Math.round(100 * share)} %`;
  const { busy, own } = processors;
  const byK6 = own === undefined ? '' : `, ${percent(own)} by k6`;
  const isShared = own !== undefined && busy >= fullyBusy && own < busy / 2;
  const others = isShared
    ? '; what else runs here, such as a registry, had the rest and slows what is measured'
    : '';
  return [['machine', `${percent(busy)} of its processors in use${byK6}${others}`]];
}

/** From this share on, what runs on a machine waits for its processors. */
const fullyBusy = 0.95;

function unfinishedNotes({ unfinished = [] }: LoadResult): Note[] {
  const notes = unfinished.slice(0, unfinishedMax).map((one): Note => {
    const at = placeOf(one);
    const dialled = one.address === '' ? 'no connection yet' : `address ${one.address}`;
    const came = `${bytesOf(one)} came`;
    const longest = `under way for ${duration(one.seconds * 1000)} at the end`;
    return [
      'unfinished',
      `${plural(one.requests, 'request')}${at}: ${came}, ${longest}, ${dialled}`,
    ];
  });
  const more = unfinished.length - unfinishedMax;
  return more > 0 ? [...notes, ['unfinished', `and at ${plural(more, 'other place')}`]] : notes;
}

/** A pass never hides what it took. */
function retriedNotes({ retried = [], pulls }: LoadResult): Note[] {
  const made = pulls.retried ?? 0;
  if (retried.length === 0 && made === 0) return [];
  const what = retried.slice(0, kindsMax).map(retriedWords).join(', ');
  const more = retried.length - kindsMax;
  const rest = more > 0 ? `, and ${plural(more, 'other kind')}` : '';
  const all = pulls.ok + pulls.failed;
  const who = made > 0 ? `${count(made)} of ${plural(all, 'pull')} needed retries` : 'tried again';
  const label = pulls.failed === 0 ? 'healed' : 'retried';
  const hint = retried[0] === undefined ? '' : ` → ${retried[0].hint}`;
  return [[label, `${who}${what === '' ? '' : `: ${what}${rest}.`}${hint}`]];
}

function retriedWords(error: LoadError): string {
  return `${count(error.count)} × ${kindOf(error)}${placeOf(error)}`;
}

function waitNotes({ waits = [] }: LoadResult): Note[] {
  if (waits.length === 0) return [];
  const parts = waits.map(
    ({ why, count: pauses, seconds }) =>
      `${duration(seconds * 1000)} for ${waitWords[why]} (${plural(pauses, 'pause')})`,
  );
  return [['waits', `all clients added up: ${parts.join(', ')}`]];
}

/** Of the whole pull, and where the runs differed most. */
function calibrationNotes({ calibration }: LoadResult): Note[] {
  if (calibration === undefined) return [];
  const all = Object.entries(calibration.width).sort(([, a], [, b]) => b - a);
  const ofPull = all.filter(([metric]) => metric.startsWith('pull.'));
  const others = all.filter((one) => !ofPull.includes(one)).slice(0, widthsMax);
  const told = [...ofPull, ...others].map(
    ([metric, ratio]) => `${metric} by ${Number(((ratio - 1) * 100).toPrecision(2))} %`,
  );
  const text = `the last of ${plural(calibration.runs, 'run')} alike, which differed in ${told.join(', ')}`;
  return [['calibrated', `${text}; report compare takes that as the least change that counts`]];
}

const widthsMax = 3;

function cacheNotes(load: LoadResult): Note[] {
  const { cache, misses = [] } = load;
  const { hit, miss, unknown } = cache;
  if (hit + miss === 0) return [];
  const silent = unknown > 0 ? `; ${plural(unknown, 'reply', 'replies')} did not say` : '';
  const lines: Note[] = [
    [
      'cache',
      `${share(hit, hit + miss)} hits at the edge (${count(hit)} hits, ${count(miss)} misses${silent})`,
    ],
  ];
  // Each edge has a cache of its own, and asks once.
  const edges = Math.max(1, edgesOf(load).length);
  const often = misses.filter((one) => one.misses > edges).slice(0, missesMax);
  if (often.length > 0) {
    const told = often.map((one) => `${shortened(one.digest)} ${count(one.misses)} times`);
    lines.push([
      'misses',
      `asked of the origin more often than there are edges: ${told.join(', ')}`,
    ]);
  }
  return lines;
}

function shortened(digest: string): string {
  return digest.length > digestCharsMax ? `${digest.slice(0, digestCharsMax)}…` : digest;
}

/** One line a host: the last value of each header, and the least where that is less. */
function rateLimitNotes({ rateLimits = [] }: LoadResult): Note[] {
  const byHost = new Map<string, RateLimitHeader[]>();
  for (const one of rateLimits) byHost.set(one.host, [...(byHost.get(one.host) ?? []), one]);
  const hosts = [...byHost].slice(0, hostsMax).map(([host, headers]): Note => {
    const told = headers.slice(0, headersMax).map(headerWords);
    const { hop } = headers[0] as RateLimitHeader;
    return ['rate limit', `${host} (${hop}) says ${told.join('; ')}`];
  });
  const more = byHost.size - hostsMax;
  return more > 0 ? [...hosts, ['rate limit', `and ${plural(more, 'other host')}`]] : hosts;
}

function headerWords({ header, last, least, replies }: RateLimitHeader): string {
  if (header === 'retry-after') {
    const seconds = /^\d+$/.test(last) ? `${last} s` : last.slice(0, headerCharsMax);
    return `retry-after last ${seconds}, in ${plural(replies, 'reply', 'replies')}`;
  }
  const text = last.length > headerCharsMax ? `${last.slice(0, headerCharsMax)}…` : last;
  const low = least === undefined || Number.parseFloat(last) === least ? '' : `, least ${least}`;
  return `${header} last ${text}${low}`;
}

/** What there is to show for a failure, as labelled lines; the texts of the peer are bounded. */
export function evidenceNotes({ evidence, example, status = 0 }: LoadError): Note[] {
  if (evidence === undefined) return [];
  const { method, url, address, contentType, body } = evidence;
  const notes: Note[] = [];
  const request = `${method} ${url}`;
  if (!example.includes(request)) notes.push(['request', request]);
  const isReply = status > 0 || evidence.bytes > 0 || contentType !== '';
  const dialled = address === '' ? 'no connection was made' : address;
  const answered = [
    isReply && address !== '' ? `from ${address}` : dialled,
    evidence.bytes > 0 || (evidence.bytesExpected ?? 0) > 0 ? `${bytesOf(evidence)} came` : '',
    contentType === '' ? '' : `Content-Type ${contentType}`,
  ].filter((one) => one !== '');
  notes.push([isReply ? 'reply' : 'dialled', answered.join(', ')]);
  const said = lineOf(body);
  if (said !== '' && !example.includes(said)) notes.push(['body', said]);
  return notes;
}

/** The beginning on one line, without what documents of the Web begin with. */
function lineOf(body: string): string {
  const told = body.replace(/^\s*(?:<\?xml[^>]{0,200}>|<!doctype[^>]{0,200}>)/i, '');
  return told.replace(/\s+/g, ' ').trim().slice(0, bodyCharsMax);
}
