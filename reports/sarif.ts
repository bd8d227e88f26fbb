// SARIF 2.1.0, as code scanning reads it: findings with their place in a file, checks and objectives
// that do not hold with their place in the specification.

import { createHash } from 'node:crypto';
import { filePlace } from './place.ts';
import { messageAlone } from './referred-by.ts';
import type { CheckResult, DocumentResult, Finding, Results } from './results.ts';
import { specUrl } from './spec-url.ts';
import { attention } from './summary.ts';
import { visible } from './untrusted.ts';

type Level = 'error' | 'warning' | 'note';

interface Rule {
  id: string;
  shortDescription: { text: string };
  fullDescription?: { text: string };
  helpUri?: string;
  properties?: { tags: string[] };
}

interface Result {
  ruleId: string;
  level: Level;
  message: { text: string };
  locations: object[];
  partialFingerprints: { 'pullproof/v1': string };
  suppressions?: object[];
}

interface Reported {
  rule: Rule;
  result: Result;
}

const formatVersion = '2.1.0';

/** One run in one log, with a line feed at its end. */
export function renderSarif(results: Results): string {
  const checks = attention(results.checks ?? []);
  // Not a departure of the registry: told as a notification of the tool.
  const own = checks.filter((check) => check.verdict === 'harness-error');
  const reported = [
    ...(results.documents ?? []).flatMap(documentResults),
    ...checks.filter((check) => !own.includes(check)).map((check) => checkResult(check, results)),
    ...sloResults(results),
  ];
  const rules = new Map<string, Rule>();
  for (const { rule } of reported) if (!rules.has(rule.id)) rules.set(rule.id, rule);
  const index = new Map([...rules.keys()].map((id, position) => [id, position]));
  const run = {
    tool: {
      driver: {
        name: results.tool.name,
        semanticVersion: visible(results.tool.version),
        rules: [...rules.values()],
      },
    },
    invocations: [invocation(results, own)],
    columnKind: 'utf16CodeUnits',
    results: reported.map(({ result }) => ({ ...result, ruleIndex: index.get(result.ruleId) })),
  };
  return `${JSON.stringify({ $schema: 'https://json.schemastore.org/sarif-2.1.0.json', version: formatVersion, runs: [run] }, null, 2)}\n`;
}

function invocation(results: Results, own: readonly CheckResult[]): object {
  const notifications = own.map((check) => ({
    level: 'error',
    message: text(`${check.id}: ${check.actual}`),
  }));
  if (results.interrupted !== undefined) {
    notifications.push({ level: 'error', message: text(results.interrupted) });
  }
  return {
    executionSuccessful: results.verdict !== 'error',
    exitCode: results.exitCode,
    commandLine: visible(results.environment.command),
    startTimeUtc: results.startedAt,
    endTimeUtc: endTime(results),
    toolExecutionNotifications: notifications,
  };
}

function endTime({ startedAt, durationMs }: Results): string {
  const end = Date.parse(startedAt) + durationMs;
  return Number.isFinite(end) ? new Date(end).toISOString() : startedAt;
}

function text(value: string): { text: string } {
  return { text: visible(value) };
}

/** The same finding has the same fingerprint in every run, whatever line it has moved to. */
function fingerprint(...parts: string[]): { 'pullproof/v1': string } {
  return { 'pullproof/v1': createHash('sha256').update(JSON.stringify(parts)).digest('hex') };
}

/** A rule's public text, when its section is in an OCI specification. */
function help(section: string): { helpUri?: string } {
  const url = specUrl(section);
  return url === undefined ? {} : { helpUri: url };
}

function documentResults(document: DocumentResult): Reported[] {
  return document.findings.map((finding) => ({
    rule: {
      id: visible(finding.ruleId),
      shortDescription: text(`${finding.ruleId} (${finding.spec})`),
      ...help(finding.spec),
    },
    result: findingResult(document, finding),
  }));
}

function findingResult(document: DocumentResult, finding: Finding): Result {
  const { path } = document;
  return {
    ruleId: visible(finding.ruleId),
    level: finding.level,
    message: text(messageAlone(document, finding)),
    locations: [findingLocation(path, finding)],
    partialFingerprints: fingerprint(finding.ruleId, path, finding.pointer),
    ...(finding.accepted === true && {
      suppressions: [{ kind: 'external', justification: 'The baseline accepts it.' }],
    }),
  };
}

/** What lies in an archive is shown at the archive, what lies in a registry at no file. */
function findingLocation(path: string, finding: Finding): object {
  const place = filePlace(path);
  const inside = place === undefined ? path : (place.inside ?? '');
  const name = inside === '' ? finding.pointer || '/' : `${inside}#${finding.pointer}`;
  const logicalLocations = [{ fullyQualifiedName: visible(name), kind: 'member' }];
  if (place === undefined) return { logicalLocations };
  const artifactLocation = { uri: fileUri(place.file) };
  if (place.inside !== undefined) {
    return { physicalLocation: { artifactLocation }, logicalLocations };
  }
  const { line: startLine, column: startColumn, excerpt } = finding;
  const region = {
    startLine,
    startColumn,
    ...(excerpt && { endColumn: startColumn + excerpt.length }),
  };
  const contextColumn = startColumn - (excerpt?.column ?? 1) + 1;
  const contextRegion = excerpt && {
    startLine,
    startColumn: Math.max(1, contextColumn),
    endColumn: Math.max(1, contextColumn) + excerpt.text.length,
    snippet: text(excerpt.text),
  };
  return {
    physicalLocation: { artifactLocation, region, ...(excerpt && { contextRegion }) },
    logicalLocations,
  };
}

/** A relative or absolute URI reference; a Windows path becomes one too. */
function fileUri(path: string): string {
  const segments = path.toWellFormed().replaceAll('\\', '/').split('/').map(encodeURIComponent);
  const encoded = segments.join('/');
  if (encoded.startsWith('/')) return `file://${encoded}`;
  return /^[A-Za-z]%3A\//.test(encoded) ? `file:///${encoded.replace('%3A', ':')}` : encoded;
}

function checkResult(check: CheckResult, { target }: Results): Reported {
  const id = visible(check.id);
  return {
    rule: {
      id,
      shortDescription: text(check.requirement),
      fullDescription: text(`${check.requirement} ${check.why}`),
      ...help(check.section),
      properties: { tags: [check.level, visible(check.section)] },
    },
    result: {
      ruleId: id,
      level: check.verdict === 'warn' ? 'warning' : 'error',
      message: text(`${check.requirement} Expected: ${check.expected}. Actual: ${check.actual}.`),
      locations: [targetLocation(target)],
      partialFingerprints: fingerprint(check.id, target),
    },
  };
}

function sloResults({ load, target }: Results): Reported[] {
  const missed = (load?.slo ?? []).filter((slo) => !slo.held);
  return missed.map(({ expression, observed }) => ({
    rule: { id: 'slo', shortDescription: text('A service level objective is held.') },
    result: {
      ruleId: 'slo',
      level: 'error',
      message: text(`Missed: ${expression}. Observed: ${observed}.`),
      locations: [targetLocation(target)],
      partialFingerprints: fingerprint('slo', target, expression),
    },
  }));
}

/** A registry is no file; code scanning shows such results under the tool. */
function targetLocation(target: string): object {
  return { logicalLocations: [{ fullyQualifiedName: visible(target), kind: 'resource' }] };
}
