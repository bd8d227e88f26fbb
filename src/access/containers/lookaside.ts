// Where signatures of an image are looked for, by registries.d (containers-registries.d(5)): loadRegistryConfiguration
// of the library's package docker.
import { stat } from 'node:fs/promises';
import { posix } from 'node:path';
import { readYamlText, YamlText } from '../../formats/yaml.ts';
import { asObject, asString, type JsonObject } from '../../lib/json.ts';
import { lineColumns } from '../../lib/line-columns.ts';
import { type HostView, pathOn } from '../host-view.ts';
import type { Looked } from '../route.ts';
import { ConfFault, shown } from './conf-fault.ts';
import { userFolder } from './conf-files.ts';
import { dropInsOf, firstOfEachName, layeredFolders, readConf } from './drop-ins.ts';
import type { ContainersRules } from './rules.ts';

export interface Lookaside {
  readonly lookaside?: string;
  readonly attachments: boolean;
}

const aliasesMax = 100;

/** `scopes`: from the most special. @throws ConfFault where the client ends, whatever its policy demands */
export async function findLookaside(
  scopes: readonly string[],
  host: HostView,
  rules: ContainersRules,
  looked: Looked[],
): Promise<Lookaside> {
  const spaces = new Map<string, JsonObject>();
  const firsts = new Map<string, string>();
  for (const path of await filesOf(host, rules, looked)) {
    const text = (await readConf(host, path, looked)) ?? '';
    for (const [name, space] of namespacesIn(path, text)) {
      const first = firsts.get(name);
      if (first !== undefined) throw refuse(path, 0, `${shown(name)} stands in ${first} as well`);
      firsts.set(name, path);
      spaces.set(name, space);
    }
  }
  const fitting = [...scopes, '']
    .map((scope) => spaces.get(scope))
    .filter((it) => it !== undefined);
  const urls = fitting.map((it) => asString(it.lookaside) || asString(it.sigstore) || '');
  const url = urls.find((it) => it !== '');
  const flag = fitting
    .map((it) => it['use-sigstore-attachments'])
    .find((it) => typeof it === 'boolean');
  return { ...(url === undefined ? {} : { lookaside: url }), attachments: flag === true };
}

async function filesOf(
  host: HostView,
  rules: ContainersRules,
  looked: Looked[],
): Promise<string[]> {
  const folders = [userFolder(host, rules), '/etc/containers'];
  if (rules.files === 'layered') {
    const all = layeredFolders([...folders, '/usr/share/containers'], 'registries', '.d', host.uid);
    const layers = [];
    for (const folder of all) layers.push(await dropInsOf(host, folder, '.yaml', looked));
    return firstOfEachName(layers, looked);
  }
  const [user = '', system = ''] = folders.map((folder) => posix.join(folder, 'registries.d'));
  const hasOwn = await stat(pathOn(host, user)).catch(() => undefined);
  return await dropInsOf(host, hasOwn === undefined ? system : user, '.yaml', looked);
}

/** `default-docker` as ''. */
function namespacesIn(path: string, text: string): [string, JsonObject][] {
  const read = readYamlText(text);
  const plain = read instanceof YamlText ? read.plain(aliasesMax) : read;
  if (!('value' in plain)) {
    const [place] = lineColumns(text, [plain.offset ?? 0]);
    throw refuse(path, place?.line ?? 1, `${path} is not YAML`);
  }
  const top = asObject(plain.value) ?? {};
  const ofAll = asObject(top['default-docker']);
  const named = Object.entries(asObject(top.docker) ?? {});
  const spaces = named.map(([name, it]): [string, JsonObject] => [name, asObject(it) ?? {}]);
  return ofAll === undefined ? spaces : [['', ofAll], ...spaces];
}

function refuse(path: string, line: number, message: string): ConfFault {
  const hint = 'Mend the file: podman and skopeo end before they ask anybody.';
  return new ConfFault('registries-d-invalid', { in: path, line }, message, hint);
}
