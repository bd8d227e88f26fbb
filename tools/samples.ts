// Writes docs/samples/ (`npm run samples`): each kind of report from a real run of the built command line against our
// mock, with a fixed seed, in a folder and on a host that name nobody; then the pictures of the README, by the
// system's Chromium. `npm run samples -- load` makes one alone. test/samples.test.ts says what is missing.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { packageRoot } from '../src/run/package-root.ts';
import { documents } from './samples/documents.ts';
import { samplesPage } from './samples/page.ts';
import { takePictures } from './samples/pictures.ts';
import { type Sample, samples, samplesFolder } from './samples/samples.ts';

/** In front of every path in a report. */
const folder = '/tmp/pullproof-samples';
const host = 'build-7';
const launcher = join(packageRoot, 'dist/src/cli/launcher.js');
const runMsMax = 300_000;

const target = join(packageRoot, samplesFolder);
rmSync(folder, { recursive: true, force: true });
mkdirSync(join(folder, 'home'), { recursive: true });
mkdirSync(target, { recursive: true });
for (const [name, text] of Object.entries(documents)) writeFileSync(join(folder, name), text);
try {
  const only = process.argv.slice(2);
  const wanted = samples.filter(({ name }) => only.length === 0 || only.includes(name));
  for (const sample of wanted) await write(sample);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
writeFileSync(join(target, 'README.md'), samplesPage());
await takePictures(target);
for (const file of readdirSync(target)) console.log(`${samplesFolder}/${file}`);

/** A mock for this sample alone, its runs, and what they wrote. */
async function write(sample: Sample): Promise<void> {
  const mock = sample.mock === undefined ? undefined : await startMock(sample.mock);
  try {
    for (const { words, mockWords, pagesGo } of sample.runs) {
      if (pagesGo) removePages();
      const other = mockWords === undefined ? undefined : await startMock(mockWords);
      try {
        run(words.map((word) => word.replace('IMAGE', (other ?? mock)?.image ?? '')));
      } finally {
        other?.child.kill();
        await other?.ended;
      }
    }
  } finally {
    mock?.child.kill();
    await mock?.ended;
  }
  for (const [from, to] of Object.entries(sample.files)) {
    copyFileSync(join(folder, from), join(target, to));
  }
}

function removePages(): void {
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (file.endsWith('/report.html')) rmSync(join(folder, file));
  }
}

interface Mock {
  readonly child: ChildProcess;
  readonly image: string;
  readonly ended: Promise<void>;
}

async function startMock(words: readonly string[]): Promise<Mock> {
  const all = ['mock', '-q', '--seed', '1', '--port', '5010', '--cdn-port', '5011', ...words];
  const child = spawn(process.execPath, [launcher, ...all], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  for await (const line of createInterface({ input: child.stdout })) {
    const { images } = JSON.parse(line) as { images: string[] };
    return { child, image: `http://${images[0]}`, ended };
  }
  throw new Error('the mock did not start: are ports 5010 and 5011 taken?');
}

/** What is found in a run is no failure of this. @throws Error when the run could not be made */
function run(words: readonly string[]): void {
  const inside = `hostname ${host} && exec "$0" "$@"`;
  const { status, stdout, stderr } = spawnSync(
    'unshare',
    ['--uts', 'sh', '-c', inside, process.execPath, launcher, ...words],
    {
      cwd: folder,
      encoding: 'utf8',
      timeout: runMsMax,
      env: {
        PATH: process.env.PATH,
        HOME: join(folder, 'home'),
        // Where the build of k6 is.
        XDG_CACHE_HOME: process.env.XDG_CACHE_HOME || join(homedir(), '.cache'),
      },
    },
  );
  console.log(`pullproof ${words.join(' ')}: ${status}`);
  if (status !== 0 && status !== 1) throw new Error(`${stdout}${stderr}`);
}
