// SARIF 2.1.0, as code scanning reads it: findings with their place in a file, checks and objectives
// that do not hold with their place in the specification.

import { doctorFindings } from './doctor-words.ts';
import { count } from './figures.ts';
import { documentFingerprints, fingerprint } from './fingerprint.ts';
import { renderJson } from './json.ts';
import type { Checkout, RenderOptions } from './options.ts';
import { messageAlone } from './referred-by.ts';
import type { CheckResult, DocumentResult, Finding, Results } from './results.ts';
import { fixesOf } from './sarif-fixes.ts';
import { findingLocation, root, rootLocation, targetLocation } from './sarif-places.ts';
import { checkRule, doctorRule, findingRule, type SarifRule, sloRule } from './sarif-rules.ts';
import { attention } from './summary.ts';
import { visible } from './untrusted.ts';

type Level = 'error' | 'warning' | 'note';

interface Result {
  ruleId: string;
  level: Level;
  message: { text: string };
  locations: object[];
  partialFingerprints: Record<string, string>;
  suppressions?: object[];
  fixes?: object[];
}

interface Reported {
  rule: SarifRule;
  result: Result;
}

const formatVersion = '2.1.0';

/** What GitHub takes of one run: of more it refuses the whole file, and only the gravest 5,000 are kept. */
const resultsMax = 25_000;
const resultsShownMax = 5_000;

type Surroundings = Pick<RenderOptions, 'checkout' | 'examples'>;

/** One run in one log, with a line feed at its end. */
export function renderSarif(results: Results, surroundings: Surroundings): string {
  const checks = attention(results.checks ?? []);
  // Not a departure of the registry: told as a notification of the tool.
  const own = checks.filter((check) => check.verdict === 'harness-error');
  const all = [
    ...documentResults(results, surroundings),
    ...checks.filter((check) => !own.includes(check)).map((check) => checkResult(check, results)),
    ...sloResults(results),
    ...doctorResults(results),
  ];
  const reported = gravest(all);
  const rules = new Map<string, SarifRule>();
  for (const { rule } of reported) if (!rules.has(rule.id)) rules.set(rule.id, rule);
  const index = new Map([...rules.keys()].map((id, position) => [id, position]));
  const run = {
    tool: {
      driver: {
        name: results.tool.name,
        version: visible(results.tool.version),
        semanticVersion: visible(results.tool.version),
        rules: [...rules.values()],
      },
    },
    // Up to the last slash it is the category of code scanning: runs of one take each other's place.
    automationDetails: { id: `pullproof/${results.verb}/` },
    invocations: [invocation(results, [...ownErrors(results, own), ...limitWarnings(all)])],
    originalUriBaseIds: { [root]: rootLocation(surroundings.checkout) },
    columnKind: 'utf16CodeUnits',
    results: reported.map(({ result }) => ({ ...result, ruleIndex: index.get(result.ruleId) })),
  };
  const schema = 'https://json.schemastore.org/sarif-2.1.0.json';
  return renderJson({ $schema: schema, version: formatVersion, runs: [run] });
}

const levelRank: Record<Level, number> = { error: 0, warning: 1, note: 2 };

/** All, in their order; of too many the gravest. */
function gravest(reported: readonly Reported[]): readonly Reported[] {
  if (reported.length <= resultsMax) return reported;
  const rank = ({ result }: Reported) => levelRank[result.level] + (result.suppressions ? 3 : 0);
  return [...reported].sort((a, b) => rank(a) - rank(b)).slice(0, resultsMax);
}

interface Notification {
  level: 'error' | 'warning';
  message: { text: string };
}

function ownErrors(
  { interrupted, unread = [] }: Results,
  own: readonly CheckResult[],
): Notification[] {
  const told = own.map((check) => `${check.id}: ${check.actual}`);
  if (interrupted !== undefined) told.push(interrupted);
  told.push(...unread.map(({ message }) => message));
  return told.map((words) => ({ level: 'error', message: text(words) }));
}

/** What is left out here, and what who reads this may leave out. */
function limitWarnings({ length }: readonly Reported[]): Notification[] {
  const told: string[] = [];
  if (length > resultsMax) {
    told.push(
      `There are ${count(length)} results; the ${count(length - resultsMax)} least grave are left out, because ` +
        `GitHub refuses a run of more than ${count(resultsMax)}. results.json and --format json have them all.`,
    );
  }
  if (length > resultsShownMax) {
    told.push(
      `GitHub shows the ${count(resultsShownMax)} gravest results of a run: validate fewer paths in one run.`,
    );
  }
  return told.map((words) => ({ level: 'warning', message: text(words) }));
}

function invocation(results: Results, notifications: readonly Notification[]): object {
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

/** GitHub matches by the first alone, and makes one of the line where there is none: too little for JSON in one line. */
function fingerprints(print: string): Result['partialFingerprints'] {
  return { primaryLocationLineHash: `${print.slice(0, 16)}:1`, 'pullproof/v2': print };
}

function documentResults(
  { documents = [], rules = [] }: Results,
  { checkout, examples }: Surroundings,
): Reported[] {
  const sources = new Map(rules.map((rule) => [rule.id, rule]));
  const prints = documentFingerprints(documents, checkout);
  return documents.flatMap((document, number) =>
    document.findings.map((finding, at) => ({
      rule: findingRule(finding, sources.get(finding.ruleId), examples.get(finding.ruleId)),
      result: {
        ...findingResult(document, finding, checkout),
        partialFingerprints: fingerprints(prints[number]?.[at] ?? ''),
      },
    })),
  );
}

function findingResult(
  document: DocumentResult,
  finding: Finding,
  checkout: Checkout,
): Omit<Result, 'partialFingerprints'> {
  const fixes = finding.edits && fixesOf(document.path, finding.edits, checkout);
  return {
    ruleId: visible(finding.ruleId),
    level: finding.level,
    message: text(messageAlone(document, finding)),
    locations: [findingLocation(document.path, finding, checkout)],
    ...(fixes && { fixes }),
    ...(finding.accepted === true && {
      suppressions: [{ kind: 'external', justification: 'The baseline accepts it.' }],
    }),
  };
}

function checkResult(check: CheckResult, { target }: Results): Reported {
  return {
    rule: checkRule(check),
    result: {
      ruleId: visible(check.id),
      level: check.verdict === 'warn' ? 'warning' : 'error',
      message: text(`${check.requirement} Expected: ${check.expected}. Actual: ${check.actual}.`),
      locations: [targetLocation(target)],
      partialFingerprints: fingerprints(fingerprint(check.id, target)),
    },
  };
}

function sloResults({ load, target }: Results): Reported[] {
  const missed = (load?.slo ?? []).filter((slo) => !slo.held);
  return missed.map(({ expression, observed }) => ({
    rule: sloRule,
    result: {
      ruleId: sloRule.id,
      level: 'error',
      message: text(`Missed: ${expression}. Observed: ${observed}.`),
      locations: [targetLocation(target)],
      partialFingerprints: fingerprints(fingerprint('slo', target, expression)),
    },
  }));
}

function doctorResults({ doctor, target }: Results): Reported[] {
  if (doctor === undefined) return [];
  const causes = new Set(doctor.causes.map(({ id }) => id));
  return doctorFindings(doctor).map((finding) => {
    const { id, level, title, at, evidence, remedy } = finding;
    return {
      rule: doctorRule(finding, causes.has(id)),
      result: {
        ruleId: visible(id),
        level,
        message: text([`${title} (${at}).`, ...evidence, ...remedy].join('\n')),
        locations: [targetLocation(at)],
        partialFingerprints: fingerprints(fingerprint('doctor', id, at, target)),
      },
    };
  });
}
