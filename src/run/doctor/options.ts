// What a run of `doctor` is asked for.
import type { AccessFlags } from '../../access/resolve.ts';
import type { Platform } from '../../protocol/grammar/platform.ts';
import type { ExpectedHost } from './hosts/expected.ts';
import type { PresetName } from './hosts/presets.ts';
import type { SaveTarget } from './save/target.ts';

export interface DoctorOptions {
  /** The image in the user's words. */
  readonly text: string;
  /** Name of a client profile. */
  readonly client: string;
  readonly platform: Platform;
  /** Pulls in all: one, and its repeats. */
  readonly probes: number;
  /** Below which the host's files lie (`HostView.root`). */
  readonly root: string;
  readonly flags: AccessFlags;
  /** Limit for each request without progress. */
  readonly timeoutMs: number;
  readonly presets: readonly PresetName[];
  readonly expected: readonly ExpectedHost[];
  /** Keep what is pulled, whole. */
  readonly save?: SaveTarget | undefined;
}
