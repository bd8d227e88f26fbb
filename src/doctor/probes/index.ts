// All differential probes, and how they are run: those that the facts leave of use, all side by side, each bounded.
import type { ProbeFacts } from '../facts.ts';
import { chainProbes } from './chains.ts';
import { contentProbes } from './content.ts';
import type { Known, Probe } from './probe.ts';
import { replyProbes } from './replies.ts';
import { wayProbes } from './ways.ts';

const probes: readonly Probe[] = [...contentProbes, ...wayProbes, ...chainProbes, ...replyProbes];

export async function runProbes(known: Known): Promise<ProbeFacts[]> {
  const { limits, waiting, signal } = known.means;
  if (signal?.aborted === true) return [];
  const wanted = probes.flatMap(({ id, asks }) => asks(known).map((asking) => ({ id, asking })));
  return await Promise.all(
    wanted.slice(0, limits.probes).map(async ({ id, asking: { host, asked, run } }) => {
      const startedAt = performance.now();
      const came = await waiting.for(`probe ${id} of ${host}`, run);
      return { id, host, asked, ...came, ms: performance.now() - startedAt };
    }),
  );
}
