// What every verb's engine is given by the command line: where to talk, when to stop, what is common.
import { platform, release } from 'node:os';
import type { Environment, Results, Verb } from '../../reports/results.ts';
import type { ShownCertificate } from '../drivers/network/connector.ts';
import { parseDateTime } from '../lib/rfc3339.ts';
import { machineHash, processors } from './machine.ts';
import { version } from './version.ts';
import type { View } from './view.ts';

export interface RunContext {
  /** Quick progress, for people who watch: what the next one replaces. */
  readonly progress: (told: string | View) => void;
  /** Slow progress, which logs should show too. */
  readonly work: (message: string) => void;
  /**
   * Where something slow is, once a second: who watches sees it, logs get its line every ten seconds. Asked only
   * where it is shown, since it may cost time to tell.
   */
  readonly tick?: ((told: () => string | View) => void) | undefined;
  /** A line that stays, whatever is shown after it: warnings. */
  readonly say?: ((line: string) => void) | undefined;
  /** Keeps the document in the run's folder, as that of a run that did not come to its end; absent: there is none. */
  readonly begin?: ((results: Results) => void) | undefined;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  readonly seed: number;
  /** The command line without secrets. */
  readonly command: string;
}

/** Limits and trust towards the registry, from the common flags. */
export interface Access {
  readonly timeoutMs: number;
  readonly insecure: boolean;
  /** PEM texts to trust besides the system's. */
  readonly ca?: readonly string[] | undefined;
  /** Client certificates, by `host[:port]` of who is shown them; the keys are secrets. */
  readonly shown?: Readonly<Record<string, ShownCertificate>> | undefined;
}

function environmentOf(verb: Verb, context: RunContext): Environment {
  return {
    node: process.version,
    os: `${platform()} ${release()}`,
    ...processors(),
    // What documents are does not depend on the machine, and to hash costs a start as much as to judge one.
    ...(verb !== 'validate' && { machine: machineHash() }),
    seed: context.seed,
    command: context.command,
  };
}

/** The frame of a results document; the engine fills in what it measured. */
export function newResults(verb: Verb, target: string, context: RunContext): Results {
  const results: Results = {
    schema: 'pullproof/results/v1',
    verb,
    tool: { name: 'pullproof', version },
    target,
    startedAt: new Date().toISOString(),
    durationMs: 0,
    verdict: 'error',
    exitCode: 4,
    environment: environmentOf(verb, context),
  };
  context.begin?.(results);
  return results;
}

/** Closes a results document: how long it took, what it says, and the exit code of that. */
export function conclude(results: Results, verdict: 'pass' | 'fail', signal: AbortSignal): Results {
  const startedMs = parseDateTime(results.startedAt) ?? Number.NaN;
  results.durationMs = Date.now() - startedMs;
  results.verdict = verdict;
  results.exitCode = verdict === 'pass' ? 0 : 1;
  if (signal.aborted) {
    results.verdict = 'error';
    results.exitCode = 130;
    results.interrupted = 'Stopped by Ctrl-C or another signal; the figures are those until then.';
  }
  return results;
}
