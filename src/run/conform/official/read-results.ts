// Reads what a run of the official suite left: results.yaml as the page of submissions reads it, and the cases of junit.xml.
import { readPlainYaml } from '../../../formats/yaml.ts';
import { asObject, type JsonObject } from '../../../lib/json.ts';
import { placeText } from '../../../lib/line-columns.ts';

/** Words of the official suite for how something went. */
export type OfficialStatus = 'Pass' | 'FAIL' | 'Skip' | 'Disabled' | 'Error';

const statuses: readonly OfficialStatus[] = ['Pass', 'FAIL', 'Skip', 'Disabled', 'Error'];

export interface OfficialResults {
  /** Settings of the run, as it says them itself. */
  readonly config: JsonObject;
  readonly apis: Readonly<Record<string, OfficialStatus>>;
  readonly data: Readonly<Record<string, OfficialStatus>>;
  /** What is wrong with it, a sentence each; entries that it is about are left out above. */
  readonly problems: readonly string[];
}

/** Entries of one map; the suite has 28. */
const entriesMax = 500;
const nameCharsMax = 100;

/** Of results.yaml. */
export function readOfficialResults(text: string): OfficialResults {
  const read = readPlainYaml(text, 0);
  if (!('value' in read)) {
    const where = read.offset === undefined ? '' : ` at ${placeText(text, read.offset)}`;
    const problem = `is no YAML${where}: ${read.message.split('\n', 1)[0]}`;
    return { config: {}, apis: {}, data: {}, problems: [problem] };
  }
  const problems: string[] = [];
  const document = asObject(read.value);
  if (document === undefined) problems.push('holds no results');
  const config = asObject(document?.config);
  if (document !== undefined && config === undefined) problems.push('has no config');
  const [apis, data] = (['apis', 'data'] as const).map((name) =>
    statusesOf(name, document?.[name], problems),
  );
  return { config: config ?? {}, apis: apis ?? {}, data: data ?? {}, problems };
}

function statusesOf(
  map: string,
  value: unknown,
  problems: string[],
): Record<string, OfficialStatus> {
  const object = asObject(value);
  if (object === undefined) {
    problems.push(`has no map ${map}`);
    return {};
  }
  const entries = Object.entries(object);
  if (entries.length > entriesMax) problems.push(`has more than ${entriesMax} entries in ${map}`);
  const known: [string, OfficialStatus][] = [];
  for (const [name, said] of entries.slice(0, entriesMax)) {
    const word = typeof said === 'string' ? said : JSON.stringify(said);
    const status = statuses.find((one) => one.toLowerCase() === word.toLowerCase());
    if (status !== undefined && name.length <= nameCharsMax) known.push([name, status]);
    else problems.push(`${short(map)}.${short(name)} is ${short(word)}, no ${statuses.join(', ')}`);
  }
  return Object.fromEntries(known);
}

function short(text: string): string {
  return text.length <= nameCharsMax ? text : `${text.slice(0, nameCharsMax)}…`;
}

export interface OfficialCases {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** Names of those that failed, without the suite's own before them, each once, sorted. */
  readonly failing: readonly string[];
  /** Names of all, each once. */
  readonly names: readonly string[];
}

const nameOfAll = 'OCI Conformance Test/';
/** The suite has about 900. */
const casesMax = 20_000;

/** Of junit.xml. Undefined where it is not by the official suite. */
export function readOfficialCases(xml: string): OfficialCases | undefined {
  if (!/<testsuite name="OCI Conformance Test"/.test(xml)) return undefined;
  let [passed, skipped, failed] = [0, 0, 0];
  const names = new Set<string>();
  const failing = new Set<string>();
  for (const [, raw = '', status] of xml.matchAll(
    /<testcase name="([^"]{0,500})"[^>]{0,1000}? status="(\w+)"/g,
  )) {
    if (passed + skipped + failed === casesMax) break;
    const name = unescaped(raw).replace(nameOfAll, '');
    names.add(name);
    if (status === 'passed') passed++;
    else if (status === 'skipped') skipped++;
    else {
      failed++;
      failing.add(name);
    }
  }
  return { passed, failed, skipped, failing: [...failing].sort(), names: [...names] };
}

/** The settings that junit.xml tells, as YAML; undefined where it tells none. */
export function configOfJunit(xml: string): string | undefined {
  const value = /<property name="Config" value="([^"]{0,20000})"/.exec(xml)?.[1];
  return value === undefined ? undefined : unescaped(value);
}

/** `major.minor…` that report.html says it tested. */
export function specOfReport(page: string): string | undefined {
  return /Tested Spec<\/td>\s{0,100}<td>([^<]{1,40})<\/td>/.exec(page)?.[1];
}

const marks: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
};

/** Text of XML or HTML, its references to characters resolved. */
export function unescaped(text: string): string {
  return text.replace(
    /&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(\w{2,4}));/gi,
    (whole, hex, code, word) => {
      if (word !== undefined) return marks[word] ?? whole;
      const point = hex === undefined ? Number(code) : Number.parseInt(hex, 16);
      return point <= 0x10ffff ? String.fromCodePoint(point) : whole;
    },
  );
}
