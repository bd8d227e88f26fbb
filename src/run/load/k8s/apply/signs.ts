// Signs in a look that something is amiss, each of one pod, job or claim, or of the run itself.
import type { EventLook, Look, PodLook, Role } from './look.ts';
import { type Reason, reasons, type SignKind } from './reasons.ts';

export interface Sign {
  readonly kind: SignKind;
  /** As people know it: `NAME-2`. */
  readonly who: string;
  readonly role: Role;
  readonly reason: string;
  readonly message: string;
  /** Whose log tells more. */
  readonly pod?: string | undefined;
  readonly image?: string | undefined;
}

/** What a look at the cluster alone does not say. */
export interface Expected {
  readonly name: string;
  readonly runners: number;
  /** When the last runner should have ended, if that is known. */
  readonly isOverdue: boolean;
  /** Only the collector is there yet. */
  readonly isBefore: boolean;
  /** Last words of pods that failed, by the pod's name. */
  readonly logs: ReadonlyMap<string, string>;
}

export function isLoading({ stage }: Look): boolean {
  return stage === 'started' || stage === 'stopped' || stage === 'finished';
}

export function signsOf(look: Look, expected: Expected): Sign[] {
  return [
    ...look.pods.flatMap((pod) => signsOfPod(pod, expected.logs)),
    ...signsOfLostPods(look),
    ...look.events.flatMap((event) => signOfEvent(event, look)),
    ...(expected.isBefore ? [] : signsOfRun(look, expected)),
  ];
}

/** The row of the table; undefined for a sign that says nothing. */
export function reasonOf(sign: Sign): Reason | undefined {
  const message = sign.message.toLowerCase();
  return reasons.find(
    ({ sign: kind, named, says, role = sign.role }) =>
      kind === sign.kind &&
      role === sign.role &&
      (named?.includes(sign.reason) ?? true) &&
      (says?.some((words) => message.includes(words.toLowerCase())) ?? true),
  );
}

function signsOfPod(pod: PodLook, logs: ReadonlyMap<string, string>): Sign[] {
  const { job: who, role, phase, name } = pod;
  const sign = (kind: SignKind, { reason, message }: { reason: string; message: string }) => [
    { kind, who, role, reason, message, pod: name, image: pod.image || undefined },
  ];
  if (phase === 'Failed') return sign('end', endOf(pod, logs.get(name)));
  if (phase === 'Succeeded') {
    return role === 'collector' ? sign('end', { reason: 'Completed', message: '' }) : [];
  }
  if (pod.disrupted !== undefined) return sign('end', pod.disrupted);
  if (pod.isGoing) return sign('end', { reason: 'Deleted', message: 'somebody deleted its pod' });
  if (pod.scheduled !== undefined) return sign('schedule', pod.scheduled);
  return pod.waiting === undefined ? [] : sign('container', pod.waiting);
}

/** Of a job that failed nothing may be left. */
function signsOfLostPods({ jobs, pods }: Look): Sign[] {
  const lost = jobs.filter((job) => job.hasFailed && !pods.some((pod) => pod.job === job.name));
  const message = 'its pod is gone';
  return lost.map(({ name: who, role }) => ({
    kind: 'end',
    who,
    role,
    reason: 'Deleted',
    message,
  }));
}

/** The pod's own reason tells more than the end of its container. */
function endOf(pod: PodLook, log: string | undefined): { reason: string; message: string } {
  const { reason, message, ended, disrupted } = pod;
  const first = reason || disrupted?.reason || ended?.reason || 'Failed';
  const code = ended === undefined ? '' : `exit ${ended.exitCode}`;
  const words = [code, message || disrupted?.message, ended?.message, log];
  return { reason: first, message: words.filter((word) => word).join(': ') };
}

/** Of what is there, and still waits for what the warning is about. */
function signOfEvent(event: EventLook, { pods, jobs }: Look): Sign[] {
  const { kind, name, uid, reason, message } = event;
  if (kind === 'Pod') {
    const pod = pods.find((one) => one.uid === uid);
    const isGone = reason === 'NodeNotReady';
    if (pod === undefined || pod.phase !== (isGone ? 'Running' : 'Pending')) return [];
    return [{ kind: 'event', who: pod.job, role: pod.role, reason, message, pod: pod.name }];
  }
  if (kind === 'Job') {
    const job = jobs.find((one) => one.uid === uid);
    const hasPod = pods.some((pod) => pod.job === name);
    if (job === undefined || job.isOver || hasPod) return [];
    return [{ kind: 'event', who: name, role: job.role, reason, message }];
  }
  const isWaiting = pods.some(({ scheduled }) => scheduled !== undefined);
  if (kind !== 'PersistentVolumeClaim' || !isWaiting) return [];
  return [{ kind: 'event', who: name, role: 'runner', reason, message }];
}

function signsOfRun(look: Look, { name, runners, isOverdue }: Expected): Sign[] {
  const { stage, jobs, pods, events } = look;
  const sign = (reason: string, who = name): Sign => ({
    kind: 'run',
    who,
    role: 'runner',
    reason,
    message: '',
  });
  const has = (role: Role) => jobs.some((job) => job.role === role);
  const running = pods.filter(({ role, phase }) => role === 'runner' && phase === 'Running');
  const refused = events.filter(({ reason }) => reason === 'FailedCreate').map(({ uid }) => uid);
  const podless = jobs.filter(
    (job) => !job.isOver && !refused.includes(job.uid) && !pods.some((pod) => pod.job === job.name),
  );
  const found = [
    stage === undefined && 'gone',
    stage === '' && 'unseen',
    stage === 'error' && 'error',
    stage === 'initialization' && !has('initializer') && 'no-initializer',
    stage === 'initialized' && !has('runner') && 'no-runners',
    stage === 'created' && running.length === runners && 'not-started',
    stage === 'started' && isOverdue && 'overdue',
  ].filter((reason) => reason !== false);
  return [
    ...found.map((reason) => sign(reason)),
    ...podless.map((job) => sign('no-pod', job.name)),
  ];
}
