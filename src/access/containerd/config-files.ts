// The files of containerd's own configuration: config.toml and what it imports.
import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { asArray, asInteger, asObject, asString, type JsonObject } from '../../lib/json.ts';
import { type ConfigDocument, readTomlFile } from '../config-file.ts';
import { type HostView, pathOn } from '../host-view.ts';
import type { ConfigProblem, Looked } from '../route.ts';

const configFile = '/etc/containerd/config.toml';
const filesMax = 100;

type ReadDocument = Extract<ConfigDocument, { state: 'read' }>;

export interface NamedDocument {
  readonly path: string;
  readonly document: ReadDocument;
}

/** config.toml, then what it and they import: later ones win. containerd starts without one, not with a broken one. */
export async function readConfigFiles(host: HostView) {
  const documents: NamedDocument[] = [];
  const files: Looked[] = [];
  const problems: ConfigProblem[] = [];
  const pending = [configFile];
  const seen = new Set<string>();
  for (
    let path = pending.shift();
    path !== undefined && seen.size < filesMax;
    path = pending.shift()
  ) {
    if (seen.has(path)) continue;
    seen.add(path);
    const document = await readTomlFile(host, path);
    files.push({ path, state: document.state === 'read' ? 'used' : document.state });
    if (document.state !== 'read') {
      const problem = unread(path, document, path !== configFile);
      if (problem !== undefined) problems.push(problem);
      continue;
    }
    const odd = topTypes.find(({ key, as }) => {
      const value = document.value[key];
      return value !== undefined && as(value) === undefined;
    });
    if (odd !== undefined) problems.push(oddTop(path, document.lineOf(odd.key), odd.key));
    documents.push({ path, document });
    pending.push(...(await importsOf(host, path, document.value)));
  }
  return { documents, files, problems };
}

const topTypes = [
  { key: 'version', as: asInteger },
  { key: 'imports', as: asArray },
  { key: 'plugins', as: asObject },
];

function oddTop(path: string, line: number, key: string): ConfigProblem {
  return {
    id: 'containerd-config-invalid',
    written: { in: path, line },
    message: `${path} has a "${key}" of another type: containerd does not start with it.`,
    hint: 'Write version as a number, imports as a list, plugins as tables.',
    isFatal: true,
  };
}

function unread(
  path: string,
  document: Exclude<ConfigDocument, { state: 'read' }>,
  isImport: boolean,
): ConfigProblem | undefined {
  if (document.state === 'absent' && !isImport) return undefined;
  if (document.state === 'unreadable') return unreadable(path, document.why);
  const line = document.state === 'invalid' ? document.line : 0;
  const why = document.state === 'invalid' ? document.why : 'is imported and not there';
  return {
    id: 'containerd-config-invalid',
    written: { in: path, line },
    message: `${path} ${why}: containerd does not start with it.`,
    hint: 'Mend the file and restart containerd; `containerd config dump` shows what it reads.',
    isFatal: true,
  };
}

/** Of a file that the daemon, as root, may well read. */
export function unreadable(path: string, why: string): ConfigProblem {
  return {
    id: 'config-unreadable',
    written: { in: path, line: 0 },
    message: `${path} ${why}, so what it says is not known here.`,
    hint: 'Run this as the user that the daemon runs as, mostly root.',
    isFatal: false,
  };
}

async function importsOf(host: HostView, path: string, value: JsonObject): Promise<string[]> {
  const patterns = (asArray(value.imports) ?? []).map(asString).filter((it) => it !== undefined);
  const found = patterns.map(async (pattern) => {
    const absolute = pattern.startsWith('/') ? pattern : join(dirname(path), pattern);
    return absolute.includes('*') ? await filesLike(host, absolute) : [absolute];
  });
  return (await Promise.all(found)).flat().slice(0, filesMax);
}

/** `*` in the name of the file alone. */
async function filesLike(host: HostView, pattern: string): Promise<string[]> {
  const folder = dirname(pattern);
  const parts = pattern.slice(folder.length + 1).split('*');
  const names = await readdir(pathOn(host, folder)).catch(() => []);
  return names
    .filter((name) => fits(name, parts))
    .toSorted()
    .map((name) => join(folder, name));
}

function fits(name: string, parts: readonly string[]): boolean {
  const [first = '', ...rest] = parts;
  const last = rest.pop() ?? '';
  if (!name.startsWith(first) || name.length < first.length + last.length) return false;
  let at = first.length;
  for (const part of rest) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return name.endsWith(last) && name.length - last.length >= at;
}
