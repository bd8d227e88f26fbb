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
  const line = '='.repeat(72);
  return [go, ...modules]
    .map((module) => `${line}\n${module.path} ${module.version}\n${line}\n\n${textOf(module)}\n`)
    .join('\n');
}

function textOf({ path, version, folder }: GoModule): string {
  const names = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name)
    .sort();
  const read = (name: string) => readFileSync(join(folder, name), 'utf8').trim();
  const files = names.filter((name) => /^(?:licen[cs]e|copying|notice|patents)/i.test(name));
  if (files.length > 0) return files.map(read).join('\n\n');
  // Generated modules have their licence at the head of each file alone.
  const heads = names
    .filter((name) => name.endsWith('.go'))
    .map((name) => read(name).split('\n\n', 1)[0] ?? '');
  if (heads.length > 0 && heads.every((head) => head.includes('Apache License, Version 2.0'))) {
    return `${[...new Set(heads)].join('\n\n')}\n\nThe text of that licence is in LICENSE-pullproof.`;
  }
  throw new Error(`${path}@${version} has no licence that we know to read in ${folder}`);
}
