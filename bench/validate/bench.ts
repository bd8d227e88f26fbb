// `validate` against image-spec's own validator in Go (test/programs/oracle), manifests in memory; and the command
// line as it is installed: thousands of files, one large index, one file.
import { spawnSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { medianOf } from '../../src/lib/median.ts';
import { UserError } from '../../src/lib/user-error.ts';
import { packageRoot } from '../../src/run/package-root.ts';
import { validateDocument } from '../../src/validate/index.ts';
import { runChild } from '../child.ts';
import { format, line, verdict } from '../figures.ts';
import { builtLauncher } from '../launcher.ts';
import { benchOfParts, type Run } from '../parts.ts';
import { indexText, manifestText } from './documents.ts';
import { type LayerShape, writeLayer } from './layers.ts';

export const validateBench = benchOfParts('validate', {
  process: inProcess,
  files,
  index,
  start,
  layers,
});

const manifestsPerSecondMin = 50_000;
const manifestCount = 1_000;

/** Both judge the same documents from their bytes, one after the other. */
async function inProcess(run: Run): Promise<void> {
  const { say, seconds, pairs, signal, verdicts, figures } = run;
  const texts = Array.from({ length: manifestCount }, (_, at) => manifestText(at));
  const documents = texts.map((text) => Buffer.from(text));
  const oracle = buildOracle(run.folder);
  const measured: [number, number][] = [];
  process.stdout.write(`${line('validate: documents/s', 'Go', 'pullproof', 'ratio')}\n`);
  for (let i = 1; i <= pairs; i++) {
    signal.throwIfAborted();
    say(`manifests: pair ${i} of ${pairs}`);
    measured.push([oracleRate(oracle, texts, seconds), ownRate(documents, seconds)]);
  }
  const [go, own] = ([0, 1] as const).map((at) => medianOf(measured.map((pair) => pair[at])));
  const ratio = medianOf(measured.map(([a, b]) => b / a));
  const cells = [format(go ?? 0, 0), format(own ?? 0, 0), format(ratio, 1)];
  process.stdout.write(`${line('manifests in process', ...cells)}\n`);
  verdicts.push(
    verdict('validate, manifests/s in process', own ?? 0, manifestsPerSecondMin, 'min'),
    verdict('validate, manifests/s in process, pullproof : Go', ratio, 1, 'min'),
  );
  figures.inProcess = { pairs: measured };
}

function ownRate(documents: readonly Uint8Array[], seconds: number): number {
  const begin = performance.now();
  let judged = 0;
  while (performance.now() - begin < seconds * 1000) {
    for (const document of documents) {
      const { valid } = validateDocument(document, { path: 'manifest.json' });
      if (!valid) throw new Error('a document to measure with is not valid');
    }
    judged += documents.length;
  }
  return (judged * 1000) / (performance.now() - begin);
}

/** @throws UserError exit 3 without Go */
function buildOracle(folder: string): string {
  const program = join(folder, 'oracle');
  const { status, stderr, error } = spawnSync('go', ['build', '-trimpath', '-o', program, '.'], {
    cwd: join(packageRoot, 'test', 'programs', 'oracle'),
    env: { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-mod=readonly', GOWORK: 'off' },
    encoding: 'utf8',
  });
  if (status === 0) return program;
  const why = error?.message ?? stderr;
  throw new UserError('go-missing', `the Go validator cannot be built: ${why}`, 'Install Go.', 3);
}

function oracleRate(program: string, texts: readonly string[], seconds: number): number {
  const input = texts
    .map((text) => ({ kind: 'manifest', document: Buffer.from(text).toString('base64') }))
    .map((question) => `${JSON.stringify(question)}\n`)
    .join('');
  const told = spawnSync(program, ['-bench', `${seconds}s`], { input, encoding: 'utf8' });
  if (told.status !== 0) throw new Error(`the Go validator ended: ${told.stderr}`);
  const { documents, seconds: took } = JSON.parse(told.stdout);
  return documents / took;
}

const fileCount = 10_000;
const filesMsMax = 1_500;
const memoryBytesMax = 200e6;

/** A folder of manifests. */
async function files(run: Run): Promise<void> {
  const { folder, say } = run;
  say(`${fileCount} files`);
  const manifests = join(folder, 'manifests');
  await writeManifests(manifests, fileCount);
  process.stdout.write(`${line('validate: command line', 'ms', 'peak MB')}\n`);
  await command(run, `${fileCount} files`, manifests, filesMsMax, memoryBytesMax);
}

async function writeManifests(folder: string, count: number): Promise<void> {
  await mkdir(folder);
  for (let at = 0; at < count; at++) {
    await writeFile(join(folder, `${at}.json`), manifestText(at));
  }
}

const entryCount = 20_000;
const indexMsMax = 1_000;

async function index(run: Run): Promise<void> {
  const path = join(run.folder, 'index.json');
  await writeFile(path, indexText(entryCount));
  await command(run, `index of ${entryCount}`, path, indexMsMax, memoryBytesMax);
}

const startMsMax = 250;
const startRatioMax = 2;
/** Starts of each, in turns; they are short, and other work on the machine shows in single ones. */
const starts = 15;

/** One file, beside Node that does nothing. */
async function start(run: Run): Promise<void> {
  const { folder, signal, verdicts, figures } = run;
  const path = join(folder, 'manifest.json');
  await writeFile(path, manifestText(1));
  await command(run, 'one file', path, startMsMax, memoryBytesMax);
  const launcher = builtLauncher();
  const both = [
    ['-e', '0'],
    [launcher, 'validate', '--quiet', path],
  ];
  const pairs: number[][] = [];
  for (let i = 0; i < starts; i++) {
    const pair: number[] = [];
    for (const words of both) {
      const begin = performance.now();
      await runChild(process.execPath, words, { secondsMax: runSecondsMax, signal, cwd: folder });
      pair.push(performance.now() - begin);
    }
    pairs.push(pair);
  }
  const [bare, own] = [0, 1].map((at) => medianOf(pairs.map((pair) => pair[at] ?? 0)));
  const ratio = (own ?? 0) / (bare ?? 1);
  process.stdout.write(`${line('one file : node -e 0', format(ratio, 2))}\n`);
  verdicts.push(verdict('validate, one file : node -e 0', ratio, startRatioMax, 'max'));
  figures.start = { pairs };
}

const layerBytesPerSecondMin = 300e6;
const layerShapes: readonly (readonly [name: string, shape: LayerShape])[] = (
  ['none', 'gzip'] as const
).flatMap((compression): [string, LayerShape][] => [
  [`4 large files, ${compression}`, { files: 4, fileBytes: 256 * 1024 * 1024, compression }],
  [`100,000 files, ${compression}`, { files: 100_000, fileBytes: 5_000, compression }],
]);

/** The content of layers, beside programs that unpack and hash them and look at nothing. */
async function layers(run: Run): Promise<void> {
  const { folder, pairs, say, signal, verdicts, figures } = run;
  process.stdout.write(
    `${line('validate --layers: MB/s', 'bare', 'pullproof', 'ratio', 'peak MB')}\n`,
  );
  for (const [name, shape] of layerShapes) {
    say(`layer of ${name}`);
    const layout = join(folder, name.replace(/\W+/g, '-'));
    const { tarBytes, file } = await writeLayer(layout, shape);
    const unpack = shape.compression === 'gzip' ? 'gzip -dc' : 'cat';
    const bareMs: number[] = [];
    for (let i = 0; i < pairs; i++) {
      const begin = performance.now();
      const words = ['-c', `${unpack} < "$0" | sha256sum`, file];
      await runChild('sh', words, { secondsMax: runSecondsMax, signal });
      bareMs.push(performance.now() - begin);
    }
    const { tookMs, peakBytes } = await timed(run, ['--layers', layout]);
    const [bare, own] = [bareMs, tookMs].map((ms) => (tarBytes * 1000) / medianOf(ms));
    const ratio = (own ?? 0) / (bare ?? 0);
    const rates = [format((bare ?? 0) / 1e6, 0), format((own ?? 0) / 1e6, 0)];
    process.stdout.write(`${line(name, ...rates, format(ratio, 2), format(peakBytes / 1e6, 0))}\n`);
    verdicts.push(
      // One stream of gzip is unpacked on one core, by whoever does it: held against a program that does.
      shape.compression === 'gzip'
        ? verdict(`validate --layers, ${name}, pullproof : bare`, ratio, 1, 'min')
        : verdict(`validate --layers, ${name}: bytes/s`, own ?? 0, layerBytesPerSecondMin, 'min'),
      verdict(`validate --layers, ${name}: peak bytes`, peakBytes, memoryBytesMax, 'max'),
    );
    figures[name] = { tarBytes, bareMs, tookMs, peakBytes };
  }
}

const runSecondsMax = 120;

/** The command as it is installed, so many times. The first one warms its cache. */
async function timed(
  { folder, pairs, signal }: Run,
  words: readonly string[],
): Promise<{ tookMs: number[]; peakBytes: number }> {
  const launcher = builtLauncher();
  const all = [launcher, 'validate', '--quiet', '--out', join(folder, 'out'), ...words];
  const tookMs: number[] = [];
  let peakBytes = 0;
  for (let i = 0; i <= pairs; i++) {
    const begin = performance.now();
    const options = { secondsMax: runSecondsMax, signal, watch: 'itself' as const };
    const ended = await runChild(process.execPath, all, options);
    if (ended.code !== 0) throw new Error(`validate ended with ${ended.code}: ${ended.stderr}`);
    if (i > 0) tookMs.push(performance.now() - begin);
    peakBytes = Math.max(peakBytes, ended.peakBytes);
  }
  return { tookMs, peakBytes };
}

async function command(
  run: Run,
  name: string,
  path: string,
  msMax: number,
  bytesMax: number,
): Promise<void> {
  const { verdicts, figures } = run;
  const { tookMs, peakBytes } = await timed(run, [path]);
  const ms = medianOf(tookMs);
  process.stdout.write(`${line(name, format(ms, 0), format(peakBytes / 1e6, 0))}\n`);
  verdicts.push(verdict(`validate, ${name}: ms`, ms, msMax, 'max'));
  if (peakBytes > 0) {
    verdicts.push(verdict(`validate, ${name}: peak bytes`, peakBytes, bytesMax, 'max'));
  }
  figures[name] = { tookMs, peakBytes };
}
