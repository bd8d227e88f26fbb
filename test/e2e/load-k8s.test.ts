// `load --k8s`: what it writes fits k6-operator, runs by k6 as its runners do, and joins into one report.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { Ajv } from 'ajv';
import { beforeAll, describe, expect } from 'vitest';
import { parse } from 'yaml';
import { type RunningMock, startMock } from '../../mocks/server.ts';
import type { Results } from '../../reports/results.ts';
import { findK6 } from '../../src/run/load/k6/find.ts';
import { packageRoot } from '../../src/run/package-root.ts';
import { validateResults } from '../../src/run/results-schema.ts';
import { cli, readResults, scratch } from '../lib/cli.ts';
import { hasTools, runTool, testWith } from '../lib/tools.ts';

const test = testWith('k6');
/** Debian has none to install: what kustomize makes of the folder is looked at where it is there. */
const testKubectl = test.skipIf(!hasTools('kubectl'));

const password = 'hunter2-never-written';
const runners = 2;
const logins = { PULLPROOF_USERNAME_0: 'demo', PULLPROOF_PASSWORD_0: password };

interface Written {
  readonly dir: string;
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function write(mock: RunningMock, ...words: readonly string[]): Promise<Written> {
  const dir = join(scratch(), 'Fleet_1');
  const user = ['--username', 'demo', '--password-stdin'];
  const sharing = ['--k8s', dir, '--parallelism', `${runners}`];
  const all = ['load', `http://${mock.images[0]}`, ...words, ...user, ...sharing];
  return { dir, ...(await cli(all, { input: `${password}\n` })) };
}

async function withMock<T>(work: (mock: RunningMock) => Promise<T>): Promise<T> {
  const mock = await startMock({ auth: 'basic', username: 'demo', password });
  try {
    return await work(mock);
  } finally {
    await mock.close();
  }
}

const yaml = (dir: string, file: string) => parse(readFileSync(join(dir, file), 'utf8'));

/** The operator's schema, which would prune what it does not know: here that is an error. */
function complaintsOf(testRun: unknown): unknown {
  const file = join(packageRoot, 'test', 'fixtures', 'k6-operator', 'testrun.schema.json');
  const schema = closed(JSON.parse(readFileSync(file, 'utf8')));
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
  const validate = ajv.compile(schema as object);
  return validate(testRun) ? undefined : validate.errors;
}

function closed(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(closed);
  if (typeof node !== 'object' || node === null) return node;
  const entries = Object.entries(node).map(([key, value]) => [key, closed(value)]);
  const copy = Object.fromEntries(entries);
  if (copy['x-kubernetes-int-or-string'] === true) copy.type = undefined;
  const isObject = copy.type === 'object' && typeof copy.properties === 'object';
  return isObject && copy.additionalProperties === undefined
    ? { ...copy, additionalProperties: false }
    : copy;
}

interface PodWords {
  readonly securityContext: Record<string, unknown>;
  readonly containerSecurityContext: Record<string, unknown>;
  readonly volumes?: readonly Record<string, unknown>[];
}

/** All pods that come of a folder, in the words of a TestRun. */
function podsOf(dir: string): Record<string, PodWords> {
  const { runner, initializer, starter } = yaml(dir, 'testrun.yaml').spec;
  if (!existsSync(join(dir, 'collector.yaml'))) return { runner, initializer, starter };
  const { spec } = yaml(dir, 'collector.yaml');
  const containerSecurityContext = spec.containers[0].securityContext;
  return { runner, initializer, starter, collector: { ...spec, containerSecurityContext } };
}

const volumesAllowed = ['configMap', 'persistentVolumeClaim', 'secret'];

/** Pods that the level `restricted` of the Pod Security Standards refuses, each with what it misses. */
function refusedPods(dir: string): string[] {
  return Object.entries(podsOf(dir)).flatMap(([name, pod]) => {
    const { runAsNonRoot, runAsUser, seccompProfile } = pod.securityContext;
    const { allowPrivilegeEscalation, capabilities } = pod.containerSecurityContext;
    const kinds = (pod.volumes ?? []).flatMap(({ name: _, ...kind }) => Object.keys(kind));
    const missed = [
      runAsNonRoot !== true && 'runAsNonRoot',
      runAsUser === 0 && 'runAsUser',
      (seccompProfile as { type?: string })?.type !== 'RuntimeDefault' && 'seccompProfile',
      allowPrivilegeEscalation !== false && 'allowPrivilegeEscalation',
      !(capabilities as { drop?: string[] })?.drop?.includes('ALL') && 'capabilities',
      kinds.some((kind) => !volumesAllowed.includes(kind)) && 'volumes',
    ];
    return missed.filter((one) => one !== false).map((one) => `${name}: ${one}`);
  });
}

/** The share of a runner, as the operator starts it. */
function segmentWords(runner: number): string[] {
  const points = Array.from({ length: runners + 1 }, (_, at) => `${at}/${runners}`);
  return [
    `--execution-segment=${points[runner - 1]}:${points[runner]}`,
    `--execution-segment-sequence=${points.join(',')}`,
  ];
}

let k6 = '';
beforeAll(async () => {
  const environment = { variables: process.env, progress: () => undefined };
  k6 = await findK6('built', environment).then(
    ({ path }) => path,
    () => '',
  );
});

/** What a runner does: k6 with the arguments of the TestRun, in the folder of the ConfigMap. */
async function runAsRunner(dir: string, runner: number) {
  const { spec } = yaml(dir, 'testrun.yaml');
  const file = `timelines/${`pullproof-fleet-1-${runner}`}.ndjson`;
  const words = spec.arguments
    .split(/\s+/)
    .map((word: string) => word.replace('/results/$(PULLPROOF_RUNNER).ndjson', join(dir, file)));
  const all = ['run', '--quiet', ...segmentWords(runner), ...words, join(dir, 'scenario.js')];
  const variables = { ...logins, PULLPROOF_PLAN_FILE: './plan.json' };
  return await runTool(k6, [...all, '--address', ''], variables);
}

/** Of both runners, with what `run.json` knows of the set-up. */
function expectJoined(results: Results): void {
  expect(validateResults(results)).toBeUndefined();
  expect(results.environment.seed).toBe(3);
  expect(results.load).toMatchObject({
    pulls: { ok: 13, failed: 0 },
    fromMock: true,
    asked: { iterations: 13 },
    merged: { runs: 2, missing: [], known: 2, runners: { told: 2 } },
    slo: [{ expression: 'errors<1%', held: true }],
  });
  expect(Object.keys(results.load?.digests ?? {})).toEqual(results.load?.images);
  // What runners have waited for each other is no load.
  expect(results.durationMs / 1000).toBeCloseTo(results.load?.seconds ?? 0, 1);
}

describe('a folder for k6-operator', () => {
  test('fits the schema of a TestRun, and its runners join into one run', async () => {
    await withMock(async (mock) => {
      const words = ['--iterations', '13', '--vus', '4', '--slo', 'errors<1%', '--seed', '3'];
      const { dir, code, stdout, stderr } = await write(mock, ...words);
      expect(code, stderr).toBe(0);
      const testRun = yaml(dir, 'testrun.yaml');
      expect(complaintsOf(testRun)).toBeUndefined();
      expect(refusedPods(dir)).toEqual([]);
      expect(testRun).toMatchObject({
        kind: 'TestRun',
        metadata: { name: 'pullproof-fleet-1' },
        spec: { parallelism: runners, script: { configMap: { name: 'pullproof-fleet-1' } } },
      });
      const [{ name: configMap, files }] = yaml(dir, 'kustomization.yaml').configMapGenerator;
      expect(configMap).toBe(testRun.spec.script.configMap.name);
      expect(files.filter((file: string) => !existsSync(join(dir, file)))).toEqual([]);
      const secrets = testRun.spec.runner.env.flatMap((one: { valueFrom?: object }) =>
        JSON.stringify(one.valueFrom ?? {}).includes('secretKeyRef') ? [one] : [],
      );
      expect(secrets.map(({ name }: { name: string }) => name)).toEqual(Object.keys(logins));
      expect(stdout).toContain(secrets[0].valueFrom.secretKeyRef.name);
      expect(JSON.stringify(testRun.spec.initializer)).not.toContain('secret');
      for (const file of readdirSync(dir).filter((name) => name !== 'timelines')) {
        const text = readFileSync(join(dir, file), 'utf8');
        expect(text, file).not.toContain(password);
        // It goes to other machines, where no path of this one means anything.
        for (const path of [packageRoot, dirname(dir), homedir()]) {
          expect(text, file).not.toContain(path);
        }
      }
      expect(validateResults(JSON.parse(readFileSync(join(dir, 'run.json'), 'utf8')))).toBe(
        undefined,
      );

      // The initializer: without secrets, by archive and inspect.
      const { spec } = testRun;
      const tar = join(scratch(), 'archived.tar');
      const kept = spec.arguments.split(' ').filter((word: string) => word.startsWith('--no-th'));
      const env = spec.initializer.env.flatMap(({ name, value }: Record<string, string>) => [
        '-e',
        `${name}=${value}`,
      ]);
      const archive = ['archive', join(dir, 'scenario.js'), ...env, '-O', tar, ...kept];
      const archived = await runTool(k6, [...archive, '--summary-mode', 'disabled']);
      expect(archived.code, archived.output).toBe(0);
      const inspected = await runTool(k6, ['inspect', '--execution-requirements', tar]);
      expect(inspected.code, inspected.output).toBe(0);
      expect(inspected.output).toContain('"maxVUs": 4');

      const before = await cli(['report', 'merge', dir, '--out', join(scratch(), 'out')]);
      expect(before.code).toBe(2);
      const ran = await Promise.all([1, 2].map((runner) => runAsRunner(dir, runner)));
      expect(
        ran.map((one) => one.code),
        ran[0]?.output,
      ).toEqual([0, 0]);
      const out = join(scratch(), 'out');
      const joined = await cli(['report', 'merge', dir, '--out', out]);
      expect(joined.code, joined.stderr).toBe(0);
      expectJoined(readResults(out));
    });
  });

  test('a replay goes along, and a runner that is missing is told', async () => {
    await withMock(async (mock) => {
      const folder = scratch();
      const trace = join(folder, 'access.log');
      const line = (at: number) =>
        `h - u [01/Jan/2026:00:00:0${at} +0000] "GET /v2/demo/app/tags/list HTTP/1.1" 200 10\n`;
      writeFileSync(trace, [1, 2, 3, 4, 5].map(line).join(''));
      const { dir, code, stderr } = await write(mock, '--trace', trace, '--speed', '100x');
      expect(code, stderr).toBe(0);
      expect(complaintsOf(yaml(dir, 'testrun.yaml'))).toBeUndefined();
      const { configMapGenerator } = yaml(dir, 'kustomization.yaml');
      expect(configMapGenerator[0].files).toContain('replay.ndjson');
      expect((await runAsRunner(dir, 2)).code).toBe(0);
      const out = join(scratch(), 'out');
      expect((await cli(['report', 'merge', dir, '--out', out])).code).toBe(2);
      expect(readResults(out)).toMatchObject({
        verdict: 'error',
        load: { merged: { missing: ['1/2'] }, pulls: { ok: 2 } },
      });
    });
  });

  test('without a volume, the timelines come back by the logs', async () => {
    await withMock(async (mock) => {
      const words = ['--iterations', '13', '--vus', '4', '--results', 'logs'];
      const { dir, code, stdout, stderr } = await write(mock, ...words);
      expect(code, stderr).toBe(0);
      const testRun = yaml(dir, 'testrun.yaml');
      expect(complaintsOf(testRun)).toBeUndefined();
      expect(refusedPods(dir)).toEqual([]);
      expect(yaml(dir, 'kustomization.yaml').resources).toEqual(['testrun.yaml']);
      expect(readdirSync(dir)).not.toContain('collector.yaml');
      expect(JSON.stringify(testRun)).not.toContain('persistentVolumeClaim');
      expect(stdout).toContain('kubectl logs job/pullproof-fleet-1-$runner');
      // The common start, as the README writes it into the plan.
      const [start = ''] = stdout.split('\n').filter((line) => line.startsWith('node -e '));
      const set = await runTool('sh', ['-c', `cd '${dir}' && ${start}`]);
      expect(set.code, set.output).toBe(0);
      const plan = JSON.parse(readFileSync(join(dir, 'plan.json'), 'utf8'));
      expect(Date.parse(plan.startAt)).toBeGreaterThan(Date.now());
      writeFileSync(join(dir, 'plan.json'), JSON.stringify({ ...plan, startAt: undefined }));
      const ran = await Promise.all([1, 2].map((runner) => runAsRunner(dir, runner)));
      const log = (runner: number) => join(dir, 'timelines', `pullproof-fleet-1-${runner}.log`);
      for (const [at, { code, output }] of ran.entries()) {
        expect(code, output).toBe(0);
        writeFileSync(log(at + 1), `time="2026" level=info msg="begins"\n${output}`);
      }
      const out = join(scratch(), 'out');
      const joined = await cli(['report', 'merge', dir, '--out', out]);
      expect(joined.code, joined.stderr).toBe(0);
      expect(readResults(out).load).toMatchObject({ pulls: { ok: 13, failed: 0 } });

      // One record of the second runner is lost: figures, but no pass.
      const lines = readFileSync(log(2), 'utf8').split('\n');
      const last = lines.findLastIndex((line) => line.startsWith('pullproof-timeline '));
      writeFileSync(log(2), lines.filter((_, at) => at !== last).join('\n'));
      const cut = join(scratch(), 'cut');
      expect((await cli(['report', 'merge', dir, '--out', cut])).code).toBe(4);
      expect(readResults(cut).interrupted).toContain('pullproof-fleet-1-2.log');
    });
  });

  test('flags place all pods, and bound them', async () => {
    await withMock(async (mock) => {
      const ca = join(scratch(), 'ca.pem');
      const [certificate = ''] = rootCertificates;
      const key = '-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n';
      writeFileSync(ca, `${key}notes\n${certificate}\n`);
      const place = ['--namespace', 'load', '--node-selector', 'a=b', '--toleration', 'c'];
      const whose = ['--service-account', 'runner', '--image-pull-secret', 'reg', '--spread'];
      const bounds = ['--cpu-limit', '500m', '--memory-limit', '128Mi', '--storage-class', 'nfs'];
      const words = [...place, ...whose, ...bounds, '--starter-image', 'h/curl:1', '--ca', ca];
      const { dir, code, stdout, stderr } = await write(mock, '--vus', '4', ...words);
      expect(code, stderr).toBe(0);
      const testRun = yaml(dir, 'testrun.yaml');
      expect(complaintsOf(testRun)).toBeUndefined();
      expect(refusedPods(dir)).toEqual([]);
      const { runner, starter } = testRun.spec;
      for (const [name, pod] of Object.entries(podsOf(dir))) {
        expect(pod, name).toMatchObject({
          nodeSelector: { a: 'b' },
          tolerations: [{ key: 'c', operator: 'Exists' }],
          serviceAccountName: 'runner',
          imagePullSecrets: [{ name: 'reg' }],
        });
        expect(
          `${(pod as { automountServiceAccountToken?: unknown }).automountServiceAccountToken}`,
        ).toBe('false');
      }
      expect(runner.resources.limits).toEqual({ cpu: '500m', memory: '128Mi' });
      expect(runner.resources.requests).toEqual({ cpu: '500m', memory: '128Mi' });
      expect(runner.topologySpreadConstraints).toHaveLength(1);
      expect(starter.image).toBe('h/curl:1');
      expect(yaml(dir, 'results-claim.yaml').spec.storageClassName).toBe('nfs');
      const kustomization = yaml(dir, 'kustomization.yaml');
      expect(kustomization.namespace).toBe('load');
      expect(kustomization.configMapGenerator[0].files).not.toContain('ca.pem');
      const [{ name: secret, files }] = kustomization.secretGenerator;
      expect(files).toEqual(['ca.pem']);
      // Whatever else the file holds stays where it is.
      expect(readFileSync(join(dir, 'ca.pem'), 'utf8')).toBe(`${certificate}\n`);
      const { name: volume } = runner.volumes.find(
        (one: { secret?: { secretName: string } }) => one.secret?.secretName === secret,
      );
      const { mountPath, readOnly } = runner.volumeMounts.find(
        (one: { name: string }) => one.name === volume,
      );
      expect(readOnly).toBe(true);
      const env = Object.fromEntries(
        runner.env.map(({ name, value }: Record<string, string>) => [name, value]),
      );
      expect(env.SSL_CERT_FILE).toBe(`${mountPath}/ca.pem`);
      expect(Number.parseInt(env.GOMEMLIMIT, 10)).toBeLessThan(128);
      for (const line of stdout.split('\n').filter((line) => line.startsWith('kubectl '))) {
        expect(line.includes('-n load') || line.includes('-k .'), line).toBe(true);
      }
    });
  });

  test('pushes go along, and their credentials stay in the Secret', async () => {
    await withMock(async (mock) => {
      const plan = join(scratch(), 'plan.yaml');
      const push = `push: { repository: '${mock.registry}/pushed', rate: 4/s, vus: 2, bytes: 10KB }`;
      writeFileSync(plan, `rate: 4/s\nduration: 2s\nvus: 4\n${push}\n`);
      const { dir, code, stderr } = await write(mock, '--plan', plan);
      expect(code, stderr).toBe(0);
      for (const file of readdirSync(dir).filter((name) => name !== 'timelines')) {
        expect(readFileSync(join(dir, file), 'utf8'), file).not.toContain(password);
      }
      const ran = await Promise.all([1, 2].map((runner) => runAsRunner(dir, runner)));
      expect(ran.map((one) => one.code)).toEqual([0, 0]);
      const out = join(scratch(), 'out');
      expect((await cli(['report', 'merge', dir, '--out', out])).code).toBe(0);
      const { load } = readResults(out);
      expect(load?.pushes).toMatchObject({ failed: 0, vus: 2 });
      expect(load?.pushes?.ok).toBeGreaterThan(0);
      expect(load?.pushes?.left.map(({ tags }) => tags)).toEqual([load?.pushes?.ok]);
    });
  });

  testKubectl('is built by kustomize: one ConfigMap with all that the script opens', async () => {
    await withMock(async (mock) => {
      const { dir } = await write(mock, '--vus', '4', '--duration', '5s');
      const { code, output } = await runTool('kubectl', ['kustomize', dir]);
      expect(code, output).toBe(0);
      const documents = output.split(/^---$/m).map((text) => parse(text));
      const config = documents.find(({ kind }) => kind === 'ConfigMap');
      const testRun = documents.find(({ kind }) => kind === 'TestRun');
      expect(testRun.spec.script.configMap.name).toBe(config.metadata.name);
      expect(Object.keys(config.data)).toContain(testRun.spec.script.configMap.file);
      expect(Object.keys(config.data)).toContain('plan.json');
      const claim = documents.find(({ kind }) => kind === 'PersistentVolumeClaim');
      const [volume] = testRun.spec.runner.volumes;
      expect(volume.persistentVolumeClaim.claimName).toBe(claim.metadata.name);
    });
  });
});

describe('what cannot be written', () => {
  test.each([
    [['--shape', 'breakpoint']],
    [['--abort-on-slo', '--slo', 'errors<1%']],
    [['--segment', '1/2']],
    [['--engine', 'stock']],
    [['--vus', '1']],
    [['--out', 'somewhere']],
    [['--cpu-request', '2', '--cpu-limit', '1']],
    [['--memory-request', '2Gi', '--memory-limit', '1G']],
    [['--node-selector', 'a=b', '--node-selector', 'a=c']],
    [['--results', 'logs', '--storage-class', 'nfs']],
    [['--toleration', 'a:Sometimes']],
    [['--k6-out', 'influxdb=http://user:secret@127.0.0.1:1/db']],
  ])('%s: exit 2, and no folder', async (words) => {
    const dir = join(scratch(), 'k8s');
    const all = ['load', 'http://127.0.0.1:1/a', '--k8s', dir, ...words];
    const { code, stderr } = await cli(all);
    expect(code, stderr).toBe(2);
    expect(stderr).toContain('hint: ');
    expect(() => readdirSync(dir)).toThrow();
  });

  test('a folder that holds something, or a registry that is not there', async () => {
    const dir = join(scratch(), 'k8s');
    const words = ['load', 'http://127.0.0.1:1/a', '--k8s', dir];
    expect((await cli(words)).code).toBe(3);
    mkdirSync(join(dir, 'kept'), { recursive: true });
    expect((await cli(words)).code).toBe(2);
  });

  test.each([['--parallelism', '3'], ['--results', 'logs'], ['--spread']])(
    'without it, %s %s: exit 2',
    async (...flag) => {
      expect((await cli(['load', 'http://127.0.0.1:1/a', ...flag])).code).toBe(2);
    },
  );
});
