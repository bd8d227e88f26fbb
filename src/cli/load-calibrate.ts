// `pullproof load --calibrate`: the same load several times, to know by how much runs of one and the same differ.
// `report compare` takes that as the least change that counts.
import { copyFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { renderJson } from '../../reports/json.ts';
import type { LoadResult, Results } from '../../reports/results.ts';
import { makeFolder } from '../lib/node/make-folder.ts';
import { UserError } from '../lib/user-error.ts';
import { type Calibration, calibrationName, calibrationOf } from '../run/compare/calibration.ts';
import type { RunContext } from '../run/context.ts';
import { type LoadOptions, runLoad } from '../run/load/load.ts';
import { timelineName } from '../run/load/timeline/file.ts';
import { prefixed } from '../run/view.ts';
import { openOutput, writeRun } from './output.ts';
import { type Call, type Flags, wholeNumber } from './verb.ts';

const runsDefault = 3;
const runsMax = 20;

export function addCalibrateFlag(command: Command): void {
  command.option(
    '--calibrate [n]',
    `run the same load n times (default: ${runsDefault}) and write down by how much the runs differ`,
    runsOf,
  );
}

/** @throws InvalidArgumentError, for an image as well that stands behind the flag */
function runsOf(text: string): number {
  try {
    return wholeNumber(2, runsMax)(text);
  } catch (error) {
    const { message } = error as InvalidArgumentError;
    throw new InvalidArgumentError(`${message} Without one, the flag goes behind the image.`);
  }
}

/** Runs wanted; undefined for a plain run. @throws UserError `calibrate-conflict` (exit 2) */
export function calibrateRunsOf(
  { calibrate, k8s, dashboard }: Flags,
  {
    shape,
    trace,
    segment,
    startAtMs,
  }: Pick<LoadOptions, 'shape' | 'trace' | 'segment' | 'startAtMs'>,
): number | undefined {
  if (calibrate === undefined) return undefined;
  const other =
    (k8s !== undefined && '--k8s, which makes no run') ||
    (dashboard !== undefined && '--dashboard, which shows one run') ||
    (segment !== undefined && '--segment: the shares of a load are joined first') ||
    (shape.name === 'breakpoint' && '--shape breakpoint, which searches for its rates') ||
    (startAtMs !== undefined && '--start-at, at which but one run begins') ||
    (trace !== undefined && '--trace, whose requests come but once');
  if (other === false) return calibrate === true ? runsDefault : (calibrate as number);
  throw new UserError(
    'calibrate-conflict',
    `--calibrate does not go with ${other}`,
    'Leave one of the two out; runs of --shape rate or --vus can be calibrated.',
  );
}

/** In sub-folders `run-1` and on; the folder itself has what the last of them found, and the widths. */
export async function calibrate(
  options: Omit<LoadOptions, 'outDir'>,
  runs: number,
  flags: Flags,
  call: Call,
): Promise<number> {
  const output = await openOutput('load', flags, call);
  const { dir, context, terminal } = output;
  await refuseStale(dir, runs);
  const done: LoadResult[] = [];
  let last: Results | undefined;
  let calibration: Calibration | undefined;
  const found = () => (calibration ??= calibrationOf(done, new Date().toISOString()));
  try {
    for (let run = 1; run <= runs && !call.signal.aborted; run++) {
      const folder = join(dir, `run-${run}`);
      makeFolder(folder);
      terminal.say(`run ${run} of ${runs}`);
      last = await runLoad({ ...options, outDir: folder }, ofRun(context, run, runs));
      await writeRun(folder, last);
      await keepTimeline(folder, dir);
      if (last.interrupted !== undefined || last.load === undefined) break;
      if (last.load.pulls.ok === 0) break;
      done.push(last.load);
    }
  } finally {
    // What was measured counts, whatever became of the last run.
    if (done.length > 1) await writeFile(join(dir, calibrationName), renderJson(found()));
  }
  if (last === undefined) throw new Error('no run was made');
  if (last.load !== undefined && done.length > 1) {
    const { runs: made, width } = found();
    last.load.calibration = { runs: made, width: { ...width } };
  }
  const exitCode = await output.finish(last);
  if (done.length > 1) terminal.say(`compare with it: pullproof report compare ${dir} RUN`);
  return exitCode;
}

function ofRun(context: RunContext, run: number, runs: number): RunContext {
  const { tick } = context;
  const words = `run ${run} of ${runs}: `;
  return { ...context, tick: tick && ((told) => tick(() => prefixed(told(), words))) };
}

/** So that the folder can be compared as one run, too. A stock k6 writes none. */
async function keepTimeline(from: string, to: string): Promise<void> {
  const target = join(to, timelineName);
  await rm(target, { force: true });
  await copyFile(join(from, timelineName), target).catch(() => undefined);
}

/** Runs that an earlier calibration left would be taken for some of this one. */
async function refuseStale(dir: string, runs: number): Promise<void> {
  const next = join(dir, `run-${runs + 1}`);
  const isThere = await stat(next).then(
    () => true,
    () => false,
  );
  await rm(join(dir, calibrationName), { force: true });
  if (!isThere) return;
  throw new UserError(
    'calibrate-conflict',
    `${next} is there already, of an earlier calibration with more runs`,
    'Name another folder with --out.',
  );
}
