// Pulls by our k6 as client profiles, without the set-up that `load` makes: what it sends is the
// profile's alone.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { type K6Plan, planVariable } from '../../scenarios/lib/plan.ts';
import { findK6 } from '../../src/run/load/k6/find.ts';
import { packageRoot } from '../../src/run/package-root.ts';
import type { CliOptions } from './cli.ts';

const secondsMax = 60;

/** `by`: what is run in the end, where k6 is not run by itself. @throws Error when k6 fails, or a pull does */
export async function pullByK6(
  plan: Omit<K6Plan, 'shape' | 'verify' | 'timeoutMs' | 'insecure'>,
  caFile?: string,
  pulls = 1,
  by: CliOptions['by'] = (program, words) => [program, [...words]],
): Promise<void> {
  const { path } = await findK6('built', { variables: process.env, progress: () => undefined });
  const whole: K6Plan = {
    shape: { kind: 'iterations', vus: 1, iterations: pulls, durationSecondsMax: secondsMax },
    verify: 'all',
    timeoutMs: 10_000,
    insecure: false,
    ...plan,
  };
  const words = [
    'run',
    '--quiet',
    '--no-usage-report',
    '--address',
    '',
    '--summary-mode',
    'disabled',
  ];
  const variables = {
    ...process.env,
    K6_AUTO_EXTENSION_RESOLUTION: 'false',
    [planVariable]: JSON.stringify(whole),
    ...(caFile !== undefined && { SSL_CERT_FILE: caFile }),
  };
  const { code, output } = await new Promise<{ code: number; output: string }>(
    (resolve, reject) => {
      const scenario = join(packageRoot, 'scenarios', 'pull.ts');
      const child = spawn(...by(path, [...words, scenario]), {
        env: variables,
        stdio: ['ignore', 'pipe', 'pipe'],
        timeout: secondsMax * 1000,
      });
      let said = '';
      const keep = (chunk: Buffer) => {
        said += chunk.toString();
      };
      child.stdout.on('data', keep);
      child.stderr.on('data', keep);
      child.once('error', reject);
      child.once('close', (exit) => resolve({ code: exit ?? -1, output: said }));
    },
  );
  if (code !== 0 || output.includes('pullFailure'))
    throw new Error(`k6 ended with ${code}: ${output}`);
}
