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
}

export interface PlannedImage {
  readonly registryUrl: string;
  readonly repository: string;
  /** Tag or digest. */
  readonly reference: string;
  readonly credentials?: Credentials | undefined;
  /** What the set-up found the reference to name. */
  readonly resolvesTo: 'index' | 'manifest';
}

export type PlannedShape =
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
    };

/** After the end, pulls under way may finish within this time. */
export const gracefulStopSeconds = 30;
