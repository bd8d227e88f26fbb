// The modules that are linked into our k6, and the texts of their licences.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './run.ts';

export interface GoModule {
  readonly path: string;
  readonly version: string;
  /** Where its sources lie on this machine. */
  readonly folder: string;
}

/** Of the command, sorted by path; without our own. */
export function linkedModules(
  cwd: string,
  variables: Readonly<Record<string, string>>,
): GoModule[] {
  const format = '{{with .Module}}{{if not .Main}}{{.Path}}\t{{.Version}}\t{{.Dir}}{{end}}{{end}}';
  const lines = run('go', ['list', '-deps', '-f', format, './cmd/k6'], cwd, variables).split('\n');
  return [...new Set(lines)]
    .filter((line) => line !== '')
    .sort()
    .map((line) => {
      const [path = '', version = '', folder = ''] = line.split('\t');
      return { path, version, folder };
    });
}

/** Go's own too, whose library is in every binary. @throws Error for a module that has no licence */
export function noticesOf(modules: readonly GoModule[]): string {
  const root = run('go', ['env', 'GOROOT'], '.').trim();
  const go = { path: 'Go', version: run('go', ['env', 'GOVERSION'], '.').trim(), folder: root };
  return [go, ...modules].map(noticeOf).join('\n');
}

function noticeOf({ path, version, folder }: GoModule): string {
  const files = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && /^(?:licen[cs]e|copying|notice|patents)/i.test(entry.name))
    .map(({ name }) => name)
    .sort();
  if (files.length === 0)
    throw new Error(`${path}@${version} has no file of its licence in ${folder}`);
  const texts = files.map((file) => readFileSync(join(folder, file), 'utf8').trim());
  return `${'='.repeat(72)}\n${path} ${version}\n${'='.repeat(72)}\n\n${texts.join('\n\n')}\n`;
}
