// `pullproof load --k8s DIR --apply`: its words; the engine is src/run/load/k8s/apply/apply.ts.
import { UserError } from '../lib/user-error.ts';
import { applyRun } from '../run/load/k8s/apply/apply.ts';
import type { SecretWish } from '../run/load/k8s/apply/secrets.ts';
import { parseSlo, type Slo } from '../run/load/slo.ts';
import { openOutput } from './output.ts';
import type { Terminal } from './terminal.ts';
import type { Call, Flags } from './verb.ts';

/** What says something of a run that is described already. */
const flagsOfApplying: ReadonlySet<string> = new Set([
  ...['k8s', 'apply', 'kubeContext', 'startIn', 'patience'],
  ...['format', 'out', 'quiet', 'slo'],
  // Have values where they are not given.
  ...['engine', 'timeout'],
]);

/** The run of a folder that was written before. @throws UserError */
export async function applyWritten(flags: Flags, call: Call): Promise<number> {
  const idle = Object.entries(flags)
    .filter(([name, value]) => !flagsOfApplying.has(name) && isGiven(value))
    .map(([name]) => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`);
  if (idle.length > 0) {
    throw new UserError(
      'k8s-conflict',
      `${idle.join(', ')}: the folder of --k8s says this already`,
      'Leave them out, or name the images too, and a new folder, to describe another run.',
    );
  }
  const slos = (flags.slo as string[]).map(parseSlo);
  return await applyFolder(flags.k8s as string, [], slos, flags, call);
}

function isGiven(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== undefined;
}

/** Gives the exit code of the joined run. @throws UserError */
export async function applyFolder(
  dir: string,
  secrets: readonly SecretWish[],
  slos: readonly Slo[],
  flags: Flags,
  call: Call,
): Promise<number> {
  const output = await openOutput('merge', flags, call);
  const { terminal, context } = output;
  const options = {
    dir,
    outDir: output.dir,
    secrets,
    slos,
    kubeContext: flags.kubeContext as string | undefined,
    startInMs: flags.startIn as number | undefined,
    patienceMs: flags.patience as number | undefined,
    show: terminal.follow,
    say: terminal.say,
    leaves: (left: () => string | undefined) => leaveAtSecond(call.signal, terminal, left),
  };
  return await output.finish(await applyRun(options, context));
}

const interruptedCode = 130;

/** The first signal ends the run in order, which takes a while; the second leaves it as it is. */
function leaveAtSecond(
  signal: AbortSignal,
  terminal: Terminal,
  left: () => string | undefined,
): void {
  const leave = () => {
    const command = left();
    terminal.say(
      command === undefined
        ? 'left; nothing is in the cluster'
        : `left; what is in the cluster goes by: ${command}`,
    );
    terminal.clear();
    process.exit(interruptedCode);
  };
  const listen = () => {
    terminal.say('stopping the runners, and fetching what they have; once more leaves at once');
    process.once('SIGINT', leave);
    process.once('SIGTERM', leave);
  };
  if (signal.aborted) listen();
  else signal.addEventListener('abort', listen, { once: true });
}
