// `npm run bench`: what pullproof costs, each time beside something bare on the same machine in the same
// run. Each bench has a folder; docs/performance.md says how to read the figures.
import { writeFile } from 'node:fs/promises';
import { cpus, platform, release } from 'node:os';
import { parseArgs } from 'node:util';
import { UserError } from '../src/lib/user-error.ts';
import type { Bench, BenchSettings } from './bench.ts';
import { compareBench } from './compare/bench.ts';
import { doctorBench } from './doctor/bench.ts';
import { renderVerdicts, type Verdict } from './figures.ts';
import { loadBench } from './load/bench.ts';
import { mergeBench } from './merge/bench.ts';
import { mockBench } from './mock/bench.ts';
import { reportsBench } from './reports/bench.ts';
import { validateBench } from './validate/bench.ts';

const benches: readonly Bench[] = [
  loadBench,
  mockBench,
  validateBench,
  doctorBench,
  compareBench,
  reportsBench,
  mergeBench,
];
const names = benches.map(({ name }) => name).join('|');
const usage = `usage: npm run bench -- [${names} ...] [--vus 20] [--seconds 8] [--pairs 3] [--only PART] [--json FILE]`;

interface Wanted {
  readonly benches: readonly Bench[];
  readonly settings: BenchSettings;
  readonly json: string | undefined;
}

async function runAll({ benches, settings, json }: Wanted, signal: AbortSignal): Promise<number> {
  const verdicts: Verdict[] = [];
  const figures: Record<string, unknown> = {};
  for (const bench of benches) {
    const told = await bench.run(settings, say, signal);
    figures[bench.name] = told.figures;
    verdicts.push(...told.verdicts);
  }
  process.stdout.write(renderVerdicts(verdicts));
  if (json !== undefined) {
    const document = { date: new Date().toISOString(), machine: machine(), figures, verdicts };
    await writeFile(json, `${JSON.stringify(document, null, 2)}\n`);
  }
  return verdicts.every(({ held }) => held) ? 0 : 1;
}

function machine() {
  const { node } = process.versions;
  return { cpus: cpus().length, model: cpus()[0]?.model, os: `${platform()} ${release()}`, node };
}

function say(message: string): void {
  process.stderr.write(`${message}\n`);
}

/** @throws UserError (exit 2) */
function wantedOf(words: readonly string[]): Wanted {
  const number = (name: string, text: string | undefined, fallback: number, max: number) => {
    const value = Number(text ?? fallback);
    if (Number.isInteger(value) && value >= 1 && value <= max) return value;
    throw new UserError('bench-usage', `--${name} takes a whole number from 1 to ${max}`, usage);
  };
  try {
    const { values, positionals } = parseArgs({
      args: [...words],
      allowPositionals: true,
      options: {
        vus: { type: 'string' },
        seconds: { type: 'string' },
        pairs: { type: 'string' },
        only: { type: 'string' },
        json: { type: 'string' },
      },
    });
    const unknown = positionals.find((name) => !benches.some((bench) => bench.name === name));
    if (unknown !== undefined) {
      throw new UserError('bench-usage', `no bench is named ${unknown}`, usage);
    }
    const isWanted = ({ name }: Bench) => positionals.length === 0 || positionals.includes(name);
    const settings = {
      vus: number('vus', values.vus, 20, 10_000),
      seconds: number('seconds', values.seconds, 8, 3600),
      pairs: number('pairs', values.pairs, 3, 100),
      only: values.only,
    };
    return { benches: benches.filter(isWanted), settings, json: values.json };
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError('bench-usage', (error as Error).message, usage);
  }
}

async function main(): Promise<number> {
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort());
  try {
    return await runAll(wantedOf(process.argv.slice(2)), stop.signal);
  } catch (error) {
    if (stop.signal.aborted) return 130;
    if (error instanceof UserError) {
      say(`error: ${error.message}\n  hint: ${error.hint}`);
      return error.exitCode;
    }
    say(`error: ${(error as Error).message}`);
    return 4;
  }
}

process.exitCode = await main();
