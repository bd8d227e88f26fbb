// Reading the file of a plan: checked against schemas/plan.schema.json, every complaint with its line and
// column. What the plan means for a run is put together with the flags in src/cli/load-plan.ts.

import { readFile, stat } from 'node:fs/promises';
import type { UploadForm } from '../../../../scenarios/lib/plan.ts';
import { configBytesMax } from '../../../formats/config-limits.ts';
import { childPointer, pointerSteps } from '../../../formats/places.ts';
import { docPage } from '../../../lib/doc-page.ts';
import { placeText } from '../../../lib/line-columns.ts';
import { meantName } from '../../../lib/nearest.ts';
import { UserError } from '../../../lib/user-error.ts';
import { wordWithoutUserinfo } from '../../../lib/word-without-userinfo.ts';
import validate from '../../../validate/generated/plan.js';
import { readYaml } from '../../../validate/read-yaml.ts';
import type { Reading } from '../../../validate/reading.ts';

/** A plan as it is written; durations, rates, images and objectives are still text. */
export interface PlanDocument {
  readonly images?: readonly (string | { image: string; weight?: number })[];
  readonly zipf?: number;
  readonly platforms?: Readonly<Record<string, number>>;
  readonly clients?: Readonly<Record<string, number>>;
  readonly mirrors?: readonly string[];
  readonly nodes?: number | { count: number; keep?: number };
  readonly thinkTime?: string | { min: string; max: string };
  readonly shape?: string;
  readonly vus?: number;
  readonly rate?: string;
  readonly duration?: string;
  readonly iterations?: number;
  readonly stages?: readonly { duration: string; vus?: number; rate?: string }[];
  readonly push?: PushDocument;
  readonly verify?: 'all' | 'sample' | 'size' | 'none';
  readonly slo?: readonly string[];
  readonly abortOnSlo?: boolean;
  readonly seed?: number;
  readonly startAt?: string;
}

/** Pushes beside the pulls; sizes and the rate are still text. */
export interface PushDocument {
  readonly repository: string;
  readonly rate?: string;
  readonly vus?: number;
  readonly layers?: number;
  readonly bytes?: string | number | Readonly<Record<string, number>>;
  readonly blobs?: number;
  readonly upload?: UploadForm | { readonly [form in UploadForm]?: number };
  readonly chunkBytes?: string | number;
  readonly cleanUp?: boolean;
}

/** Members that are durations and rates: a number in them is text, as it is in a flag. */
const wordMembers: ReadonlySet<string> = new Set(['rate', 'duration', 'thinkTime', 'min', 'max']);

function worded(value: unknown, member = ''): unknown {
  if (typeof value === 'number' && wordMembers.has(member)) return String(value);
  if (Array.isArray(value)) return value.map((one) => worded(one));
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).map(([name, one]) => [name, worded(one, name)] as const);
  return Object.fromEntries(members);
}

const shownCharsMax = 64 * 1024;

/** The schema knows no member for a secret, but a comment may hold anything, and an address its user. */
function withoutSecrets(text: string): string {
  return text
    .replace(/[^\s"'`,[\]{}()<>]+/g, wordWithoutUserinfo)
    .replace(
      /\b([\w-]*(?:password|passwd|secret|token|authorization|bearer))([ \t]*[:=][ \t]*)\S.*/gi,
      '$1$2***',
    );
}

/** The YAML or JSON file of a plan, and where its parts stand. */
export class PlanFile {
  readonly document: PlanDocument;
  readonly #file: string;
  readonly #text: string;
  readonly #reading: Reading;

  constructor(file: string, text: string) {
    this.#file = file;
    this.#text = text;
    this.#reading = readYaml(text);
    const [problem] = this.#reading.problems;
    if (problem !== undefined) {
      throw this.#at(
        problem.offset,
        problem.detail,
        'Mend the YAML; indentation is blanks, never tabs.',
      );
    }
    const value = this.#reading.value;
    if (!validate(value)) this.#refuse(validate.errors ?? [], value);
    this.document = worded(value) as PlanDocument;
  }

  /** For the results: cut, and without what looks like a credential, in comments too. */
  shown(): { path: string; text: string } {
    const text = withoutSecrets(this.#text).slice(0, shownCharsMax);
    return { path: withoutSecrets(this.#file), text };
  }

  /**
   * Makes something of the value at a place, whose complaint then says where that is.
   * @throws UserError `plan-invalid`
   */
  make<T>(path: readonly (string | number)[], work: () => T): T {
    try {
      return work();
    } catch (error) {
      const pointer = path.reduce<string>(childPointer, '');
      const hint = error instanceof UserError ? error.hint : `See ${docPage('load.md')}.`;
      throw this.#at(this.#offsetOf(pointer), (error as Error).message, hint);
    }
  }

  /**
   * As `make`, of a text that `parse` may refuse by throwing the forms that work.
   * @throws UserError `plan-invalid` that says what was read, and where
   */
  read<T>(path: readonly (string | number)[], text: string, parse: (text: string) => T): T {
    return this.make(path, () => {
      try {
        return parse(text);
      } catch (error) {
        if (error instanceof UserError) throw error;
        const problem = `${JSON.stringify(text.slice(0, 100))} cannot be read`;
        throw new UserError('plan-invalid', problem, (error as Error).message);
      }
    });
  }

  #offsetOf(pointer: string, mark: 'value' | 'name' = 'value'): number {
    const place = this.#reading.locate(this.#text, [pointer]).get(pointer);
    return (mark === 'name' ? place?.name?.start : undefined) ?? place?.value ?? 0;
  }

  #at(offset: number, problem: string, hint: string): UserError {
    const where = `${this.#file}:${placeText(this.#text, offset)}`;
    return new UserError('plan-invalid', `${where}: ${problem}`, hint);
  }

  /** Says the first complaint of the schema, by place, that is about a value and not about its branches. */
  #refuse(errors: readonly SchemaComplaint[], value: unknown): never {
    const telling = errors.filter(
      ({ keyword }) => !['anyOf', 'oneOf', 'if', 'propertyNames'].includes(keyword),
    );
    const complaints = telling.length > 0 ? telling : errors;
    // The deepest is the nearest to what the author meant, where a value may have one of two forms.
    const depth = ({ instancePath }: SchemaComplaint) => 2 * pointerSteps(instancePath).length;
    // A misspelt name is told rather than the right one that is missing.
    const rank = (one: SchemaComplaint) => depth(one) - (one.keyword === 'required' ? 1 : 0);
    const [worst] = [...complaints].sort((a, b) => rank(b) - rank(a));
    if (worst === undefined)
      throw this.#at(0, 'the plan does not fit its schema', `See ${docPage('load.md')}.`);
    const { pointer, mark, problem, hint } = complaintOf(worst, value);
    throw this.#at(this.#offsetOf(pointer, mark), problem, hint);
  }
}

/** An error of ajv with the node of the schema it comes from. */
interface SchemaComplaint {
  readonly instancePath: string;
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly message?: string;
  /** Where the complaint is about the name of a member. */
  readonly propertyName?: string;
  readonly parentSchema?: {
    readonly description?: string;
    readonly properties?: Readonly<Record<string, unknown>>;
  };
}

interface PlacedComplaint {
  readonly pointer: string;
  /** What it is about at the pointer; the value unless told. */
  readonly mark?: 'name';
  readonly problem: string;
  readonly hint: string;
}

function complaintOf(complaint: SchemaComplaint, value: unknown): PlacedComplaint {
  const { instancePath, keyword, params, parentSchema, propertyName } = complaint;
  const name = pointerSteps(instancePath).join('.') || 'the plan';
  const about = parentSchema?.description ?? `See ${docPage('load.md')}.`;
  if (keyword === 'additionalProperties') {
    const key = String(params.additionalProperty);
    // `$schema` is for editors.
    const known = Object.keys(parentSchema?.properties ?? {}).filter((name) => name[0] !== '$');
    const meant = meantName(key, known);
    const hint = meant === undefined ? `Known are: ${known.join(', ')}.` : `Did you mean ${meant}?`;
    const problem = `there is no ${JSON.stringify(key)} in ${name}`;
    return { pointer: childPointer(instancePath, key), mark: 'name', problem, hint };
  }
  if (keyword === 'enum') {
    const allowed = (params.allowedValues as unknown[]).map(String);
    const meant = meantName(String(valueAt(value, instancePath)), allowed);
    const choices = `Write one of: ${allowed.join(', ')}.`;
    const hint = meant === undefined ? choices : `Did you mean ${meant}? ${choices}`;
    return { pointer: instancePath, problem: `${name} is none of the known words`, hint };
  }
  if (keyword === 'pattern') {
    const read = JSON.stringify(String(propertyName ?? valueAt(value, instancePath)).slice(0, 100));
    const problem = `${name}: ${read} cannot be read`;
    if (propertyName === undefined) return { pointer: instancePath, problem, hint: about };
    return {
      pointer: childPointer(instancePath, propertyName),
      mark: 'name',
      problem,
      hint: about,
    };
  }
  const message = complaint.message ?? 'does not fit the schema';
  return { pointer: instancePath, problem: `${name} ${message}`, hint: about };
}

function valueAt(value: unknown, pointer: string): unknown {
  return pointerSteps(pointer).reduce<unknown>(
    (at, step) => (at as Record<string, unknown> | undefined)?.[step],
    value,
  );
}

/** @throws UserError (exit 2) that says where and what to do */
export async function readPlanFile(file: string): Promise<PlanFile> {
  return new PlanFile(file, await textOf(file));
}

async function textOf(file: string): Promise<string> {
  try {
    const { size } = await stat(file);
    if (size > configBytesMax) throw new Error(`it has more than ${configBytesMax} bytes`);
    return await readFile(file, 'utf8');
  } catch (error) {
    const { code, message: told } = error as NodeJS.ErrnoException;
    const message = `--plan ${file}: ${code === 'ENOENT' ? 'there is no such file' : told}`;
    throw new UserError(
      'plan-unreadable',
      message,
      `Give a YAML file as ${docPage('load.md')} describes it; \`pullproof init\` writes one.`,
    );
  }
}
