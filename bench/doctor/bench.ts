// `doctor` as it is installed: a healthy small image on loopback, in turns with a bare start of Node, and a registry
// that takes connections and never says a word.
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { startMock } from '../../mocks/server.ts';
import { medianOf } from '../../src/lib/median.ts';
import { runChild } from '../child.ts';
import { format, line, verdict } from '../figures.ts';
import { builtLauncher } from '../launcher.ts';
import { benchOfParts, type Run } from '../parts.ts';

export const doctorBench = benchOfParts('doctor', { healthy, silent });

const healthyMsMax = 2000;
const healthyRatioMax = 20;
const silentMsMax = 20_000;
const memoryBytesMax = 300e6;
const secondsMax = 60;
const runs = 9;

async function healthy(run: Run): Promise<void> {
  const { signal, verdicts, figures, folder } = run;
  const mock = await startMock({ seed: 1, port: 0, cdnPort: 0 });
  try {
    const measured: { bareMs: number; ownMs: number; peakBytes: number }[] = [];
    for (let i = 0; i < runs; i++) {
      const begin = performance.now();
      await runChild(process.execPath, ['-e', '0'], { secondsMax, signal, cwd: folder });
      const bareMs = performance.now() - begin;
      const { ms: ownMs, peakBytes } = await doctor(run, `${mock.images[0]}`, 0);
      measured.push({ bareMs, ownMs, peakBytes });
    }
    const ms = medianOf(measured.map(({ ownMs }) => ownMs));
    const ratio = medianOf(measured.map(({ ownMs, bareMs }) => ownMs / bareMs));
    const peakBytes = Math.max(...measured.map((one) => one.peakBytes));
    const cells = [format(ms, 0), format(ratio, 1), format(peakBytes / 1e6, 0)];
    process.stdout.write(`${line('doctor', 'ms', ': node -e 0', 'peak MB')}\n`);
    process.stdout.write(`${line('a healthy image', ...cells)}\n`);
    verdicts.push(
      verdict('doctor, a healthy image, ms', ms, healthyMsMax, 'max'),
      verdict('doctor, a healthy image : node -e 0', ratio, healthyRatioMax, 'max'),
      verdict('doctor, peak bytes', peakBytes, memoryBytesMax, 'max'),
    );
    figures.healthy = measured;
  } finally {
    await mock.close();
  }
}

async function silent(run: Run): Promise<void> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const { port } = server.address() as { port: number };
    const { ms } = await doctor(run, `127.0.0.1:${port}/demo/app:1`, 1);
    process.stdout.write(`${line('a silent registry', format(ms, 0))}\n`);
    run.verdicts.push(verdict('doctor, a silent registry, ms', ms, silentMsMax, 'max'));
    run.figures.silent = { ms };
  } finally {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
}

/** @throws Error where it ends in another way than it should */
async function doctor({ folder, signal, say }: Run, image: string, code: number) {
  const launcher = builtLauncher();
  const words = [launcher, 'doctor', '--plain-http', image, '--out', join(folder, 'out')];
  say(`doctor ${image}`);
  const options = { secondsMax, signal, cwd: folder, watch: 'itself' } as const;
  const begin = performance.now();
  const ended = await runChild(process.execPath, words, options);
  const ms = performance.now() - begin;
  if (ended.code !== code) throw new Error(`doctor ended with ${ended.code}: ${ended.stderr}`);
  return { ms, peakBytes: ended.peakBytes };
}
