// Whether `load` measures what there is: the mock, here in this process, waits before each reply. How long it
// really took from request to reply is noted beside it, for timers are late on a busy machine; the first byte
// as k6 measures it must agree with that.
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type RunningMock, startMock } from '../../mocks/server.ts';
import { medianOf } from '../../src/lib/median.ts';
import type { Say } from '../bench.ts';
import { format, line, type Verdict, verdict } from '../figures.ts';
import { runLoadCommand } from './command.ts';

const hops = ['registry', 'token', 'edge'] as const;
type Hop = (typeof hops)[number];

/** Milliseconds for each hop, and pulls enough for steady medians in some seconds. */
const steps: readonly { readonly waits: Readonly<Record<Hop, number>>; readonly pulls: number }[] =
  [
    { waits: { registry: 5, token: 10, edge: 20 }, pulls: 40 },
    { waits: { registry: 30, token: 5, edge: 60 }, pulls: 15 },
    { waits: { registry: 100, token: 50, edge: 250 }, pulls: 8 },
  ];

/** What is allowed: this part of the wait, or so many milliseconds. */
const shareMax = 0.05;
const differenceMsMax = 1;

const secondsMax = 120;

interface Measured {
  readonly hop: Hop;
  /** Medians: what the mock was told to wait, how long it took, and the first byte as `load` has it. */
  readonly askedMs: number;
  readonly injectedMs: number;
  readonly measuredMs: number;
  /** The part of what is allowed that the difference takes. */
  readonly ofAllowed: number;
}

/** Prints injected against measured medians, of so many rounds. */
export async function measureLatency(
  rounds: number,
  say: Say,
  signal: AbortSignal,
): Promise<{ figures: readonly Measured[]; verdicts: readonly Verdict[] }> {
  const figures: Measured[] = [];
  for (const { waits, pulls } of steps) {
    say(`latency: ${hops.map((hop) => `${hop} ${waits[hop]} ms`).join(', ')}`);
    const all: Measured[] = [];
    for (let i = 0; i < rounds; i++) all.push(...(await measuredWith(waits, pulls, signal)));
    for (const hop of hops) figures.push(best(all.filter((one) => one.hop === hop)));
  }
  process.stdout.write(render(figures));
  const worst = Math.max(...figures.map(({ ofAllowed }) => ofAllowed));
  const what = 'latency: largest difference, as part of 5 % or 1 ms';
  return { figures, verdicts: [verdict(what, worst, 1, 'max')] };
}

/** Of several rounds the closest: what else the machine does delays the one or the other. */
function best(rounds: readonly Measured[]): Measured {
  return rounds.reduce((least, one) => (one.ofAllowed < least.ofAllowed ? one : least));
}

function render(figures: readonly Measured[]): string {
  const rows = figures.map(({ hop, askedMs, injectedMs, measuredMs }) =>
    line(
      hop,
      ...[askedMs, injectedMs, measuredMs, measuredMs - injectedMs].map((ms) => format(ms, 2)),
    ),
  );
  const head = line('', 'asked', 'injected', 'measured', 'difference');
  return `${['first byte, median ms', head, ...rows].join('\n')}\n\n`;
}

/** One user pulls one image again and again. */
async function measuredWith(
  waits: Readonly<Record<Hop, number>>,
  pulls: number,
  signal: AbortSignal,
): Promise<Measured[]> {
  const latency = Object.fromEntries(hops.map((hop) => [hop, { ms: waits[hop], jitterMs: 0 }]));
  const mock = await startMock({ seed: 1, latency });
  const watch = watchReplies(mock);
  try {
    const words = [`http://${mock.images[0]}`, '--client', 'podman', '--vus', '1'];
    const iterations = ['--iterations', `${pulls}`];
    const ended = await runLoadCommand([...words, ...iterations], secondsMax, signal);
    const { load, code, stderr } = ended;
    if (code !== 0) throw new Error(`load ended with ${code}: ${stderr.trim()}`);
    return hops.map((hop) => {
      const injectedMs = medianOf(watch.tookMs[hop]);
      const measuredMs = load.hops[hop]?.ttfb.p50 ?? Number.NaN;
      const allowedMs = Math.max(differenceMsMax, injectedMs * shareMax);
      const ofAllowed = Math.abs(measuredMs - injectedMs) / allowedMs;
      return { hop, askedMs: waits[hop], injectedMs, measuredMs, ofAllowed };
    });
  } finally {
    watch.stop();
    await mock.close();
  }
}

const channel = 'http.server.request.start';

/** Notes how long each reply of the mock takes from its request to its head. */
function watchReplies({ cdn, token }: RunningMock) {
  const tookMs: Record<Hop, number[]> = { registry: [], token: [], edge: [] };
  const cdnHost = new URL(cdn).host;
  const tokenPath = new URL(token).pathname;
  const onRequest = (message: unknown) => {
    const { request, response } = message as { request: IncomingMessage; response: ServerResponse };
    const start = performance.now();
    const isToken = request.url?.startsWith(tokenPath) === true;
    const hop = request.headers.host === cdnHost ? 'edge' : isToken ? 'token' : 'registry';
    const writeHead = response.writeHead.bind(response) as (...words: unknown[]) => ServerResponse;
    response.writeHead = (...words: unknown[]) => {
      tookMs[hop].push(performance.now() - start);
      return writeHead(...words);
    };
  };
  subscribe(channel, onRequest);
  return { tookMs, stop: () => unsubscribe(channel, onRequest) };
}
