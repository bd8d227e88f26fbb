// What a cause of failing pulls is: declared, one object each. The engine asks each whether the facts show it.
import type { Facts, ProbeId } from '../facts.ts';

export type Who = 'you' | 'host administrator' | 'network team' | 'registry' | 'image publisher';
export type SpokenBy = 'podman' | 'docker' | 'containerd' | 'kubelet';

export interface Cause {
  /** A stable slug. */
  readonly id: string;
  /** One line: what is wrong. */
  readonly title: string;
  /** What happens, and why; two or three sentences. */
  readonly explanation: string;
  /** What each client prints, `<…>` for what varies. */
  readonly says: Readonly<Partial<Record<SpokenBy, string>>>;
  /** The evidence that decides, and what tells it from its neighbours. */
  readonly decidedBy: string;
  /** What to do, one step each. */
  readonly remedy: readonly string[];
  readonly who: Who;
  /** Public threads, `owner/repo#number`. */
  readonly seenIn: readonly string[];
  /** Whether the facts show it; undefined where they do not. */
  readonly find: (facts: Facts) => Found | readonly Found[] | undefined;
}

export interface Found {
  /** `host:port`, file or other thing that it is about. */
  readonly at: string;
  /** Facts in words, each with its figure or place. */
  readonly evidence: readonly string[];
  /** `possible`: another cause fits as well; `wouldTell` names what would decide. */
  readonly certainty: 'certain' | 'possible';
  readonly wouldTell?: string;
  readonly probes?: readonly ProbeId[];
  /** What to do about just this, in the place of the cause's steps. */
  readonly remedy?: readonly string[];
  /** The pull works all the same: a warning. */
  readonly isHarmless?: boolean;
}
