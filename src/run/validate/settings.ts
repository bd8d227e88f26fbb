// The file .pullproof.yaml: read by the validator's own rules, so that its mistakes are told as those of
// any other document.
import { asObject } from '../../lib/json.ts';
import { UserError } from '../../lib/user-error.ts';
import type { RuleLevel } from '../../validate/index.ts';
import { configBytesMax } from '../../validate/reading.ts';
import { readFileUpTo } from './inputs/read-file.ts';

export interface Settings {
  /** The file they come from; undefined when there is none. */
  readonly file: string | undefined;
  readonly levels?: Readonly<Record<string, RuleLevel>>;
  readonly strict?: boolean;
  readonly layerBytesMax?: number;
}

const names = ['.pullproof.yaml', '.pullproof.yml'];
const hint = 'schemas/config.schema.json describes the file; `pullproof explain RULE` says more.';
/** Of mistakes that the error message names. */
const toldMax = 5;

/**
 * The settings of a file that was named, or else of the working directory's own.
 * @throws UserError `settings-unreadable` (exit 2), also for keys and rules that do not exist
 */
export async function readSettings(named: string | undefined): Promise<Settings> {
  for (const file of named === undefined ? names : [named]) {
    const bytes = await readFileIfAny(file, named !== undefined);
    if (bytes !== undefined) return await parseSettings(file, bytes);
  }
  return { file: undefined };
}

async function readFileIfAny(file: string, isNeeded: boolean): Promise<Uint8Array | undefined> {
  try {
    const bytes = await readFileUpTo(file, configBytesMax);
    if (bytes === undefined) throw new Error(`it is larger than ${configBytesMax} bytes`);
    return bytes;
  } catch (error) {
    if (!isNeeded && (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw unreadable(file, (error as Error).message);
  }
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
  const root = asObject(readYaml(Buffer.from(bytes).toString('utf8')).value) ?? {};
  const { strict, maxLayerBytes } = asObject(root.validate) ?? {};
  return {
    file,
    levels: (asObject(root.rules) ?? {}) as Record<string, RuleLevel>,
    ...(typeof strict === 'boolean' && { strict }),
    ...(typeof maxLayerBytes === 'number' && { layerBytesMax: maxLayerBytes }),
  };
}

function unreadable(file: string, problem: string): UserError {
  const message = problem === '' ? file : `${file} cannot be read: ${problem}`;
  return new UserError('settings-unreadable', message, hint);
}
