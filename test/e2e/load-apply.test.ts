// `load --k8s DIR --apply` by a scripted kubectl, which says what a cluster said (test/fixtures/kubernetes).
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect } from 'vitest';
import { type RunningMock, startMock } from '../../mocks/server.ts';
import { findK6 } from '../../src/run/load/k6/find.ts';
import { packageRoot } from '../../src/run/package-root.ts';
import { validateResults } from '../../src/run/results-schema.ts';
import { type CliOptions, cli, readResults, scratch } from '../lib/cli.ts';
import { type Answer, type ScriptedKubectl, scriptedKubectl } from '../lib/scripted-kubectl.ts';
import { runTool, testWith } from '../lib/tools.ts';

const test = testWith('k6');
const name = 'pullproof-fleet';
const password = 'hunter2-never-written';

interface World {
  /** As `load --k8s` wrote it. */
  readonly dir: string;
  /** What kustomize makes of it. */
  readonly kustomized: string;
  readonly timelines: readonly string[];
}

let volume: World;
let logs: World;

const registry = { auth: 'basic', username: 'demo', password } as const;
const user = ['--username', 'demo', '--password-stdin'];
const load = ['--iterations', '12', '--vus', '4', '--seed', '3'];

beforeAll(async () => {
  const environment = { variables: process.env, progress: () => undefined };
  const k6 = await findK6('built', environment).catch(() => undefined);
  if (k6 === undefined) return;
  const mock = await startMock(registry);
  try {
    volume = await described(mock, k6.path, []);
    logs = await described(mock, k6.path, ['--results', 'logs']);
  } finally {
    await mock.close();
  }
});

async function described(mock: RunningMock, k6: string, more: readonly string[]): Promise<World> {
  const dir = join(scratch(), 'fleet');
  const words = ['load', `http://${mock.images[0]}`, ...load, '--k8s', dir, '--parallelism', '2'];
  const written = await cli([...words, ...user, ...more], { input: `${password}\n` });
  expect(written.code, written.stderr).toBe(0);
  const config = `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name} }\n`;
  const files = ['testrun.yaml', 'results-claim.yaml'].filter((file) =>
    existsSync(join(dir, file)),
  );
  const all = [config, ...files.map((file) => readFileSync(join(dir, file), 'utf8'))];
  const kustomized = join(scratch(), 'kustomized.yaml');
  writeFileSync(kustomized, all.join('---\n'));
  const runners = more.length > 0 ? [] : [1, 2];
  // As in a cluster, both are there before either has ended.
  const timelines = await Promise.all(runners.map((runner) => ran(k6, dir, runner)));
  return { dir, kustomized, timelines };
}

async function ran(k6: string, dir: string, runner: number): Promise<string> {
  const file = join(scratch(), `${name}-${runner}.ndjson`);
  const share = [`--execution-segment=${runner - 1}/2:${runner}/2`];
  const all = ['run', '--quiet', ...share, '--execution-segment-sequence=0,1/2,1'];
  const outs = ['--out', `pullproof=${file}`, '--summary-mode', 'disabled', '--address', ''];
  const { code, output } = await runTool(k6, [...all, ...outs, join(dir, 'scenario.js')], {
    PULLPROOF_PLAN_FILE: './plan.json',
    PULLPROOF_USERNAME_0: 'demo',
    PULLPROOF_PASSWORD_0: password,
  });
  expect(code, output).toBe(0);
  return file;
}

const list = (items: unknown) => JSON.stringify({ kind: 'List', items });

/** The answers that play what was recorded. */
function recorded(file: string): Answer[] {
  const path = join(packageRoot, 'test', 'fixtures', 'kubernetes', `${file}.json`);
  const { looks } = JSON.parse(readFileSync(path, 'utf8'));
  const [{ testRun, found, events }] = looks.slice(-1);
  return [
    { asked: /^.*get testruns.k6.io/, replies: [{}, { stdout: JSON.stringify(testRun[0]) }] },
    { asked: /get jobs.batch,pods/, replies: [{ stdout: list(found) }] },
    { asked: /get events .*type=Warning/, replies: [{ stdout: list(events) }] },
  ];
}

/** A cluster in which all goes well. */
function working({ kustomized, timelines }: World): Answer[] {
  const running = { phase: 'Running', containerStatuses: [] };
  const collector = { kind: 'Pod', metadata: { name: `${name}-collector` }, status: running };
  const sums = timelines.map((file) => {
    const sum = createHash('sha256').update(readFileSync(file)).digest('hex');
    return `${sum}  ${file.split('/').at(-1)}`;
  });
  const folder = scratch();
  const zipped = timelines.map((file, at) => {
    const path = join(folder, `${at + 1}.gz`);
    writeFileSync(path, gzipSync(readFileSync(file)));
    return {
      asked: new RegExp(`gzip -c /results/${name}-${at + 1}.ndjson`),
      replies: [{ file: path }],
    };
  });
  return [
    { asked: /(?:^| )kustomize /, replies: [{ file: kustomized }] },
    { asked: /config view/, replies: [{ stdout: 'kind load' }] },
    { asked: /create .*status.allowed/, replies: [{ stdout: 'true\n'.repeat(rights) }] },
    { asked: /get persistentvolumeclaim/, replies: [notFound] },
    { asked: /get pods \S*collector/, replies: [{ stdout: JSON.stringify(collector) }] },
    { asked: /sha256sum/, replies: [{ stdout: `${sums.join('\n')}\n` }] },
    ...zipped,
  ];
}

/** Asked for where there is a volume, and no Secret to make. */
const rights = 18;
const notFound = { code: 1, stderr: 'Error from server (NotFound): it is not found\n' };
const secretThere = { asked: /get secrets/, replies: [{ stdout: `${name}-login-1   <none>\n` }] };

interface Applied {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly dir: string;
  readonly out: string;
  readonly kubectl: ScriptedKubectl;
}

/** Answers in front win. */
async function apply(
  world: World,
  answers: readonly Answer[],
  more: readonly string[] = [],
  options: CliOptions = {},
): Promise<Applied> {
  const dir = join(scratch(), 'fleet');
  cpSync(world.dir, dir, { recursive: true });
  const kubectl = scriptedKubectl([...answers, secretThere, ...working(world)]);
  const out = join(scratch(), 'out');
  const words = ['load', '--k8s', dir, '--apply', '--out', out, ...more];
  const ended = await cli(words, { ...options, env: { ...kubectl.env, ...options.env } });
  return { ...ended, dir, out, kubectl };
}

const wordsOf = ({ kubectl }: Applied) => kubectl.asked().map(({ words }) => words);
const deletes = (applied: Applied) =>
  wordsOf(applied)
    .filter((words) => / delete /.test(words))
    .join('\n');

describe('a run that goes well', () => {
  test('is followed, fetched, joined, and taken away', async () => {
    const applied = await apply(volume, recorded('finished'));
    const { code, stdout, stderr, dir, out } = applied;
    expect(code, stderr).toBe(0);
    const results = readResults(out);
    expect(validateResults(results)).toBeUndefined();
    expect(results.load).toMatchObject({ pulls: { ok: 12, failed: 0 }, merged: { runs: 2 } });
    expect(stdout).toContain('12 pulls');
    expect(readdirSync(join(dir, 'timelines')).sort()).toEqual([
      `${name}-1.ndjson`,
      `${name}-2.ndjson`,
    ]);
    const words = wordsOf(applied);
    // In one namespace, all of it.
    const local = words.filter((one) => !/^(?:kustomize|config) /.test(one));
    expect(local.filter((one) => !one.startsWith('--namespace load '))).toEqual([]);
    // The volume is proven before any load is made.
    const probed = words.findIndex((one) => /exec .*probe/.test(one));
    const begun = words.findIndex((one) => /apply --server-side -k/.test(one));
    expect(probed).toBeGreaterThan(0);
    expect(begun).toBeGreaterThan(probed);
    const last = words.at(-1) ?? '';
    for (const one of ['testruns.k6.io/', 'configmap/', 'pod/', 'persistentvolumeclaim/']) {
      expect(last).toContain(`${one}${name}`);
    }
    // The Secret is the user's.
    expect(deletes(applied)).not.toContain('secret');
  });

  test('begins at a time that is to come, for a short load', async () => {
    const beganMs = Date.now();
    const { dir } = await apply(volume, recorded('finished'), ['--start-in', '5m']);
    const { startAt } = JSON.parse(readFileSync(join(dir, 'plan.json'), 'utf8'));
    const aheadMs = Date.parse(startAt) - beganMs;
    expect(aheadMs).toBeGreaterThanOrEqual(5 * 60_000);
    expect(aheadMs).toBeLessThan(7 * 60_000);
  });

  test('of a folder with images makes the Secrets, by standard input alone', async () => {
    const mock = await startMock(registry);
    const dir = join(scratch(), 'fleet');
    const none = { asked: /get secrets/, replies: [{}] };
    const kubectl = scriptedKubectl([none, ...recorded('finished'), ...working(volume)]);
    const words = ['load', `http://${mock.images[0]}`, ...load, '--parallelism', '2', ...user];
    const all = [...words, '--k8s', dir, '--apply', '--kube-context', 'kind'];
    const { code, stderr } = await cli(all, { input: `${password}\n`, env: kubectl.env });
    await mock.close();
    expect(code, stderr).toBe(0);
    const asked = kubectl.asked();
    expect(asked.every(({ words }) => words.startsWith('--context kind '))).toBe(true);
    const made = asked.filter(({ stdin }) => stdin.includes('"Secret"'));
    expect(made).toHaveLength(1);
    const [secret] = JSON.parse(made[0]?.stdin ?? '').items;
    expect(secret.metadata.name).toBe(`${name}-login-1`);
    expect(Buffer.from(secret.data.password, 'base64').toString()).toBe(password);
    expect(asked.at(-1)?.words).toContain(`secret/${name}-login-1`);
    const written = readdirSync(dir, { recursive: true, encoding: 'utf8' });
    for (const file of written.filter((one) => /\.\w+$/.test(one))) {
      expect(readFileSync(join(dir, file), 'utf8'), file).not.toContain(password);
    }
    expect(asked.map(({ words }) => words).join('\n')).not.toContain(password);
  });

  test('outlasts an API server that is away for a while', async () => {
    const [testRun, ...others] = recorded('finished');
    const away = { code: 1, stderr: 'The connection to the server 10.0.0.1:6443 was refused\n' };
    const replies = [{}, away, away, ...(testRun?.replies.slice(1) ?? [])];
    const { code, stderr } = await apply(volume, [{ asked: /get testruns/, replies }, ...others]);
    expect(code, stderr).toBe(0);
    expect(stderr).toContain('10.0.0.1:6443');
  });

  test('takes the place of a run that has finished', async () => {
    const [testRun, ...others] = recorded('finished');
    const replies = testRun?.replies.slice(1) ?? [];
    const applied = await apply(volume, [{ asked: /get testruns/, replies }, ...others]);
    expect(applied.code, applied.stderr).toBe(0);
    expect(deletes(applied)).toContain(`delete testruns.k6.io ${name}`);
  });
});

const cannotList =
  'Error from server (Forbidden): testruns.k6.io "x" is forbidden: User "u" cannot get resource "testruns"\n';

describe('before anything is made', () => {
  test.each([
    [
      'the cluster is away',
      /get testruns/,
      'Unable to connect to the server: dial tcp: i/o timeout',
      3,
    ],
    ['no such context', /get testruns/, 'error: context "x" does not exist', 2],
    ['no operator', /get testruns/, `error: the server doesn't have a resource type "testruns"`, 3],
    ['no right', /get testruns/, cannotList, 3],
    ['no login', /get testruns/, 'error: You must be logged in to the server (Unauthorized)', 3],
    ['no such folder for kustomize', /kustomize /, 'error: accumulating resources', 2],
  ])('%s', async (_, asked, stderr, exitCode) => {
    const applied = await apply(volume, [{ asked, replies: [{ code: 1, stderr }] }]);
    expect(applied.code, applied.stderr).toBe(exitCode);
    expect(applied.stderr).toContain('hint: ');
    expect(wordsOf(applied).filter((words) => /apply|delete/.test(words))).toEqual([]);
  });

  test('a Secret that is refused: what repeats it is not repeated', async () => {
    const mock = await startMock(registry);
    const dir = join(scratch(), 'fleet');
    const coded = Buffer.from(password).toString('base64');
    const stderr = `Error from server: denied: {"data":{"password":"${coded}"}} ${password}\n`;
    const refused = { asked: /apply .* -f -$/, replies: [{ code: 1, stderr }] };
    const none = { asked: /get secrets/, replies: [{}] };
    const kubectl = scriptedKubectl([refused, none, ...recorded('finished'), ...working(logs)]);
    const more = ['--parallelism', '2', '--results', 'logs', ...user];
    const words = ['load', `http://${mock.images[0]}`, ...load, ...more];
    const env = { ...kubectl.env, PULLPROOF_DEBUG: '1' };
    const ended = await cli([...words, '--k8s', dir, '--apply'], { input: `${password}\n`, env });
    await mock.close();
    expect(ended.code, ended.stderr).toBe(3);
    expect(ended.stderr).toContain('denied');
    for (const form of [password, coded]) {
      expect(ended.stderr + ended.stdout).not.toContain(form);
    }
  });

  test('rights that are missing are named, each', async () => {
    const stdout = `true\nfalse\n${'true\n'.repeat(rights - 2)}`;
    const applied = await apply(volume, [{ asked: /status.allowed/, replies: [{ stdout }] }]);
    expect(applied.code, applied.stderr).toBe(3);
    expect(applied.stderr).toContain('create testruns.k6.io');
    expect(wordsOf(applied).filter((words) => / apply /.test(words))).toEqual([]);
  });

  test('a Secret that is nowhere', async () => {
    const applied = await apply(volume, [{ asked: /get secrets/, replies: [{}] }]);
    expect(applied.code, applied.stderr).toBe(2);
    expect(applied.stderr).toContain(`${name}-login-1`);
  });

  test('a run of the name that goes on is left alone', async () => {
    const [testRun] = recorded('unschedulable');
    const replies = testRun?.replies.slice(1) ?? [];
    const applied = await apply(volume, [{ asked: /get testruns/, replies }]);
    expect(applied.code, applied.stderr).toBe(2);
    expect(applied.stderr).toContain(`delete testruns.k6.io ${name}`);
    expect(deletes(applied)).toBe('');
  });

  test('a volume that cannot be written', async () => {
    const stderr = `sh: can't create /results/.x: Permission denied\n`;
    const replies = [{ code: 1, stderr }];
    const applied = await apply(volume, [{ asked: /exec .*probe/, replies }]);
    expect(applied.code, applied.stderr).toBe(3);
    expect(applied.stderr).toContain('Permission denied');
    expect(wordsOf(applied).filter((words) => /apply .*-k /.test(words))).toEqual([]);
    expect(deletes(applied)).toContain(`persistentvolumeclaim/${name}-results`);
  });

  test('no kubectl, and flags that say nothing', async () => {
    const { env } = scriptedKubectl([]);
    const empty = mkdtempSync(join(tmpdir(), 'pullproof-test-'));
    const without = { env: { ...env, PATH: empty } };
    const all = ['load', '--k8s', volume.dir, '--apply'];
    expect((await cli(all, without)).code).toBe(2);
    for (const words of [
      [...all, '--vus', '3'],
      [...all.slice(0, 3), '--kube-context', 'x'],
      ['load', '--k8s', scratch(), '--apply'],
    ]) {
      const { code, stderr } = await cli(words, { env });
      expect(code, `${words}: ${stderr}`).toBe(2);
      expect(stderr).toContain('hint: ');
    }
  });
});

describe('a reason that does not mend itself', () => {
  test.each([
    ['unschedulable', 'Insufficient cpu'],
    ['image-not-pulled', 'registry.example'],
    ['image-name-invalid', 'invalid reference format'],
    ['pod-security', 'violates PodSecurity'],
    ['quota-exceeded', 'exceeded quota'],
    ['reference-missing', 'not found'],
    ['starter-image', '--starter-image'],
  ])('%s: says it, and leaves nothing', async (file, words) => {
    const answers = recorded(file);
    const applied = await apply(logs, answers, ['--patience', '1s']);
    expect(applied.code, applied.stderr).toBe(3);
    expect(applied.stderr).toContain(words);
    expect(applied.stderr).toContain('hint: ');
    expect(deletes(applied)).toContain(`testruns.k6.io/${name}`);
    expect(existsSync(join(applied.out, 'results.json'))).toBe(false);
  });

  test('the last words of a pod that failed are kept', async () => {
    const stdout = 'level=error msg="unknown module: k6/x/pullproof"\n';
    const answers = [{ asked: / logs .*initializer/, replies: [{ stdout }] }];
    const applied = await apply(logs, [...answers, ...recorded('initializer-failed')]);
    expect(applied.code, applied.stderr).toBe(3);
    expect(applied.stderr).toContain('unknown module');
    const [kept = ''] = readdirSync(join(applied.out, 'kubernetes'));
    expect(readFileSync(join(applied.out, 'kubernetes', kept), 'utf8')).toBe(stdout);
  });
});

/** A runner's log: its timeline as one record, among other lines. */
function logOf(at: number): string {
  const packed = gzipSync(readFileSync(volume.timelines[at] ?? ''));
  const sum = createHash('sha256').update(packed).digest('hex');
  return `level=info msg="k6 begins"\npullproof-timeline 1 ${sum} ${packed.toString('base64')}\n`;
}

const logsOfRunners = () =>
  [0, 1].map((at) => ({
    asked: new RegExp(` logs ${name}-${at + 1}-\\w+ -c k6$`),
    replies: [{ stdout: logOf(at) }],
  }));

/** In mid-run for ever. */
function going(): Answer[] {
  const [testRun, jobs, events] = recorded('starter-image');
  const all = JSON.parse(jobs?.replies[0]?.stdout ?? '').items;
  const pods = all.filter(
    (one: { metadata: { name: string } }) => !/-starter-/.test(one.metadata.name),
  );
  return [
    testRun as Answer,
    { asked: /get jobs.batch,pods/, replies: [{ stdout: list(pods) }] },
    { ...(events as Answer), replies: [{ stdout: list([]) }] },
  ];
}

function interruptedWhen(words: string): CliOptions {
  let stderr = '';
  return {
    onStart: (child) =>
      child.stderr?.on('data', (chunk) => {
        const before = stderr;
        stderr += chunk;
        if (!before.includes(words) && stderr.includes(words)) child.kill('SIGINT');
      }),
  };
}

describe('without a volume', () => {
  test('the timelines come out of the logs', async () => {
    const applied = await apply(logs, [...logsOfRunners(), ...recorded('finished')]);
    expect(applied.code, applied.stderr).toBe(0);
    expect(readResults(applied.out).load).toMatchObject({ pulls: { ok: 12 } });
    expect(wordsOf(applied).filter((words) => /collector|claim| exec /.test(words))).toEqual([]);
  });

  test('a log that cannot be read: the others are joined, and it is kept', async () => {
    const stderr =
      'Error from server: Get "https://node-2:10250/containerLogs": dial tcp: i/o timeout\n';
    const [first] = logsOfRunners();
    const second = { asked: new RegExp(` logs ${name}-2-`), replies: [{ code: 1, stderr }] };
    const applied = await apply(logs, [first as Answer, second, ...recorded('finished')]);
    expect(applied.code, applied.stderr).toBe(2);
    expect(applied.stderr).toContain('node-2');
    expect(readResults(applied.out).load?.merged).toMatchObject({ runs: 1, missing: ['2/2'] });
    expect(deletes(applied).split('\n').at(-1)).not.toContain('testruns');
  });

  test('a signal: the logs are followed while the runners end', async () => {
    const lines = [0, 1].flatMap((at) =>
      logOf(at)
        .trim()
        .split('\n')
        .map((line) => `[pod/${name}-${at + 1}-abcde/k6] ${line}\n`),
    );
    const followed = { asked: / logs -f /, replies: [{ stdout: lines.join(''), afterMs: 500 }] };
    const applied = await apply(logs, [followed, ...going()], [], interruptedWhen('2 of 2 up'));
    expect(applied.code, applied.stderr).toBe(130);
    expect(readResults(applied.out).load).toMatchObject({ pulls: { ok: 12 } });
  });
});

describe('what is not whole', () => {
  test('a runner that was deleted in mid-run: named, joined, and no pass', async () => {
    const { code, stderr, out } = await apply(volume, recorded('runner-deleted'));
    expect(code, stderr).toBe(3);
    expect(stderr).toContain(`${name}-2`);
    const results = readResults(out);
    expect(results).toMatchObject({ verdict: 'error', load: { pulls: { ok: 12 } } });
    expect(results.interrupted).toContain(`${name}-2`);
  });

  test('a timeline that does not come whole: what is in the cluster stays', async () => {
    const applied = await apply(volume, [
      { asked: /gzip -c .*-2.ndjson/, replies: [{ stdout: 'no timeline' }] },
      ...recorded('finished'),
    ]);
    expect(applied.code, applied.stderr).toBe(3);
    expect(applied.stderr).toContain('README.md');
    const last = deletes(applied).split('\n').at(-1);
    for (const kept of ['testruns', 'collector', 'persistentvolumeclaim']) {
      expect(last).not.toContain(kept);
    }
  });

  test('timelines of an earlier run are set aside', async () => {
    const first = await apply(volume, recorded('finished'));
    const again = await apply({ ...volume, dir: first.dir }, recorded('finished'));
    expect(again.code, again.stderr).toBe(0);
    const folders = readdirSync(again.dir).filter((one) => one.startsWith('timelines'));
    expect(folders).toHaveLength(2);
  });
});

describe('a signal', () => {
  test('ends the runners, and what they have is joined', async () => {
    const applied = await apply(volume, going(), [], interruptedWhen('2 of 2 up'));
    expect(applied.code, applied.stderr).toBe(130);
    const results = readResults(applied.out);
    expect(results).toMatchObject({ exitCode: 130, load: { pulls: { ok: 12 } } });
    expect(deletes(applied)).toContain(`delete testruns.k6.io/${name}`);
  });

  test('twice: leaves at once, and says what is left', async () => {
    let stderr = '';
    let signals = 0;
    const slow = { asked: /delete testruns/, replies: [{ afterMs: 30_000 }] };
    const beganMs = Date.now();
    const applied = await apply(volume, [slow, ...going()], [], {
      onStart: (child) =>
        child.stderr?.on('data', (chunk) => {
          stderr += chunk;
          const due = stderr.includes('stopping') ? 2 : stderr.includes('2 of 2 up') ? 1 : 0;
          if (due > signals) child.kill('SIGINT');
          signals = Math.max(signals, due);
        }),
    });
    expect(applied.code, applied.stderr).toBe(130);
    expect(Date.now() - beganMs).toBeLessThan(25_000);
    expect(applied.stderr).toContain(`kubectl --namespace load delete`);
    expect(applied.stderr).toContain(`persistentvolumeclaim/${name}-results`);
  });
});
