// Reads how the official suite was set up (environment and oci-conformance.yaml), so that a maintainer
// changes one line of CI. What each setting means is a table: official-settings.ts.

import { readPlainYaml } from '../../formats/yaml.ts';
import { docPage } from '../../lib/doc-page.ts';
import { asObject, type JsonObject } from '../../lib/json.ts';
import { placeText } from '../../lib/line-columns.ts';
import { UserError } from '../../lib/user-error.ts';
import { configVariable, type Effect, type Setting, settings } from './official-settings.ts';

/** The file that is read when it is there and none is named. */
export const configFile = 'oci-conformance.yaml';

export interface OfficialSetup {
  /** `scheme://host[:port]/repository`. */
  readonly target: string;
  readonly insecure: boolean;
  readonly otherRepository: string;
  readonly username: string;
  readonly password: string;
  /** References to read, nothing is pushed; none: the lists say what there is. Undefined: a full run. */
  readonly readOnly: readonly string[] | undefined;
  /** Globs of check ids. */
  readonly skip: readonly string[];
  /** Anchors of sections of the distribution spec. */
  readonly skipSections: readonly string[];
  /** Undefined: ours. */
  readonly reportDir: string | undefined;
  /** What was not understood, a line each. */
  readonly warnings: readonly string[];
}

export type Variables = Readonly<Record<string, string | undefined>>;

/** Text of the file that the environment names, or that lies in the working directory. */
export interface SetupFile {
  readonly name: string;
  readonly text: string;
}

/**
 * Undefined when neither names a registry. A variable of today wins over the file, which wins over a
 * variable of before.
 * @throws UserError `official-setup` (exit 2)
 */
export function readOfficialSetup(env: Variables, file?: SetupFile): OfficialSetup | undefined {
  const document = file === undefined ? {} : documentOf(file);
  const values = new Map<Setting, Value>();
  for (const setting of settings) {
    const value = settingOf(setting, env, document);
    if (value !== undefined) values.set(setting, value);
  }
  const texts = (effect: Effect) => textsOf(values, effect);
  const [registry = ''] = texts('registry');
  if (registry === '') return undefined;
  const warnings = unknownOf(env, document, file);
  const version = versionOf(texts('version')[0]);
  const skips = skipsOf(values, version);
  for (const [{ name, effect }, { from }] of values) {
    if (effect === 'noCounterpart') warnings.push(`${from} has no counterpart here (${name})`);
  }
  const [reportDir] = texts('reportDir');
  if (reportDir === 'none') warnings.push('a report is written all the same: give --out FOLDER');
  const [tls = ''] = texts('tls');
  const pushes = [...values].find(([{ effect }]) => effect === 'push')?.[1];
  const mayPush = pushes === undefined || isTrue(pushes);
  const [repository = 'conformance/repo1'] = texts('repository');
  return {
    target: `${originOf(registry, tls)}/${repository.trim().replace(/^\/+|\/+$/g, '')}`,
    insecure: tls.toLowerCase() === 'insecure',
    otherRepository: texts('otherRepository')[0] ?? 'conformance/repo2',
    username: texts('username')[0] ?? '',
    password: texts('password')[0] ?? '',
    readOnly: mayPush ? undefined : [...texts('tags'), ...texts('manifests')],
    ...skips,
    reportDir: reportDir === 'none' ? undefined : reportDir,
    warnings,
  };
}

interface Value {
  /** Whence it comes, for messages. */
  readonly from: string;
  readonly texts: readonly string[];
}

function settingOf(setting: Setting, env: Variables, document: JsonObject): Value | undefined {
  const { name, key, before = [], kind } = setting;
  const [now, ...earlier] = [name, ...before].map((from) => fromText(from, env[from], kind));
  return now ?? fromFile(key, document) ?? earlier.find((value) => value !== undefined);
}

function fromText(
  from: string,
  text: string | undefined,
  kind: Setting['kind'],
): Value | undefined {
  if (text === undefined || text.trim() === '') return undefined;
  return { from, texts: kind === 'list' ? text.split(/[\s,]+/).filter(Boolean) : [text.trim()] };
}

function fromFile(key: string | undefined, document: JsonObject): Value | undefined {
  let at: unknown = document;
  for (const step of key?.split('.') ?? []) at = asObject(at)?.[step];
  if (key === undefined || at === undefined || at === null || at === '') return undefined;
  const texts = (Array.isArray(at) ? at : [at]).map(String);
  return texts.length === 0 ? undefined : { from: key, texts };
}

function textsOf(values: ReadonlyMap<Setting, Value>, wanted: Effect): readonly string[] {
  return [...values].find(([{ effect }]) => effect === wanted)?.[1].texts ?? [];
}

function originOf(registry: string, tls: string): string {
  const [, scheme, rest = ''] = /^(?:(https?):\/\/)?(.*?)\/*$/i.exec(registry.trim()) ?? [];
  // OCI_ROOT_URL says the scheme itself.
  const bySetting = tls.toLowerCase() === 'disabled' ? 'http' : 'https';
  return `${scheme?.toLowerCase() ?? bySetting}://${rest}`;
}

/** The spec of 1.0 knows neither. */
const since11 = ['OCI_API_BLOBS_MOUNT_ANONYMOUS', 'OCI_API_REFERRER'];

function versionOf(version = '1.1'): string {
  if (/^(?:1\.0|1\.1|stable|dev|1\.1\+dev)$/.test(version)) return version;
  throw wrong(`OCI_VERSION=${version} is none of 1.0, 1.1, stable and dev`);
}

function skipsOf(
  values: ReadonlyMap<Setting, Value>,
  version: string,
): Pick<OfficialSetup, 'skip' | 'skipSections'> {
  const skip: string[] = [];
  const skipSections: string[] = [];
  for (const setting of settings) {
    const { effect, name } = setting;
    const value = values.get(setting);
    if (typeof effect === 'string') continue;
    const isOld = version === '1.0' && since11.includes(name);
    if (value === undefined && !isOld) continue;
    const held = value === undefined ? false : isTrue(value);
    if ('on' in effect && held) skip.push(...effect.on);
    if ('off' in effect && !held) skip.push(...effect.off);
    if ('offSections' in effect && !held) skipSections.push(...effect.offSections);
  }
  return { skip, skipSections };
}

/** As Go's strconv.ParseBool. */
function isTrue({ from, texts }: Value): boolean {
  const [text = ''] = texts;
  if (/^(?:1|t|T|true|TRUE|True)$/.test(text)) return true;
  if (/^(?:0|f|F|false|FALSE|False)$/.test(text)) return false;
  throw wrong(`${from}=${text} is neither true nor false`);
}

function unknownOf(env: Variables, document: JsonObject, file: SetupFile | undefined): string[] {
  const known = new Set([
    configVariable,
    ...settings.flatMap(({ name, before = [] }) => [name, ...before]),
  ]);
  const variables = Object.keys(env).filter((name) => name.startsWith('OCI_') && !known.has(name));
  const keys = new Set(settings.map(({ key }) => key));
  const paths = Object.entries(document).flatMap(([key, value]) => pathsOf(key, value));
  // What the suite writes into its own results, and reads back.
  const strange = paths.filter((path) => !keys.has(path) && path !== 'commit' && path !== 'legacy');
  return [
    ...variables.map((name) => `${name} is not known, and changes nothing`),
    ...strange.map((path) => `${file?.name}: ${path} is not known, and changes nothing`),
  ];
}

const depthMax = 4;

function pathsOf(path: string, value: unknown, depth = 1): string[] {
  const object = asObject(value);
  if (object === undefined || depth === depthMax) return [path];
  return Object.entries(object).flatMap(([key, below]) =>
    pathsOf(`${path}.${key}`, below, depth + 1),
  );
}

/** Its settings. @throws UserError `official-setup` (exit 2) */
export function documentOf({ name, text }: SetupFile): JsonObject {
  const read = readPlainYaml(text, 0);
  if (!('value' in read)) {
    const where = read.offset === undefined ? '' : ` at ${placeText(text, read.offset)}`;
    throw wrong(`${name} is no YAML${where}: ${read.message.split('\n', 1)[0]}`);
  }
  const object = asObject(read.value ?? {});
  if (object === undefined) throw wrong(`${name} holds no settings`);
  return object;
}

function wrong(problem: string): UserError {
  return new UserError(
    'official-setup',
    problem,
    `${docPage('conform.md')} has the table of the settings of the official suite that are understood.`,
  );
}
