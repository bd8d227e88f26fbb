// The plan of a load run: what `pullproof load` hands to its k6 child in the environment (never in
// argv, because it may hold credentials).
import type { Credentials } from '../../src/protocol/client.ts';
import type { Platform } from '../../src/protocol/platform.ts';

/** Name of the environment variable that holds the plan as JSON. */
export const planVariable = 'PULLPROOF_PLAN';

export interface Plan {
  /** Name of a client profile. */
  readonly client: string;
  readonly images: readonly PlannedImage[];
  readonly platform: Platform;
  readonly shape: PlannedShape;
  /** What is checked of every blob; `sample`: digests of one pull in ten, sizes of the others. */
  readonly verify: 'all' | 'sample' | 'size' | 'none';
  /** Limit for a request without progress, milliseconds. */
  readonly timeoutMs: number;
  readonly insecure: boolean;
  /** What varies from pull to pull; absent: the images take turns and everything else is the same. */
  readonly mix?: Mix | undefined;
  /** Where `images` lie instead, for a plan too large for the environment. */
  readonly imagesFile?: string | undefined;
  /** Credentials of those images, by their `login`. */
  readonly logins?: readonly Credentials[] | undefined;
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

/** What a report calls the shape. */
export function shapeNameOf(shape: PlannedShape): ShapeName {
  if (shape.name !== undefined) return shape.name;
  return shape.kind === 'stages' ? 'ramp' : shape.kind;
}

/** After the end, pulls under way may finish within this time. */
export const gracefulStopSeconds = 30;
