import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { load } from '../../../../cli/load.ts';
import { packageRoot } from '../../../package-root.ts';
import { type Amiss, endOf, Troubles } from './amiss.ts';
import { type Look, lookOf, type PodLook } from './look.ts';
import { reasons } from './reasons.ts';
import { type Expected, reasonOf, type Sign, signsOf } from './signs.ts';

/** What Kubernetes 1.34 and k6-operator 1.5.0 said, by the reason that it led to. */
const folder = join(packageRoot, 'test', 'fixtures', 'kubernetes');
const name = 'pullproof-fleet';

function looksOf(file: string): Look[] {
  const { looks } = JSON.parse(readFileSync(join(folder, `${file}.json`), 'utf8'));
  return looks.map((one: Record<'testRun' | 'found' | 'events', Parameters<typeof lookOf>[2]>) =>
    lookOf(name, one.testRun[0], one.found, one.events),
  );
}

const expected: Expected = {
  name,
  runners: 2,
  isOverdue: false,
  isBefore: false,
  logs: new Map(),
};

/** The reason that ends the run when the last look stays, and after how many seconds. */
function endOfLooks(looks: readonly Look[], more: Partial<Expected> = {}, patienceMs?: number) {
  const troubles = new Troubles(patienceMs);
  for (let seconds = 0; seconds <= 1000; seconds++) {
    const look = looks[Math.min(seconds, looks.length - 1)] as Look;
    const amiss = troubles.seen(look, signsOf(look, { ...expected, ...more }), seconds * 1000);
    const why = endOf(amiss, seconds * 1000);
    if (why !== undefined) return { id: why.reason.id, who: why.sign.who, seconds, why };
  }
  return undefined;
}

const calm = (looks: readonly Look[]) => endOfLooks(looks);

describe('what a cluster said, recorded', () => {
  const initializer = `${name}-initializer`;
  test.each([
    ['unschedulable', 'unschedulable', `${name}-1`, 90],
    ['image-not-pulled', 'image-not-pulled', initializer, 150],
    ['image-name-invalid', 'image-name-invalid', initializer, 0],
    ['image-never-pulled', 'image-never-pulled', initializer, 0],
    ['reference-missing', 'reference-missing', initializer, 30],
    ['service-account-missing', 'service-account-missing', initializer, 20],
    ['pod-security', 'pod-security', initializer, 0],
    ['quota-exceeded', 'quota-exceeded', `${name}-3`, 60],
    ['starter-image', 'image-not-pulled', `${name}-starter`, 150],
    ['initializer-failed', 'initializer-failed', initializer, 0],
  ])('%s', (file, id, who, seconds) => {
    expect(endOfLooks(looksOf(file), { runners: 4 })).toMatchObject({ id, who, seconds });
  });

  test('the claim of the collector is not bound', () => {
    const told = endOfLooks(looksOf('claim-not-bound'), { isBefore: true });
    expect(told).toMatchObject({ id: 'claim-not-bound', seconds: 60 });
    // The claim's own warning says more than that there is none.
    expect(told?.why.sign.message).toContain('storageclass.storage.k8s.io "none" not found');
  });

  test('the log of a failed initializer tells whose image it is', () => {
    const looks = looksOf('image-not-ours');
    const pod = looks[0]?.pods.find(({ phase }) => phase === 'Failed')?.name ?? '';
    const logs = new Map([[pod, 'level=error msg="k6 executable not found in PATH"']]);
    expect(endOfLooks(looks, { logs })).toMatchObject({ id: 'image-not-ours', seconds: 0 });
    expect(endOfLooks(looks)).toMatchObject({ id: 'initializer-failed' });
  });

  test('a runner that was deleted in mid-run is named, and the others go on', () => {
    const looks = looksOf('runner-deleted');
    expect(calm(looks)).toBeUndefined();
    const look = looks[0] as Look;
    const [one] = new Troubles(undefined).seen(look, signsOf(look, expected), 0);
    expect(one).toMatchObject({
      isSpared: true,
      reason: { id: 'pod-evicted' },
      sign: { who: `${name}-2` },
    });
  });

  test('a run that went well says nothing', () => {
    const looks = looksOf('finished');
    expect(looks.flatMap((look) => signsOf(look, expected))).toEqual([]);
  });
});

/** As their sources in Kubernetes 1.34 put it; of things that this machine cannot be made to do. */
const said: readonly (readonly [id: string, Pick<Sign, 'kind' | 'reason' | 'message'>])[] = [
  [
    'claim-not-bound',
    {
      kind: 'schedule',
      reason: 'Unschedulable',
      message:
        "0/3 nodes are available: 3 node(s) didn't find available persistent volumes to bind.",
    },
  ],
  [
    'unschedulable',
    {
      kind: 'schedule',
      reason: 'Unschedulable',
      message: '0/3 nodes are available: 3 node(s) had untolerated taint {dedicated: build}.',
    },
  ],
  [
    'claim-not-bound',
    { kind: 'event', reason: 'ProvisioningFailed', message: 'storageclass "fast" not found' },
  ],
  [
    'image-name-invalid',
    { kind: 'container', reason: 'InvalidImageName', message: 'invalid reference format' },
  ],
  [
    'image-never-pulled',
    { kind: 'container', reason: 'ErrImageNeverPull', message: 'is not present with pull policy' },
  ],
  [
    'image-absent',
    {
      kind: 'container',
      reason: 'ErrImagePull',
      message:
        'failed to pull and unpack image "r.example/a:1": failed to resolve reference "r.example/a:1": r.example/a:1: not found',
    },
  ],
  [
    'image-absent',
    {
      kind: 'container',
      reason: 'ImagePullBackOff',
      message: 'Back-off pulling image "r.example/a:1": ErrImagePull: pull access denied',
    },
  ],
  [
    'image-not-pulled',
    { kind: 'container', reason: 'ErrImagePull', message: 'dial tcp: i/o timeout' },
  ],
  [
    'image-runs-as-root',
    {
      kind: 'container',
      reason: 'CreateContainerConfigError',
      message: 'container has runAsNonRoot and image will run as root (pod: "a", container: k6)',
    },
  ],
  [
    'reference-missing',
    {
      kind: 'container',
      reason: 'CreateContainerConfigError',
      message: "couldn't find key password in Secret load/fleet-login-1",
    },
  ],
  [
    'container-not-started',
    { kind: 'container', reason: 'CreateContainerError', message: 'context deadline exceeded' },
  ],
  [
    'reference-missing',
    {
      kind: 'event',
      reason: 'FailedMount',
      message: 'MountVolume.SetUp failed for volume "ca" : secret "fleet-ca" not found',
    },
  ],
  [
    'volume-elsewhere',
    {
      kind: 'event',
      reason: 'FailedAttachVolume',
      message:
        'Multi-Attach error for volume "pvc-1" Volume is already exclusively attached to one node and can\'t be attached to another',
    },
  ],
  [
    'volume-not-mounted',
    {
      kind: 'event',
      reason: 'FailedMount',
      message: 'MountVolume.SetUp failed for volume "results" : mount failed: exit status 32',
    },
  ],
  [
    'network-missing',
    {
      kind: 'event',
      reason: 'FailedCreatePodSandBox',
      message: 'Failed to create pod sandbox: plugin type="bridge" failed',
    },
  ],
  [
    'pod-security',
    {
      kind: 'event',
      reason: 'FailedCreate',
      message: 'pods "a" is forbidden: violates PodSecurity "restricted:latest"',
    },
  ],
  ['quota-exceeded', { kind: 'event', reason: 'FailedCreate', message: 'exceeded quota: q' }],
  [
    'service-account-missing',
    { kind: 'event', reason: 'FailedCreate', message: 'serviceaccount "x" not found' },
  ],
  [
    'pod-refused',
    {
      kind: 'event',
      reason: 'FailedCreate',
      message: 'admission webhook "policy.example" denied the request: no registry.example',
    },
  ],
  ['node-gone', { kind: 'event', reason: 'NodeNotReady', message: 'Node is not ready' }],
  [
    'image-not-ours',
    { kind: 'end', reason: 'Error', message: 'exit 1: unknown module: k6/x/pullproof' },
  ],
  ['out-of-memory', { kind: 'end', reason: 'OOMKilled', message: 'exit 137' }],
  [
    'pod-evicted',
    { kind: 'end', reason: 'Evicted', message: 'The node was low on resource: memory.' },
  ],
  ['runner-failed', { kind: 'end', reason: 'Error', message: 'exit 107' }],
  ['operator-silent', { kind: 'run', reason: 'unseen', message: '' }],
  ['operator-stuck', { kind: 'run', reason: 'no-runners', message: '' }],
  ['runners-unreachable', { kind: 'run', reason: 'not-started', message: '' }],
  ['testrun-error', { kind: 'run', reason: 'error', message: '' }],
  ['testrun-gone', { kind: 'run', reason: 'gone', message: '' }],
  ['runner-overdue', { kind: 'run', reason: 'overdue', message: '' }],
  ['container-slow', { kind: 'container', reason: 'ContainerCreating', message: '' }],
];
const ofOthers = (['initializer', 'starter', 'collector'] as const).map(
  (role) => [`${role}-failed`, role] as const,
);

describe('the table', () => {
  const signOf = (sign: (typeof said)[number][1], role: Sign['role'] = 'runner'): Sign => ({
    ...sign,
    who: `${name}-1`,
    role,
  });
  const failed = { kind: 'end', reason: 'Error', message: 'exit 1' } as const;

  test.each(said)('%s', (id, sign) => {
    expect(reasonOf(signOf(sign))?.id).toBe(id);
  });

  test.each(ofOthers)('%s', (id, role) => {
    expect(reasonOf(signOf(failed, role))?.id).toBe(id);
  });

  test('a pod that was taken off its node says nothing of the script', () => {
    const lost = {
      kind: 'end',
      reason: 'DeletionByTaintManager',
      message: 'Taint manager: deleting due to NoExecute taint',
    } as const;
    expect(reasonOf(signOf(lost, 'initializer'))?.id).toBe('pod-evicted');
  });

  test('has no row that no case here leads to', () => {
    const told = [
      ...said.map(([, sign]) => reasonOf(signOf(sign))),
      ...ofOthers.map(([, role]) => reasonOf(signOf(failed, role))),
    ];
    expect(reasons.filter((row) => !told.includes(row)).map(({ id }) => id)).toEqual([]);
  });

  test('names flags that load has', () => {
    const command = new Command('load');
    load.declare(command);
    const known = command.options.map(({ long }) => long);
    const named = reasons.flatMap(({ remedy }) => remedy.match(/--[a-z0-9-]+/g) ?? []);
    const ofKubectl = ['--all-namespaces'];
    expect(named.filter((flag) => !known.includes(flag) && !ofKubectl.includes(flag))).toEqual([]);
  });

  test('every recording is of a case', () => {
    const source = readFileSync(join(import.meta.dirname, 'reasons.test.ts'), 'utf8');
    const files = readdirSync(folder).map((file) => file.replace('.json', ''));
    expect(files.filter((file) => !source.includes(`'${file}'`))).toEqual([]);
  });
});

const pod: PodLook = {
  ...{ name: `${name}-1-x`, uid: 'u1', role: 'runner', job: `${name}-1`, phase: 'Pending' },
  ...{ reason: '', message: '', isGoing: false, image: '' },
  scheduled: { reason: 'Unschedulable', message: '0/1 nodes are available: 1 Insufficient cpu.' },
  ...{ disrupted: undefined, waiting: undefined, ended: undefined },
};
const job = {
  name: `${name}-1`,
  uid: 'u2',
  role: 'runner',
  isOver: false,
  hasFailed: false,
} as const;
const created: Look = { stage: 'created', jobs: [job], pods: [pod], events: [] };

describe('patience', () => {
  test('is longer where the cluster adds a node for the pod, and not for others', () => {
    const event = { kind: 'Pod', name: pod.name, reason: 'TriggeredScaleUp', message: '' };
    const grown = { ...created, events: [{ ...event, uid: 'u1' }] };
    expect(endOfLooks([grown])).toMatchObject({ id: 'unschedulable', seconds: 900 });
    const other = { ...created, events: [{ ...event, uid: 'u9' }] };
    expect(endOfLooks([other])).toMatchObject({ seconds: 90 });
  });

  test("is the user's, where something may mend itself", () => {
    expect(endOfLooks([created], {}, 7000)).toMatchObject({ seconds: 7 });
    expect(endOfLooks(looksOf('image-name-invalid'), {}, 7000)).toMatchObject({ seconds: 0 });
  });

  test('begins anew after what was amiss has gone', () => {
    const troubles = new Troubles(undefined);
    const well = { ...created, pods: [{ ...pod, phase: 'Running', scheduled: undefined }] };
    const seen = (look: Look, seconds: number): Amiss[] =>
      troubles.seen(look, signsOf(look, expected), seconds * 1000);
    expect(seen(created, 0)).toHaveLength(1);
    expect(seen(well, 30)).toEqual([]);
    expect(endOf(seen(created, 100), 100_000)).toBeUndefined();
    expect(endOf(seen(created, 189), 189_000)).toBeUndefined();
  });
});

describe('a runner that fails', () => {
  const ended = { reason: 'Error', message: '', exitCode: 107 };
  const dead = { ...pod, phase: 'Failed', scheduled: undefined, ended };
  const gone = { ...job, isOver: true, hasFailed: true };
  test('ends a run that has not begun, since the operator waits for all', () => {
    const look = { ...created, jobs: [gone], pods: [dead] };
    expect(endOfLooks([look])).toMatchObject({ id: 'runner-failed', seconds: 0 });
  });

  test('does not end one that goes on', () => {
    const look = { ...created, stage: 'started', jobs: [gone], pods: [dead] };
    expect(endOfLooks([look])).toBeUndefined();
  });
});

describe('the run itself', () => {
  const bare: Look = { stage: '', jobs: [], pods: [], events: [] };
  const running = { ...pod, phase: 'Running', scheduled: undefined };
  test.each([
    ['operator-silent', bare, {}, 30],
    ['operator-stuck', { ...bare, stage: 'initialization' }, {}, 60],
    ['operator-stuck', { ...bare, stage: 'initialized' }, {}, 60],
    ['operator-stuck', { ...created, pods: [] }, {}, 60],
    ['runners-unreachable', { ...created, pods: [running] }, { runners: 1 }, 60],
    ['testrun-error', { ...bare, stage: 'error' }, {}, 10],
    ['testrun-gone', { ...bare, stage: undefined }, {}, 5],
    ['runner-overdue', { ...created, stage: 'started', pods: [running] }, { isOverdue: true }, 0],
  ])('%s', (id, look, more, seconds) => {
    expect(endOfLooks([look], more)).toMatchObject({ id, seconds });
  });
});
