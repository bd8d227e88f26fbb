// The commands of the README that `load --k8s` leaves, section by section, run in a shell as a user would.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ShellEnd, Workspace } from './workspace.ts';

/** Title of a section → its commands, line by line, of one block after the other. */
export function sectionsOf(dir: string): Map<string, string[][]> {
  const sections = new Map<string, string[][]>();
  const parts = readFileSync(join(dir, 'README.md'), 'utf8').split(/^## /m);
  for (const part of parts.slice(1)) {
    const [title = ''] = part.split('\n', 1);
    const blocks = [...part.matchAll(/^```sh\n([\s\S]*?)\n```$/gm)];
    sections.set(
      title,
      blocks.map(([, lines = '']) => lines.split('\n')),
    );
  }
  return sections;
}

/** Runs lines in a shell in the folder, up to the first that fails. */
export async function inShell(
  space: Workspace,
  dir: string,
  lines: readonly string[],
): Promise<ShellEnd> {
  const { code, stdout, stderr } = await space.run('bash', ['-exc', lines.join('\n')], {
    cwd: dir,
  });
  return { code, output: stdout + stderr };
}
