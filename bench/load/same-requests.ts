// The bench is worth something only while both sides do the same work: one pull of each, compared by
// nginx's log of what was asked for with which headers.
import type { Contestant } from './contestants.ts';
import { type ImageName, startFixture } from './fixture.ts';

interface Seen {
  readonly name: string;
  /** Requests of the pull. */
  readonly requests: number;
  /** The different ones; load also locates the image before the run, which adds none. */
  readonly lines: ReadonlySet<string>;
}

/**
 * @returns requests a pull
 * @throws Error naming a request that only one of them makes
 */
export async function requireSameRequests(
  image: ImageName,
  [one, other]: readonly [Contestant, Contestant],
  signal: AbortSignal,
): Promise<number> {
  const a = await watch(image, one, signal);
  const b = await watch(image, other, signal);
  if (a.requests !== b.requests) {
    throw new Error(`${a.name}: ${a.requests} requests a pull, ${b.name}: ${b.requests}`);
  }
  for (const [has, lacks] of [
    [a, b],
    [b, a],
  ] as const) {
    const line = [...has.lines].find((line) => !lacks.lines.has(line));
    if (line !== undefined) throw new Error(`only ${has.name} asks: ${line}`);
  }
  return a.requests;
}

async function watch(image: ImageName, contestant: Contestant, signal: AbortSignal): Promise<Seen> {
  const fixture = await startFixture([image], true);
  let requests = 0;
  let log = '';
  try {
    const task = { registryUrl: fixture.registryUrl, image, vus: 1, seconds: 10, pulls: 1 };
    ({ requests } = await contestant.run(task, signal));
  } finally {
    log = await fixture.stop();
  }
  // The ports are new each time.
  const lines = log
    .replace(/(127\.0\.0\.[12]):\d+/g, '$1')
    .trim()
    .split('\n');
  return { name: contestant.name, requests, lines: new Set(lines) };
}
