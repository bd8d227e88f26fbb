// The command line as it is installed, for benches that run it.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../src/lib/user-error.ts';
import { packageRoot } from '../src/run/package-root.ts';

/** Its path. @throws UserError exit 2 when it has not been built */
export function builtLauncher(): string {
  const launcher = join(packageRoot, 'dist', 'src', 'cli', 'launcher.js');
  if (existsSync(launcher)) return launcher;
  throw new UserError('not-built', `${launcher} is missing`, 'Run `npm run build` first.');
}
