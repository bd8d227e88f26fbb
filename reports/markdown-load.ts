// A load test in Markdown: what limited, the figures, failures, what was healed, latencies.
import { bytes, count, duration, plural, rate } from './figures.ts';
import { limitWords } from './load-hops.ts';
import { evidenceNotes, loadNotes, serverNotes } from './load-notes.ts';
import { loadOutcome } from './load-outcome.ts';
import {
  byteRate,
  engineWords,
  inPullOrder,
  kindOf,
  observedWords,
  placeOf,
  verifyWords,
} from './load-words.ts';
import { code, escapeMarkdown, symbols, table } from './markdown-bits.ts';
import type { LatencySummary, LoadError, LoadPart, LoadResult, Pushes } from './results.ts';

export function loadBlocks(load: LoadResult): string[] {
  const blocks = ['### Load', escapeMarkdown(limitWords(load)), figureBlock(load)];
  const notes = [...loadNotes(load), ...serverNotes(load)];
  if (notes.length > 0) {
    blocks.push(notes.map(([label, text]) => `- ${label}: ${escapeMarkdown(text)}`).join('\n'));
  }
  if (load.slo.length > 0) {
    const rows = load.slo.map((one) => [
      one.held ? `${symbols.good} held` : `${symbols.bad} missed`,
      code(one.expression),
      escapeMarkdown(observedWords(one)),
    ]);
    blocks.push(table(['', 'Objective', 'Observed'], rows));
  }
  const errors = [...load.errors, ...(load.pushes?.errors ?? [])];
  if (errors.length > 0) blocks.push(errorBlock('Error', errors));
  if ((load.retried ?? []).length > 0) blocks.push(errorBlock('Tried again', load.retried ?? []));
  blocks.push(...partBlocks('Client', load.byClient), ...partBlocks('Image', load.byImage));
  blocks.push(latencyBlock(load), methodBlock(load));
  const outcome = loadOutcome(load);
  if (outcome.length > 0) blocks.push(escapeMarkdown(outcome.join(' ')));
  return blocks;
}

function figureBlock(load: LoadResult): string {
  const { pulls, requests } = load;
  const retried = pulls.retried === undefined ? '' : count(pulls.retried);
  return table(
    ['', 'Per second', 'Total', 'Failed', 'Retried'],
    [
      [
        'Pulls',
        `${rate(pulls.perSecond)}/s`,
        count(pulls.ok + pulls.failed),
        count(pulls.failed),
        retried,
      ],
      [
        'Requests',
        `${rate(requests.perSecond)}/s`,
        count(requests.total),
        count(requests.failed),
        '',
      ],
      ['Data', byteRate(load.bytes.perSecond), bytes(load.bytes.total), '', ''],
      ...(load.pushes === undefined ? [] : pushRows(load.pushes)),
    ],
  );
}

function pushRows({ ok, failed, perSecond, bytes: data }: Pushes): string[][] {
  return [
    ['Pushes', `${rate(perSecond)}/s`, count(ok + failed), count(failed), ''],
    ['Data sent', byteRate(data.perSecond), bytes(data.sent), '', ''],
  ];
}

function errorBlock(title: string, errors: readonly LoadError[]): string {
  const rows = errors.map((error) => {
    const notes = evidenceNotes(error).map(([label, text]) => `${label}: ${text}`);
    return [
      count(error.count),
      code(kindOf(error)),
      escapeMarkdown(placeOf(error).replace(/^ at /, '')),
      [error.example, ...notes].map(escapeMarkdown).join('; '),
      escapeMarkdown(error.hint),
    ];
  });
  return table(['Count', title, 'Where', 'Example', 'What to do'], rows);
}

function partBlocks(title: string, parts: Readonly<Record<string, LoadPart>> = {}): string[] {
  const entries = Object.entries(parts);
  if (entries.length < 2) return [];
  const rows = entries.map(([name, { ok, failed, retried, pullMs }]) => [
    code(name),
    ...[ok + failed, failed, retried].map(count),
    ...[pullMs.p50, pullMs.p95, pullMs.max].map(duration),
  ]);
  return [table([title, 'Pulls', 'Failed', 'Retried', 'p50', 'p95', 'Max'], rows)];
}

function latencyBlock(load: LoadResult): string {
  const row = (name: string, one: LatencySummary) => [
    escapeMarkdown(name),
    count(one.count),
    ...[one.p50, one.p95, one.p99, one.max].map((ms) => (one.count === 0 ? '–' : duration(ms))),
  ];
  const phases = inPullOrder(load.phases).flatMap(([name, one]) => {
    const inside = inPullOrder(load.phaseHops?.[name] ?? {});
    const hops = inside.length < 2 ? [] : inside;
    return [
      row(`phase ${name}`, one),
      ...hops.map(([hop, part]) => row(`phase ${name}, ${hop} alone`, part)),
    ];
  });
  const rows = [
    row(load.knee === undefined ? 'pull' : 'pull, all steps', load.pullMs),
    ...phases,
    ...inPullOrder(load.hops).map(([name, one]) => row(`hop ${name}`, one)),
    ...(load.pushes === undefined
      ? []
      : [
          row('push', load.pushes.pushMs),
          ...inPullOrder(load.pushes.phases).map(([name, one]) => row(`phase ${name}`, one)),
        ]),
  ];
  return table(['Time of', 'Count', 'p50', 'p95', 'p99', 'Max'], rows);
}

function methodBlock(load: LoadResult): string {
  const users = plural(load.vus, 'virtual user');
  return [
    `Asked as ${escapeMarkdown(load.client)} by ${users} for ${duration(load.seconds * 1000)};`,
    `${verifyWords[load.verify]}. Engine: ${engineWords[load.engine]}.`,
  ].join(' ');
}
