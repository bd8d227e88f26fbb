// The inputs of the action, as action.yml hands them over in the environment: never as text of a script.
import { isAbsolute, resolve } from 'node:path';
import { meantName } from '../src/lib/nearest.ts';
import { UserError } from '../src/lib/user-error.ts';
import { splitWords } from './split-words.ts';

export type Variables = Readonly<Record<string, string | undefined>>;

/** The verbs that end by themselves with a verdict. */
export const verbs = ['validate', 'conform', 'load', 'doctor', 'report'] as const;
export type ActionVerb = (typeof verbs)[number];

export interface Inputs {
  readonly verb: ActionVerb;
  readonly args: readonly string[];
  /** As given; '' is the version of the action itself. */
  readonly version: string;
  /** Paths are relative to `folder`; '' and none where nothing was given. */
  readonly config: string;
  readonly baseline: readonly string[];
  readonly expectHosts: readonly string[];
  readonly username: string;
  readonly password: string;
  readonly isSummary: boolean;
  /** A later step comments on the pull request. */
  readonly isComment: boolean;
  readonly isAnnotated: boolean;
  readonly sarifFile: string;
  /** Working folder, absolute. */
  readonly folder: string;
}

/** @throws UserError (exit 2) `verb-unknown`, `input-boolean`, `username-missing`, and those of `splitWords` */
export function readInputs(variables: Variables): Inputs {
  const of = (name: string) => variables[`INPUT_${name}`]?.trim() ?? '';
  const [username, password] = [of('USERNAME'), variables.INPUT_PASSWORD ?? ''];
  if ((username === '') !== (password === '')) {
    const [given, missing] = username === '' ? ['password', 'username'] : ['username', 'password'];
    throw new UserError(
      'credentials-half',
      `${given} is given without ${missing}`,
      `Give both or none; a secret that a fork cannot read is empty: leave out ${given} there, too.`,
    );
  }
  return {
    verb: verbOf(of('VERB')),
    args: splitWords(of('ARGS')),
    version: of('VERSION'),
    config: of('CONFIG'),
    baseline: linesOf(of('BASELINE')),
    expectHosts: linesOf(of('EXPECT_HOSTS')),
    username,
    password,
    isSummary: isTrue('summary', of('SUMMARY'), true),
    isComment: isTrue('comment', of('COMMENT'), false),
    isAnnotated: isTrue('annotations', of('ANNOTATIONS'), true),
    sarifFile: of('SARIF_FILE'),
    folder: folderOf(of('WORKING_DIRECTORY'), variables),
  };
}

function verbOf(text: string): ActionVerb {
  const verb = verbs.find((one) => one === text);
  if (verb !== undefined) return verb;
  const like = meantName(text, verbs);
  throw new UserError(
    'verb-unknown',
    text === '' ? 'no verb is given' : `the action has no verb ${JSON.stringify(text)}`,
    like === undefined
      ? `Write verb: ${verbs.join(', ')}; others are for a run: step of your own.`
      : `Write verb: ${like}.`,
  );
}

/** An empty one is as if it were not given: expressions give that. */
function isTrue(name: string, text: string, byDefault: boolean): boolean {
  if (text === '') return byDefault;
  if (text === 'true' || text === 'false') return text === 'true';
  throw new UserError(
    'input-boolean',
    `${name} is ${JSON.stringify(text)}, neither true nor false`,
    `Write ${name}: true or ${name}: false.`,
  );
}

/** A value a line; empty lines, and what follows # at a line's start or after a blank, say nothing. */
function linesOf(text: string): string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.replace(/(?:^|\s)#.*$/, '').trim())
    .filter((line) => line !== '');
}

function folderOf(text: string, { GITHUB_WORKSPACE: workspace = '.' }: Variables): string {
  return isAbsolute(text) ? text : resolve(workspace, text);
}
