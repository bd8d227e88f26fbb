// Metrics, exit codes, and variables and files as pages.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderOpenMetrics } from '../../../reports/openmetrics.ts';
import { exitCodes } from '../../../src/cli/exit-codes.ts';
import { type Reason, reasons } from '../../../src/run/load/k8s/apply/reasons.ts';
import { packageRoot } from '../../../src/run/package-root.ts';
import { samples } from '../../../test/lib/sample-results.ts';
import { cell, code, pageOf, type Row, table } from './markdown.ts';
import { files, variables } from './variables.ts';

/** They make their metrics in k6 alone, so that they are read as text. */
const metricSources = ['scenarios/lib/metrics.ts', 'scenarios/lib/replay.ts'];

export function metricsPage(): string {
  return pageOf(
    'Metrics',
    'What can be watched while a load goes on is of k6; what a finished run is told by is OpenMetrics. The lines of `timeline.ndjson` are told in [load.md](../load.md#the-folder-of-a-run), the dashboards in [load.md](../load.md#grafana).',
    '## Of k6, while it runs',
    'They go wherever `--k6-out` sends them. A trend is in milliseconds, a counter of bytes in bytes. Tags: see [load.md](../load.md#grafana).',
    table(['metric', 'kind', ''], metricSources.flatMap(k6Rows)),
    '## OpenMetrics, of a finished run',
    '`pullproof report RUN --format openmetrics`. All are gauges or summaries; the unit is the last word of the name.',
    table(['family', 'type', ''], openMetricsRows()),
  );
}

function k6Rows(path: string): Row[] {
  const text = readFileSync(join(packageRoot, path), 'utf8');
  const declared =
    /(?:\/\*\*(?<about>(?:(?!\*\/)[\s\S])*)\*\/\s*)?(?:\w+:|const \w+ =) new (?<kind>\w+)\('(?<name>\w+)'/g;
  return [...text.matchAll(declared)].map(
    ({ groups: { about = '', kind = '', name = '' } = {} }) => [
      code(name),
      kind.toLowerCase(),
      cell(about.replaceAll(/^\s*\*/gm, '')),
    ],
  );
}

/** Of runs of every verb. */
function openMetricsRows(): Row[] {
  const families = new Map<string, Row>();
  for (const sample of samples) {
    const text = renderOpenMetrics(sample);
    const types = new Map(matches(text, /^# TYPE (\S+) (\S+)$/gm));
    for (const [name, help] of matches(text, /^# HELP (\S+) (.+)$/gm)) {
      families.set(name, [code(name), types.get(name) ?? '', cell(help)]);
    }
  }
  return [...families.values()];
}

function matches(text: string, pattern: RegExp): [string, string][] {
  return [...text.matchAll(pattern)].map(([, first = '', second = '']) => [first, second]);
}

export function exitCodesPage(): string {
  return pageOf(
    'Exit codes',
    'The same for every verb. What a verb adds to them stands on its page; `report compare` has 3 where there is no baseline yet.',
    table(
      ['code', 'meaning'],
      exitCodes.map(([value, meaning]) => [String(value), meaning]),
    ),
  );
}

/** Where each sign is seen, in words. */
const signWords: Readonly<Record<Reason['sign'], string>> = {
  schedule: 'the condition `PodScheduled` is false',
  container: 'a container waits',
  end: 'a pod failed or went',
  event: 'a warning',
  run: 'the TestRun',
};

export function kubernetesPage(): string {
  return pageOf(
    'Why a run on Kubernetes ends early',
    'What `load --k8s DIR --apply` tells from conditions, containers and warnings ([guide](../guides/cluster.md#on-kubernetes)). The first row that fits a sign counts. What may mend itself is waited for; `--patience` says how long instead. The exit code is 3.',
    table(
      ['reason', 'seen', 'waited for', 'means', 'what to do'],
      reasons.map((reason) => [
        code(reason.id),
        cell(seenBy(reason)),
        waitedFor(reason),
        cell(reason.title),
        cell(reason.remedy.replaceAll('{image}', 'IMAGE').replaceAll('{flag}', '`--k6-image`')),
      ]),
    ),
    'Before anything is made: `kubectl-missing`, `kubectl-config`, `k8s-folder`, `secret-missing`, `testrun-under-way`, `apply-conflict` (exit 2); `cluster-unreachable`, `cluster-login`, `cluster-forbidden`, `operator-missing`, `volume-not-writable`, `kubectl-failed` (exit 3). After it: `timelines-not-fetched`, `cluster-lost` (exit 3).',
  );
}

function seenBy({ sign, named, says, role }: Reason): string {
  const whose = role === undefined ? '' : ` (the ${role})`;
  const reason = named === undefined ? '' : ` (${named.map(code).join(', ')})`;
  const message = says === undefined ? '' : `, its message with ${says.map(code).join(', ')}`;
  return signWords[sign] + whose + reason + message;
}

function waitedFor({ seconds, secondsGrowing, spares }: Reason): string {
  const grown = secondsGrowing === undefined ? '' : `, ${secondsGrowing} s while a node is added`;
  const spared = spares === undefined ? '' : '; once the load goes on, the others go on';
  return `${seconds === 0 ? 'not' : `${seconds} s`}${grown}${spared}`;
}

export function environmentPage(): string {
  return pageOf(
    'Variables and files',
    '## Variables',
    'Those of clients, by which pullproof finds what they would: [access.md](../access.md). Those of the official suite, which `conform` reads: [conform.md](../conform.md#coming-from-the-official-suite).',
    table(
      ['variable', 'meaning'],
      Object.entries(variables).map(([name, about]) => [code(name), cell(about)]),
    ),
    '## Files',
    table(
      ['file', 'meaning'],
      Object.entries(files).map(([name, about]) => [code(name), cell(about)]),
    ),
  );
}
