// The plan of a load run: what `pullproof load` hands to its k6 child in the environment (never in
// argv, because it may hold credentials).
import { parseDateTime } from '../../src/lib/rfc3339.ts';
import type { ClientProfile, Credentials } from '../../src/protocol/client.ts';
import type { Platform } from '../../src/protocol/grammar/platform.ts';

/** Name of the environment variable that holds the plan as JSON. */
export const planVariable = 'PULLPROOF_PLAN';

/** Names the file that holds it instead, where there is no such variable. */
export const planFileVariable = 'PULLPROOF_PLAN_FILE';

/** Credentials of a plan in a file, by their place among its logins. */
export const usernameVariable = (login: number) => `PULLPROOF_USERNAME_${login}`;
export const passwordVariable = (login: number) => `PULLPROOF_PASSWORD_${login}`;

/** What k6 gets: images that were located, a shape that was worked out, profiles of the clients. */
export interface K6Plan {
  /** Name of the client that pulls, where `mix` does not say otherwise. */
  readonly client: string;
  /** The clients of this plan, by name. No others: in k6 each virtual user holds a copy of all it reads. */
  readonly profiles: Readonly<Record<string, ClientProfile>>;
  readonly images: readonly PlannedImage[];
  /** Origins of mirrors that the clients ask before an image's registry; absent: none. */
  readonly mirrors?: readonly string[] | undefined;
  readonly platform: Platform;
  readonly shape: PlannedShape;
  /** What is checked of every blob; `sample`: digests of one pull in ten, sizes of the others. */
  readonly verify: 'all' | 'sample' | 'size' | 'none';
  /** Limit for a request without progress, milliseconds. */
  readonly timeoutMs: number;
  readonly insecure: boolean;
  /** Client certificates, PEM, each for one `host[:port]` if it asks; the keys are secrets. */
  readonly shown?:
    | readonly { readonly host: string; readonly cert: string; readonly key: string }[]
    | undefined;
  /** Up to so many users have a virtual user of k6 each; see `usersPerVu`. */
  readonly usersAloneMax?: number | undefined;
  /** What varies from pull to pull; absent: the images take turns and everything else is the same. */
  readonly mix?: Mix | undefined;
  /** Images pushed beside the pulls; absent: none. */
  readonly push?: PlannedPush | undefined;
  /** When the load begins, RFC 3339; absent: as soon as it can. */
  readonly startAt?: string | undefined;
  /** Where `images` lie instead, for a plan too large for the environment. */
  readonly imagesFile?: string | undefined;
  /** Credentials of those images, by their `login`. */
  readonly logins?: readonly Credentials[] | undefined;
  /** How many of them are in the environment instead. */
  readonly loginsInEnvironment?: number | undefined;
}

/** How a blob is uploaded: in one PUT, or in chunks by PATCH. */
export type UploadForm = 'monolithic' | 'chunked';

/** Pushes of made-up images, for as long as the shape of the pulls lasts. */
export interface PlannedPush {
  readonly registryUrl: string;
  readonly repository: string;
  readonly credentials?: Credentials | undefined;
  /** Index into the plan's `logins`, in a plan that was read from a file. */
  readonly login?: number | undefined;
  readonly seed: number;
  /** In every tag and in what content is made of: no run finds there what another one pushed. */
  readonly run: string;
  /** Pushes started per second (open model); absent: each of the users pushes again and again. */
  readonly perSecond?: number | undefined;
  /** Users; with a rate, the most pushes at once. */
  readonly vus: number;
  /** Layers of an image. */
  readonly layers: number;
  /** How many different blobs the layers are chosen from; absent: each layer is new. */
  readonly blobs?: number | undefined;
  /** Sizes of blobs in bytes, as SeededContent takes them. */
  readonly bytes: readonly Share<number>[];
  readonly upload: readonly Share<UploadForm>[];
  readonly chunkBytes: number;
}

/** In front of the number of a push, the tag of what it pushed. */
export function tagPrefixOf(run: string): string {
  return `pullproof-${run}-`;
}

/** Everything in it is chosen by the seed and the number of the pull, so that a run can be repeated. */
export interface Mix {
  readonly seed: number;
  /** Shares of the images, in their order; absent: they take turns. */
  readonly images?: readonly number[] | undefined;
  readonly clients?: readonly Share<string>[] | undefined;
  readonly platforms?: readonly Share<Platform>[] | undefined;
  /** Machines that keep what they pulled; absent: each pull is by a new machine. */
  readonly nodes?: Nodes | undefined;
  /** Pause of a virtual user after each pull, drawn evenly between the two, milliseconds. */
  readonly thinkMs?: { readonly min: number; readonly max: number } | undefined;
}

export interface Share<T> {
  readonly value: T;
  /** Above 0; what counts is its part of the sum. */
  readonly weight: number;
}

/** Pull number i is made by node i mod `count`, which still has the layers of its last `keep` pulls. */
export interface Nodes {
  readonly count: number;
  readonly keep: number;
}

export interface PlannedImage {
  readonly registryUrl: string;
  readonly repository: string;
  /** Tag or digest. */
  readonly reference: string;
  readonly credentials?: Credentials | undefined;
  /** What the set-up found the reference to name. */
  readonly resolvesTo?: 'index' | 'manifest' | undefined;
  /** Digests of its layers by platform (`os/arch`), for nodes that keep them. */
  readonly layers?: Readonly<Record<string, readonly string[]>> | undefined;
  /** Index into the plan's `logins`. */
  readonly login?: number | undefined;
}

/** What users call the ways in which load arrives; several are made by the same kind. */
export type ShapeName =
  | 'smoke'
  | 'herd'
  | 'ramp'
  | 'rate'
  | 'vus'
  | 'iterations'
  | 'spike'
  | 'soak'
  | 'breakpoint'
  | 'replay';

/** `kind` decides how k6 makes the load; `name` is the shape that was asked for, where it differs. */
export type PlannedShape = { readonly name?: ShapeName } & ShapeKind;

export interface Stage {
  readonly seconds: number;
  /** Virtual users, or pulls per second, reached at the end of the stage in a straight line. */
  readonly target: number;
}

type ShapeKind =
  | { readonly kind: 'vus'; readonly vus: number; readonly durationSeconds: number }
  | {
      readonly kind: 'rate';
      /** Pulls started per second, whether or not earlier ones have ended (open model). */
      readonly perSecond: number;
      readonly durationSeconds: number;
      /** Most pulls under way at once; a pull due beyond that is dropped and counted. */
      readonly vus: number;
    }
  | {
      readonly kind: 'iterations';
      readonly iterations: number;
      readonly vus: number;
      readonly durationSecondsMax: number;
    }
  | {
      /** Each virtual user makes one pull, all at the same moment. */
      readonly kind: 'herd';
      readonly vus: number;
      readonly durationSecondsMax: number;
    }
  | {
      readonly kind: 'stages';
      readonly of: 'vus' | 'rate';
      readonly start: number;
      readonly stages: readonly Stage[];
      /** Most virtual users at once. */
      readonly vus: number;
    }
  | {
      readonly kind: 'replay';
      /** Requests as JSON lines, see TraceRequest. */
      readonly file: string;
      readonly iterations: number;
      readonly vus: number;
      readonly durationSecondsMax: number;
    };

/** One request of a trace. */
export interface TraceRequest {
  /** Milliseconds from the start of the run. */
  readonly atMs: number;
  readonly method: 'GET' | 'HEAD';
  readonly what: 'manifests' | 'blobs' | 'tags';
  readonly repository: string;
  /** Tag or digest; '' for a list of tags. */
  readonly reference: string;
  /** With which it was refused (400 and above) when it was recorded. */
  readonly status?: number;
}

/** The longest that a shape may take, without its grace period. */
export function durationSecondsOf(shape: PlannedShape): number {
  switch (shape.kind) {
    case 'vus':
    case 'rate':
      return shape.durationSeconds;
    case 'stages':
      return shape.stages.reduce((sum, { seconds }) => sum + seconds, 0);
    default:
      return shape.durationSecondsMax;
  }
}

/** Milliseconds since 1970; undefined for a load that waits for nothing. @throws Error */
export function startMsOf({ startAt }: Pick<K6Plan, 'startAt'>): number | undefined {
  if (startAt === undefined) return undefined;
  const startMs = parseDateTime(startAt);
  if (startMs === undefined) throw new Error(`startAt is no time of RFC 3339: ${startAt}`);
  return startMs;
}

/** What a report calls the shape. */
export function shapeNameOf(shape: PlannedShape): ShapeName {
  if (shape.name !== undefined) return shape.name;
  return shape.kind === 'stages' ? 'ramp' : shape.kind;
}

/** Where a plan does not say otherwise. */
const usersAloneMaxDefault = 100;
const usersPerVuMax = 50;

/** How many users one virtual user plays. Other shapes are paced by k6, pull by pull. */
export function usersPerVu({
  shape,
  usersAloneMax,
}: Pick<K6Plan, 'shape' | 'usersAloneMax'>): number {
  if (shape.kind !== 'herd' && shape.kind !== 'vus') return 1;
  return Math.min(usersPerVuMax, Math.ceil(shape.vus / (usersAloneMax ?? usersAloneMaxDefault)));
}

/** After the end, pulls under way may finish within this time. */
export const gracefulStopSeconds = 30;
