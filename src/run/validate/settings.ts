// The file .pullproof.yaml: found upwards, read by the validator's own rules, so that its mistakes are told as
// those of any other document. Paths in it start from its folder.
import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { configBytesMax } from '../../formats/config-limits.ts';
import { asArray, asObject, asString, type JsonObject } from '../../lib/json.ts';
import { UserError } from '../../lib/user-error.ts';
import type { Kind, RuleLevel } from '../../validate/index.ts';
import { readFileUpTo } from './inputs/read-file.ts';
import { RootedPatterns } from './inputs/rooted-patterns.ts';
import { linkAt } from './inputs/unreadable.ts';

export interface Settings {
  /** The file they come from, from the working directory; undefined when there is none. */
  readonly file: string | undefined;
  readonly strict?: boolean;
  readonly layerBytesMax?: number;
  /** The file of known findings, from the working directory. */
  readonly baseline?: string;
  /** What is left out. */
  readonly exclude?: RootedPatterns;
  /** Levels of rules for a document. */
  readonly levels?: (path: string) => Readonly<Record<string, RuleLevel>>;
  /** What a file has to be. */
  readonly kindOf?: (path: string) => Kind | undefined;
  /** `NAME@VERSION`. */
  readonly clients?: readonly string[];
}

const names = ['.pullproof.yaml', '.pullproof.yml'];
const hint = 'schemas/config.schema.json describes the file; `pullproof explain RULE` says more.';
/** Of mistakes that the error message names. */
const toldMax = 5;

/**
 * The settings of a file that was named, or else of the nearest one in the working directory and above.
 * @throws UserError `settings-unreadable` (exit 2), also for keys and rules that do not exist
 */
export async function readSettings(
  named: string | undefined,
  judged: readonly string[] = [],
  from = '.',
): Promise<Settings> {
  const file = named ?? nearestFile(resolve(from));
  if (file === undefined) return { file };
  // Judged by itself it may have mistakes, which --fix mends.
  const isAlone = judged.length > 0 && judged.every((path) => resolve(path) === resolve(file));
  if (isAlone && named === undefined) return { file: undefined };
  const bytes = await readFileUpTo(file, configBytesMax).catch((error: Error) => {
    throw unreadable(file, error.message);
  });
  if (bytes === undefined) throw unreadable(file, `it is larger than ${configBytesMax} bytes`);
  return await parseSettings(file, bytes);
}

/** Not above the top of a checkout: another project begins there. */
function nearestFile(folder: string): string | undefined {
  // A link that leads nowhere is a mistake, not a folder without settings.
  const name = names.find((candidate) => {
    const file = join(folder, candidate);
    return existsSync(file) || linkAt(file) !== undefined;
  });
  if (name !== undefined) return relative('.', join(folder, name));
  const parent = dirname(folder);
  return parent === folder || existsSync(join(folder, '.git')) ? undefined : nearestFile(parent);
}

async function parseSettings(file: string, bytes: Uint8Array): Promise<Settings> {
  // Loaded here: most runs have no such file, and need no parser of YAML.
  const [{ validateDocument }, { readYaml }] = await Promise.all([
    import('../../validate/index.ts'),
    import('../../validate/read-yaml.ts'),
  ]);
  const { findings } = validateDocument(bytes, { path: file, kind: 'pullproof-config' });
  const errors = findings.filter(({ level }) => level === 'error');
  if (errors.length > 0) {
    const told = errors
      .slice(0, toldMax)
      .map(({ line, column, message }) => `${file}:${line}:${column}: ${message}`);
    throw unreadable(told.join('\n  '), '');
  }
  return settingsOf(file, asObject(readYaml(Buffer.from(bytes).toString('utf8')).value) ?? {});
}

/** Of a file without mistakes. */
function settingsOf(file: string, root: JsonObject): Settings {
  const { strict, maxLayerBytes, clients } = asObject(root.validate) ?? {};
  const folder = dirname(file);
  const baseline = asString(root.baseline);
  const overrides = (asArray(root.overrides) ?? []).map((entry) => overrideOf(entry, folder));
  const fitting = (path: string) =>
    // What lies in an archive or a registry is named by it.
    overrides.filter(({ files }) => files.fit(path.replace('!/', '/')));
  const rules = levelsOf(root);
  return {
    file,
    ...(Array.isArray(clients) && { clients: clients.map(String) }),
    ...(typeof strict === 'boolean' && { strict }),
    ...(typeof maxLayerBytes === 'number' && { layerBytesMax: maxLayerBytes }),
    ...(baseline !== undefined && { baseline: join(folder, baseline) }),
    ...(root.exclude !== undefined && { exclude: patternsOf(root.exclude, folder) }),
    levels: (path) =>
      overrides.length === 0
        ? rules
        : Object.assign({}, rules, ...fitting(path).map((override) => override.rules)),
    kindOf: (path) => fitting(path).findLast(({ kind }) => kind !== undefined)?.kind,
  };
}

interface Override {
  readonly files: RootedPatterns;
  readonly kind: Kind | undefined;
  readonly rules: Readonly<Record<string, RuleLevel>>;
}

function overrideOf(entry: unknown, folder: string): Override {
  const { files, kind, ...rest } = asObject(entry) ?? {};
  return {
    files: patternsOf(files, folder),
    kind: asString(kind) as Kind | undefined,
    rules: levelsOf(rest),
  };
}

function levelsOf({ rules }: JsonObject): Readonly<Record<string, RuleLevel>> {
  return (asObject(rules) ?? {}) as Record<string, RuleLevel>;
}

function patternsOf(value: unknown, folder: string): RootedPatterns {
  return new RootedPatterns(folder, [value].flat() as string[]);
}

function unreadable(file: string, problem: string): UserError {
  const message = problem === '' ? file : `${file} cannot be read: ${problem}`;
  return new UserError('settings-unreadable', message, hint);
}
