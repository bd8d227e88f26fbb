// kubectl, as the administrator of the cluster.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { ClusterFacts } from './cluster.ts';
import { inNetworkOf } from './inside.ts';
import { until } from './until.ts';

/** Gives what it says. @throws Error with what it complains of */
export async function kubectl(
  { nodes, variables }: ClusterFacts,
  words: readonly string[],
  input = '',
): Promise<string> {
  const env = { ...process.env, ...variables };
  const child = spawn(...inNetworkOf(nodes[0]!, 'kubectl', words), { env });
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].on('data', (chunk) => {
      said[name] += chunk;
    });
  }
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`kubectl ${words.join(' ')}: ${said.stderr}`);
  return said.stdout;
}

/** Until it works. */
export async function untilKubectl(facts: ClusterFacts, words: readonly string[]): Promise<void> {
  let problem = '';
  const works = () =>
    kubectl(facts, words).then(
      () => true,
      (error: Error) => {
        problem = error.message;
        return false;
      },
    );
  await until(() => problem, works);
}
