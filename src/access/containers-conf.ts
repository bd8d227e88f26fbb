// What containers.conf says of the variables that podman and buildah run with: `env` of the table `engine`.
import { readdir } from 'node:fs/promises';
import { asArray, asObject } from '../lib/json.ts';
import { type ConfigDocument, readTomlFile } from './config-file.ts';
import { type HostView, pathOn } from './host-view.ts';
import type { Looked } from './route.ts';
import { readVariable } from './systemd/unit-text.ts';
import type { PlacedVariable, PlacedVariables } from './systemd/unit-variables.ts';

export interface EngineVariables {
  readonly variables: PlacedVariables;
  /** Files that say something of them. */
  readonly files: readonly Looked[];
}

/** Later files win; `{append = true}` in a list adds to what was there. */
export async function engineVariables(host: HostView): Promise<EngineVariables> {
  let variables = new Map<string, PlacedVariable>();
  const files: Looked[] = [];
  for (const path of await filesOf(host)) {
    const document = await readTomlFile(host, path);
    const found = document.state === 'read' ? envOf(document, path) : undefined;
    if (found === undefined) continue;
    files.push({ path, state: 'used' });
    variables = new Map([...(found.isMore ? variables : []), ...found.variables]);
  }
  return { variables, files };
}

async function filesOf(host: HostView): Promise<string[]> {
  const { CONTAINERS_CONF, CONTAINERS_CONF_OVERRIDE, XDG_CONFIG_HOME } = host.variables;
  const over = CONTAINERS_CONF_OVERRIDE ? [CONTAINERS_CONF_OVERRIDE] : [];
  if (CONTAINERS_CONF) return [CONTAINERS_CONF, ...over];
  const own = XDG_CONFIG_HOME || `${host.home}/.config`;
  const main = ['/usr/share', '/etc', ...(host.uid === 0 ? [] : [own])].map(
    (folder) => `${folder}/containers/containers.conf`,
  );
  const each = main.map(async (file) => [file, ...(await dropInsOf(host, `${file}.d`))]);
  return [...(await Promise.all(each)).flat(), ...over];
}

async function dropInsOf(host: HostView, folder: string): Promise<string[]> {
  const names = await readdir(pathOn(host, folder)).catch(() => []);
  return names
    .filter((name) => name.endsWith('.conf'))
    .toSorted()
    .map((name) => `${folder}/${name}`);
}

function envOf({ value, lineOf }: Extract<ConfigDocument, { state: 'read' }>, path: string) {
  const items = asArray(asObject(value.engine)?.env);
  if (items === undefined) return undefined;
  const variables = items.flatMap((item, at) => {
    const [name, text] = typeof item === 'string' ? (readVariable(item) ?? []) : [];
    if (name === undefined || text === undefined) return [];
    return [
      [name, { value: text, written: { in: path, line: lineOf('engine', 'env', at) } }] as const,
    ];
  });
  return { variables, isMore: items.some((item) => asObject(item)?.append === true) };
}
