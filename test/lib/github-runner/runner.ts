// Plays the runner of GitHub Actions: the steps of a composite action, and of the jobs of a workflow. `run:` steps
// are run by bash as the real one does; `uses:` steps are played by functions that a test hands over.
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import {
  appendFileSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { parse } from 'yaml';
import { condition, interpolate, type Scope, type Value } from './expressions.ts';
import { RunnerLog, readAssignments } from './log.ts';

export interface StepSource {
  readonly id?: string;
  readonly name?: string;
  readonly if?: string;
  readonly run?: string;
  readonly uses?: string;
  readonly shell?: string;
  readonly with?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly 'working-directory'?: string;
  readonly 'continue-on-error'?: boolean;
}

interface ActionSource {
  readonly inputs: Readonly<Record<string, { default?: string; required?: boolean }>>;
  readonly outputs: Readonly<Record<string, { value: string }>>;
  readonly runs: { using: 'composite'; steps: readonly StepSource[] };
}

/** A `uses:` step that a test plays: its outputs. What it throws fails the step. */
export type Played = (
  inputs: Readonly<Record<string, string>>,
  job: Job,
) => Promise<Readonly<Record<string, string>>>;

export interface JobOptions {
  readonly workspace: string;
  /** By name, without the part behind the @. */
  readonly played?: Readonly<Record<string, Played>>;
  readonly event?: { readonly name: string; readonly payload: Value };
  /** Beside what the real one sets. */
  readonly variables?: Readonly<Record<string, string>>;
  readonly secrets?: Readonly<Record<string, string>>;
  /** Cancels the job when it resolves. */
  readonly cancelled?: Promise<unknown>;
}

export interface StepRecord {
  readonly name: string;
  readonly outcome: 'success' | 'failure' | 'skipped';
  readonly uses?: string;
  /** As the action was given it. */
  readonly with?: Readonly<Record<string, string>>;
}

const stepMsMax = 120_000;

/** One job: its log, summary, environment; several actions may run in it. */
export class Job {
  readonly log = new RunnerLog();
  readonly records: StepRecord[] = [];
  readonly temporary: string;
  readonly options: JobOptions;
  summary = '';
  isCancelled = false;
  readonly #tracking = `github_${randomUUID()}`;
  #path = '';
  #environment: Record<string, string> = {};

  constructor(options: JobOptions) {
    this.options = options;
    this.temporary = mkdtempSync(join(tmpdir(), 'pullproof-runner-'));
    mkdirSync(join(this.temporary, 'home'));
    const payload = JSON.stringify(options.event?.payload ?? {});
    writeFileSync(join(this.temporary, 'event.json'), payload);
  }

  addPath(folder: string): void {
    this.#path = `${folder}${delimiter}${this.#path}`;
  }

  /** Runs a composite action; its outputs, and whether it succeeded. */
  async action(
    folder: string,
    given: Readonly<Record<string, string>>,
  ): Promise<{ outcome: 'success' | 'failure'; outputs: Record<string, string> }> {
    const source = parse(readFileSync(join(folder, 'action.yml'), 'utf8')) as ActionSource;
    const unknown = Object.keys(given).filter((name) => !Object.hasOwn(source.inputs, name));
    if (unknown.length > 0) throw new Error(`the action has no input ${unknown.join(', ')}`);
    const contexts = this.#contexts();
    const defaults = { contexts, calls: {} };
    const inputs = Object.entries(source.inputs).map(([name, { default: byDefault = '' }]) => [
      name,
      given[name] ?? interpolate(byDefault, defaults),
    ]);
    const run = new Steps(this, source.runs.steps, {
      contexts: { ...contexts, inputs: Object.fromEntries(inputs) },
      variables: { GITHUB_ACTION_PATH: folder },
    });
    await run.all();
    const scope = run.scope();
    const outputs = Object.entries(source.outputs).map(([name, { value }]) => [
      name,
      interpolate(value, scope),
    ]);
    return { outcome: run.hasFailed ? 'failure' : 'success', outputs: Object.fromEntries(outputs) };
  }

  /** Runs the steps of a job of a workflow. */
  async steps(
    steps: readonly StepSource[],
    env: Readonly<Record<string, string>> = {},
  ): Promise<'success' | 'failure'> {
    const run = new Steps(this, steps, { contexts: this.#contexts(), variables: env });
    await run.all();
    return run.hasFailed ? 'failure' : 'success';
  }

  /** Ends what its steps left in the background, as the runner does. */
  end(): void {
    const mark = `RUNNER_TRACKING_ID=${this.#tracking}\0`;
    for (const id of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      try {
        if (readFileSync(`/proc/${id}/environ`, 'latin1').includes(mark)) process.kill(Number(id));
      } catch {
        // Ended meanwhile, or somebody else's.
      }
    }
  }

  #contexts(): Record<string, Value> {
    const variables = this.variables();
    const names = Object.keys(variables).filter((name) => name.startsWith('GITHUB_'));
    const github = names.map((name) => [name.slice(7).toLowerCase(), variables[name]]);
    const event = this.options.event?.payload ?? {};
    return {
      github: { ...Object.fromEntries(github), token: 'token-of-the-job', event },
      runner: { os: 'Linux', temp: join(this.temporary, 'temp') },
      secrets: { ...this.options.secrets },
    };
  }

  /** What every step has in its environment. */
  variables(): Record<string, string> {
    return {
      HOME: join(this.temporary, 'home'),
      XDG_RUNTIME_DIR: join(this.temporary, 'run'),
      PATH: `${this.#path}${process.env.PATH}`,
      CI: 'true',
      GITHUB_ACTIONS: 'true',
      GITHUB_WORKSPACE: this.options.workspace,
      GITHUB_EVENT_PATH: join(this.temporary, 'event.json'),
      GITHUB_EVENT_NAME: this.options.event?.name ?? 'push',
      GITHUB_REPOSITORY: 'owner/project',
      GITHUB_WORKFLOW: 'ci',
      GITHUB_JOB: 'gate',
      GITHUB_RUN_ID: '42',
      GITHUB_REF_NAME: 'main',
      GITHUB_SERVER_URL: 'https://github.com',
      GITHUB_API_URL: 'http://127.0.0.1:9',
      RUNNER_TRACKING_ID: this.#tracking,
      RUNNER_OS: 'Linux',
      RUNNER_TEMP: join(this.temporary, 'temp'),
      RUNNER_TOOL_CACHE: join(this.temporary, 'tools'),
      ...this.options.variables,
      ...this.#environment,
    };
  }

  /** Of a job or an action, with what steps have added for those after them. */
  environment(own: Readonly<Record<string, string>>): Record<string, string> {
    return { ...own, ...this.#environment };
  }

  take(environment: string, path: string): void {
    this.#environment = { ...this.#environment, ...readAssignments(environment) };
    for (const folder of path.split('\n').filter((line) => line !== '')) this.addPath(folder);
  }
}

interface Surroundings {
  readonly contexts: Readonly<Record<string, Value>>;
  readonly variables: Readonly<Record<string, string>>;
}

/** A list of steps, with the outputs of those that have an id. */
class Steps {
  readonly #job: Job;
  readonly #steps: readonly StepSource[];
  readonly #around: Surroundings;
  readonly #states: Record<string, { outputs: Record<string, string>; outcome: string }> = {};
  hasFailed = false;

  constructor(job: Job, steps: readonly StepSource[], around: Surroundings) {
    this.#job = job;
    this.#steps = steps;
    this.#around = around;
    for (const { id } of steps)
      if (id !== undefined) this.#states[id] = { outputs: {}, outcome: '' };
  }

  scope(): Scope {
    const isWell = !this.hasFailed && !this.#job.isCancelled;
    const { workspace } = this.#job.options;
    return {
      contexts: {
        ...this.#around.contexts,
        env: this.#job.environment(this.#around.variables),
        steps: this.#states,
      },
      calls: {
        always: () => true,
        success: () => isWell,
        failure: () => this.hasFailed && !this.#job.isCancelled,
        cancelled: () => this.#job.isCancelled,
        // Not the real hash: whether there is such a file is what we ask.
        hashFiles: (...patterns) =>
          patterns.some((one) => globSync(String(one), { cwd: workspace }).length > 0)
            ? 'hash'
            : '',
      },
    };
  }

  async all(): Promise<void> {
    for (const step of this.#steps) {
      const scope = this.scope();
      const name = step.id ?? step.name ?? step.uses ?? step.run ?? '';
      if (!condition(step.if, scope)) {
        this.#job.records.push({ name, outcome: 'skipped' });
        continue;
      }
      const env = evaluated(step.env, scope);
      const ended = await this.#step(step, { ...this.#around.variables, ...env }, scope);
      if (step.id !== undefined) this.#states[step.id] = ended;
      if (ended.outcome === 'failure' && step['continue-on-error'] !== true) this.hasFailed = true;
    }
  }

  async #step(step: StepSource, env: Record<string, string>, scope: Scope) {
    const name = step.id ?? step.name ?? step.uses ?? step.run ?? '';
    if (step.uses === undefined) {
      const ended = await this.#script(step, env, scope);
      this.#job.records.push({ name, outcome: ended.outcome });
      return ended;
    }
    const given = evaluated(step.with, scope);
    const play = this.#job.options.played?.[step.uses.replace(/@.*$/, '')];
    if (play === undefined) throw new Error(`nobody plays ${step.uses}`);
    try {
      const outputs = { ...(await play(given, this.#job)) };
      const outcome = outputs.outcome === 'failure' ? 'failure' : 'success';
      this.#job.records.push({ name, outcome, uses: step.uses, with: given });
      return { outputs, outcome } as const;
    } catch (error) {
      this.#job.log.add(`${(error as Error).message}\n`);
      this.#job.records.push({ name, outcome: 'failure', uses: step.uses, with: given });
      return { outputs: {}, outcome: 'failure' } as const;
    }
  }

  async #script(step: StepSource, env: Record<string, string>, scope: Scope) {
    const job = this.#job;
    const files = mkdtempSync(join(job.temporary, 'step-'));
    const script = join(files, 'script.sh');
    writeFileSync(script, interpolate(step.run ?? '', scope));
    const names = ['GITHUB_OUTPUT', 'GITHUB_STEP_SUMMARY', 'GITHUB_ENV', 'GITHUB_PATH'];
    const paths = names.map((name) => [name, join(files, name)] as const);
    for (const [, path] of paths) appendFileSync(path, '');
    mkdirSync(job.variables().RUNNER_TEMP ?? '', { recursive: true });
    const words = step.shell === undefined ? ['-e'] : ['--noprofile', '--norc', '-eo', 'pipefail'];
    const variables = { ...job.variables(), ...Object.fromEntries(paths), ...env };
    const cwd = join(job.options.workspace, step['working-directory'] ?? '.');
    const child = spawn('bash', [...words, script], {
      cwd,
      env: variables,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: stepMsMax,
    });
    const code = await this.#watched(child);
    const text = (name: string) => readFileSync(join(files, name), 'utf8');
    job.summary += text('GITHUB_STEP_SUMMARY');
    job.take(text('GITHUB_ENV'), text('GITHUB_PATH'));
    const outcome = code === 0 ? ('success' as const) : ('failure' as const);
    job.log.add(code === 0 ? '' : `##[error]Process completed with exit code ${code}.\n`);
    return { outputs: readAssignments(text('GITHUB_OUTPUT')), outcome };
  }

  async #watched(child: ChildProcess): Promise<number> {
    const { log, options } = this.#job;
    let isOver = false;
    void options.cancelled?.then(() => {
      if (isOver || this.#job.isCancelled) return;
      this.#job.isCancelled = true;
      child.kill('SIGINT');
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => log.add(chunk.toString()));
    }
    return await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => {
        isOver = true;
        log.end();
        resolve(code ?? -1);
      });
    });
  }
}

function evaluated(values: Readonly<Record<string, string>> | undefined, scope: Scope) {
  const entries = Object.entries(values ?? {});
  return Object.fromEntries(entries.map(([name, value]) => [name, interpolate(`${value}`, scope)]));
}
