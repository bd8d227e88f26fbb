// One look at the run in the cluster: what the API server says of TestRun, jobs, pods and events, as far as it matters.

export type Role = 'initializer' | 'runner' | 'starter' | 'collector';

/** Of a pod. */
export interface PodLook {
  readonly name: string;
  readonly uid: string;
  readonly role: Role;
  /** `NAME-2`: by which people know it. */
  readonly job: string;
  readonly phase: string;
  /** Of the whole pod: `Evicted`, `OutOfcpu`. */
  readonly reason: string;
  readonly message: string;
  readonly scheduled: Condition | undefined;
  readonly disrupted: Condition | undefined;
  /** Why a container does not run yet. */
  readonly waiting: { readonly reason: string; readonly message: string } | undefined;
  readonly ended:
    | { readonly reason: string; readonly message: string; readonly exitCode: number }
    | undefined;
  /** Somebody deletes it. */
  readonly isGoing: boolean;
  /** Of the container that waits or has ended, else of the first. */
  readonly image: string;
}

interface Condition {
  readonly reason: string;
  readonly message: string;
}

export interface JobLook {
  readonly name: string;
  readonly uid: string;
  readonly role: Role;
  readonly isOver: boolean;
  readonly hasFailed: boolean;
}

/** A warning, or that the cluster grows. */
export interface EventLook {
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly reason: string;
  readonly message: string;
}

export interface Look {
  /** Of the TestRun; '' before the operator has seen it, undefined where there is no TestRun. */
  readonly stage: string | undefined;
  readonly jobs: readonly JobLook[];
  readonly pods: readonly PodLook[];
  readonly events: readonly EventLook[];
}

interface ApiObject {
  readonly kind?: string;
  readonly metadata?: {
    readonly name?: string;
    readonly uid?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly deletionTimestamp?: string;
  };
  readonly status?: {
    readonly stage?: string;
    readonly phase?: string;
    readonly reason?: string;
    readonly message?: string;
    readonly conditions?: readonly ApiCondition[];
    readonly initContainerStatuses?: readonly ApiContainer[];
    readonly containerStatuses?: readonly ApiContainer[];
  };
  readonly involvedObject?: {
    readonly kind?: string;
    readonly name?: string;
    readonly uid?: string;
  };
  readonly reason?: string;
  readonly message?: string;
}

interface ApiCondition {
  readonly type?: string;
  readonly status?: string;
  readonly reason?: string;
  readonly message?: string;
}

interface ApiContainer {
  readonly image?: string;
  readonly state?: {
    readonly waiting?: { readonly reason?: string; readonly message?: string };
    readonly terminated?: {
      readonly reason?: string;
      readonly message?: string;
      readonly exitCode?: number;
    };
  };
}

/** The objects in what `kubectl get -o json` printed: a list, one object, or nothing. @throws SyntaxError */
export function objectsOf(text: string): readonly ApiObject[] {
  if (text.trim() === '') return [];
  const value = JSON.parse(text) as ApiObject & { readonly items?: readonly ApiObject[] };
  return value.items ?? [value];
}

/** `name`: of the TestRun. */
export function lookOf(
  name: string,
  testRun: ApiObject | undefined,
  found: readonly ApiObject[],
  events: readonly ApiObject[],
): Look {
  return {
    stage: testRun && (testRun.status?.stage ?? ''),
    jobs: found.filter(({ kind }) => kind === 'Job').map((job) => jobOf(name, job)),
    pods: found.filter(({ kind }) => kind === 'Pod').map((pod) => podOf(name, pod)),
    events: events.map(eventOf),
  };
}

function roleOf(name: string, job: string): Role {
  const rest = job.slice(name.length + 1);
  if (rest === 'initializer' || rest === 'starter' || rest === 'collector') return rest;
  return 'runner';
}

function jobOf(name: string, { metadata, status }: ApiObject): JobLook {
  const job = metadata?.name ?? '';
  const held = (wanted: string) =>
    (status?.conditions ?? []).some((one) => one.type === wanted && one.status === 'True');
  const hasFailed = held('Failed');
  return {
    name: job,
    uid: metadata?.uid ?? '',
    role: roleOf(name, job),
    isOver: hasFailed || held('Complete'),
    hasFailed,
  };
}

function podOf(name: string, { metadata, status }: ApiObject): PodLook {
  const job = metadata?.labels?.['job-name'] ?? metadata?.name ?? '';
  const condition = (wanted: string, held: string) => {
    const one = status?.conditions?.find(({ type, status: is }) => type === wanted && is === held);
    return one && { reason: one.reason ?? '', message: one.message ?? '' };
  };
  const containers = [
    ...(status?.initContainerStatuses ?? []),
    ...(status?.containerStatuses ?? []),
  ];
  const waits = containers.find(({ state }) => state?.waiting !== undefined);
  const waiting = waits?.state?.waiting;
  const ended = containers.map(({ state }) => state?.terminated).filter((one) => one !== undefined);
  const failed = ended.find(({ exitCode }) => exitCode !== 0) ?? ended.at(-1);
  return {
    name: metadata?.name ?? '',
    uid: metadata?.uid ?? '',
    role: roleOf(name, job),
    job,
    phase: status?.phase ?? '',
    reason: status?.reason ?? '',
    message: status?.message ?? '',
    scheduled: condition('PodScheduled', 'False'),
    disrupted: condition('DisruptionTarget', 'True'),
    waiting: waiting && { reason: waiting.reason ?? '', message: waiting.message ?? '' },
    ended: failed && {
      reason: failed.reason ?? '',
      message: failed.message ?? '',
      exitCode: failed.exitCode ?? 0,
    },
    isGoing: metadata?.deletionTimestamp !== undefined,
    image: (waits ?? containers[0])?.image ?? '',
  };
}

function eventOf({ involvedObject, reason, message }: ApiObject): EventLook {
  return {
    kind: involvedObject?.kind ?? '',
    name: involvedObject?.name ?? '',
    uid: involvedObject?.uid ?? '',
    reason: reason ?? '',
    message: message ?? '',
  };
}
