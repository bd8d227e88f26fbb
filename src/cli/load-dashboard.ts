// `pullproof load --dashboard`: the page of the run, served on this machine while it goes on.
import { join } from 'node:path';
import { UserError } from '../lib/user-error.ts';
import { type LoadOptions, runLoad } from '../run/load/load.ts';
import { openOutput } from './output.ts';
import type { Call, Flags } from './verb.ts';

const portMax = 65_535;

/** The port of `--dashboard`, 0 for a free one; what is none, and only stands behind it, is an image. */
export function dashboardOf({ dashboard, k8s }: Flags, images: readonly string[]) {
  if (dashboard === undefined) return { images };
  if (k8s !== undefined) {
    throw new UserError(
      'k8s-conflict',
      'with --k8s nothing runs here that --dashboard could show',
      'Leave out one of the two.',
    );
  }
  if (dashboard === true) return { port: 0, images };
  const text = dashboard as string;
  if (!/^\d+$/.test(text)) return { port: 0, images: [text, ...images] };
  if (Number(text) <= portMax) return { port: Number(text), images };
  throw new UserError(
    'dashboard-port',
    `--dashboard ${text} is no port`,
    `Write a number up to ${portMax}, or none for a port that is free.`,
  );
}

/** As a load run without, but for its page. Gives the exit code. @throws UserError */
export async function runWithDashboard(
  port: number,
  common: Omit<LoadOptions, 'outDir'>,
  flags: Flags,
  call: Call,
): Promise<number> {
  // Loaded here: other runs need neither server nor page before their end.
  const { Dashboard } = await import('../run/load/dashboard/server.ts');
  const { liveView } = await import('../../reports/html/live.ts');
  const dashboard = await Dashboard.open(port, liveView);
  try {
    const output = await openOutput('load', flags, call);
    output.terminal.say(`dashboard: ${dashboard.url}`);
    const options = { ...common, outDir: output.dir, live: dashboard.show };
    const results = await runLoad(options, output.context);
    const exitCode = await output.finish(results);
    await dashboard.end(results, join(output.dir, 'report.html'));
    return exitCode;
  } catch (error) {
    await dashboard.fail(error instanceof UserError ? error.message : 'a defect of pullproof');
    throw error;
  }
}
