// `pullproof init`: the files that a project begins with. What is there already is kept.
import {
  existsSync,
  lstatSync,
  readFileSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { isLoopbackName } from '../../access/loopback.ts';
import { makeFolder } from '../../lib/node/make-folder.ts';
import { UserError } from '../../lib/user-error.ts';
import { planFile, settingsFile } from './files.ts';
import { findIn } from './found.ts';
import { baselineName, githubWorkflow, gitlabTemplate, gitlabWorkflow } from './workflows.ts';

/** What a project may use pullproof for, by verb, as people are asked. */
export const purposes = {
  validate: 'a gate for manifests, layouts and configuration of clients',
  conform: 'check a registry against the specs',
  load: 'pull images as a fleet does',
  doctor: 'find out why pulls fail, and which hosts they touch',
} as const;

export type Purpose = keyof typeof purposes;

export const cis = ['github', 'gitlab', 'none'] as const;
export type Ci = (typeof cis)[number];

export interface InitOptions {
  readonly folder: string;
  readonly purposes: readonly Purpose[];
  /** As `load` takes it. */
  readonly image?: string | undefined;
  /** As `conform` takes it. */
  readonly registry?: string | undefined;
  readonly ci: Ci;
  /** What is there is written anew. */
  readonly force: boolean;
  readonly signal: AbortSignal;
}

/** Files by their paths from the folder, in the order in which they were looked at. */
export interface Initialised {
  readonly files: readonly { readonly path: string; readonly outcome: 'written' | 'kept' }[];
  /** Commands to go on with, in the folder. */
  readonly next: readonly string[];
  /** What the user has to do by hand. */
  readonly notes: readonly string[];
}

const planName = 'pullproof.plan.yaml';
const settingsNames = ['.pullproof.yaml', '.pullproof.yml'];
const githubNames = ['.github/workflows/pullproof.yml', '.github/workflows/pullproof.yaml'];
const gitlabTop = '.gitlab-ci.yml';
const gitlabPart = '.gitlab/pullproof.yml';
/** What `pullproof mock` serves when nothing else is said. */
const mockRegistry = 'http://127.0.0.1:5000';
const mockImage = 'demo/app:latest';

interface File {
  readonly path: string;
  readonly text: string;
}

/** @throws UserError `init-folder`, `init-unwritable` (exit 2) */
export async function initialise(options: InitOptions): Promise<Initialised> {
  const { folder, force, signal } = options;
  checkFolder(folder);
  const found = await findIn(folder, signal);
  signal.throwIfAborted();
  const image = options.image ?? exampleImage(options.registry);
  const workflow = workflowFile(options, image);
  const wanted: File[] = [
    { path: existing(folder, settingsNames), text: settingsFile(found) },
    { path: planName, text: planFile(image, planName) },
    ...(workflow === undefined ? [] : [workflow]),
  ];
  // Nothing is written before all places have been looked at.
  const kept = wanted.map(({ path }) => isThere(join(folder, path)) && !force);
  const files = wanted.map(({ path, text }, index) => {
    const isKept = kept[index] === true;
    if (!isKept) write(join(folder, path), text);
    return { path, outcome: isKept ? 'kept' : 'written' } as const;
  });
  return { files, next: nextOf(options, image), notes: notesOf(options, image, workflow) };
}

function exampleImage(registry: string = mockRegistry): string {
  const [origin = mockRegistry] = /^(?:https?:\/\/)?[^/]+/.exec(registry) ?? [];
  return `${origin}/${mockImage}`;
}

/** The CI whose files lie in the folder. */
export function likelyCi(folder: string): Ci {
  const isGitlab = existsSync(join(folder, gitlabTop)) && !existsSync(join(folder, '.github'));
  return isGitlab ? 'gitlab' : 'github';
}

function workflowFile(options: InitOptions, image: string): File | undefined {
  const { folder, ci, registry } = options;
  const has = (purpose: Purpose) => options.purposes.includes(purpose);
  const jobs = {
    validate: has('validate'),
    // What is not named lies on the machine of the user alone.
    plan: has('load') && options.image !== undefined ? planName : undefined,
    conform: has('conform') ? registry : undefined,
    doctor: has('doctor') ? options.image : undefined,
    image,
  };
  if (ci === 'none') return undefined;
  const isGithub = ci === 'github';
  const text = isGithub ? githubWorkflow(jobs) : gitlabWorkflow(jobs);
  const path = isGithub ? existing(folder, githubNames) : gitlabPath(folder);
  return text === undefined ? undefined : { path, text };
}

/** Pipelines that are there are not ours to write: what we write is for them to include. */
function gitlabPath(folder: string): string {
  const top = join(folder, gitlabTop);
  if (!isThere(top)) return gitlabTop;
  try {
    return readFileSync(top, 'utf8').includes(gitlabTemplate) ? gitlabTop : gitlabPart;
  } catch {
    return gitlabPart;
  }
}

/** Of names that mean the same, the one that is there. */
function existing(folder: string, names: readonly string[]): string {
  return names.find((name) => isThere(join(folder, name))) ?? (names[0] as string);
}

/** Links that lead nowhere are there too: writing would follow them. */
function isThere(path: string): boolean {
  let stats: Stats | undefined;
  try {
    stats = lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    throw unwritable(path, error as Error);
  }
  if (stats?.isDirectory()) throw unwritable(path, new Error('it is a folder'));
  return stats !== undefined;
}

function checkFolder(folder: string): void {
  try {
    if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== false) return;
  } catch (error) {
    throw unwritable(folder, error as Error);
  }
  const hint = 'Name the folder of a project, or a new one.';
  throw new UserError('init-folder', `${folder} is a file, not a folder`, hint);
}

/** Whole or not at all: half of a file would be kept the next time, and what was there is lost with it. */
function write(path: string, text: string): void {
  const part = `${path}.part`;
  try {
    makeFolder(dirname(path));
    writeFileSync(part, text);
    renameSync(part, path);
  } catch (error) {
    remove(part);
    throw unwritable(path, error as Error);
  }
}

function remove(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // Where it could not be written, it may not be removable either.
  }
}

function unwritable(path: string, { message }: Error): UserError {
  const hint = 'See who may write there, or name another folder: pullproof init DIR.';
  return new UserError('init-unwritable', `${path} cannot be written: ${message}`, hint);
}

function nextOf(options: InitOptions, planned: string): string[] {
  const { image, registry } = options;
  // The plan is there in any case.
  const chosen = new Set<Purpose>([...options.purposes, 'load']);
  const isMock = image === undefined && registry === undefined;
  const commands: Readonly<Record<Purpose, readonly string[]>> = {
    validate: ['pullproof validate .'],
    conform:
      registry === undefined
        ? []
        : [`pullproof conform ${registry} --write-baseline ${baselineName}`],
    load: [
      ...(isMock ? ['pullproof mock --auth none &'] : []),
      `pullproof load --plan ${planName}`,
    ],
    doctor: [`pullproof doctor ${planned}`],
  };
  return [...chosen].flatMap((purpose) => commands[purpose]);
}

const ciExample = 'https://github.com/pullproof/pullproof/blob/main/examples/github/registry.yml';

/** Host and port of a target, where only this machine reaches it. */
function loopbackOf(target: string | undefined): string | undefined {
  const host = target?.replace(/^https?:\/\//, '').split('/', 1)[0];
  return host !== undefined && isLoopbackName(host) ? host : undefined;
}

function notesOf(
  { ci, image, registry, purposes: chosen }: InitOptions,
  planned: string,
  workflow: File | undefined,
): string[] {
  const here = [registry, image].map(loopbackOf).find((host) => host !== undefined);
  const include = `add to ${gitlabTop}: include: [{ local: ${gitlabPart} }]`;
  const what = registry === undefined ? '`pullproof mock`' : `${planned}, which may not be there`;
  return [
    ...(workflow?.path === gitlabPart ? [include] : []),
    ...(ci !== 'none' && workflow === undefined
      ? ['no workflow: a load in CI needs an image, --image']
      : []),
    ...(workflow !== undefined && here !== undefined
      ? [`${here} is the runner itself in CI: start the registry in the job, as ${ciExample} does`]
      : []),
    ...(image === undefined && (registry === undefined || chosen.includes('load'))
      ? [`${planName} pulls from ${what}: write your own images into it`]
      : []),
  ];
}
