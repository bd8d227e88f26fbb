// The hosts of a pull in three columns: observed here, documented by somebody, expected by the user.
import type { HostRow } from '../../../../reports/results.ts';
import type { HostFacts } from '../../../doctor/facts.ts';
import type { Wire } from '../../../doctor/wire.ts';
import type { ExpectedHost } from './expected.ts';
import type { PresetName } from './presets.ts';

export interface HostListOptions {
  readonly presets: readonly PresetName[];
  readonly expected: readonly ExpectedHost[];
  /** For each expected host that the pull did not touch. */
  readonly timeoutMs: number;
}

export interface HostList {
  /** For `DoctorResult.hostList` and `.allowList`. */
  readonly rows: HostRow[];
  readonly allowList: string[];
  /** A row has `trouble`: the run fails. */
  readonly failed: boolean;
}

/** What the pull touched or would have touched, put beside what is documented and expected. */
export async function listHosts(
  _hosts: readonly HostFacts[],
  _options: HostListOptions,
  _wire: Wire,
): Promise<HostList> {
  return { rows: [], allowList: [], failed: false };
}
