// All files of registries.conf of a host as one configuration, for a client.
import type { HostView } from '../host-view.ts';
import type { ConfigProblem, Looked } from '../route.ts';
import { fatalProblem } from './conf-fault.ts';
import { planFiles, readFiles } from './conf-files.ts';
import { emptyConf, merged, type RegistriesConf, readRegistriesConf } from './registries-conf.ts';
import type { ContainersRules } from './rules.ts';

export interface LoadedConf {
  /** What the files before the first fault say. */
  readonly conf: RegistriesConf;
  readonly files: readonly Looked[];
  readonly problems: readonly ConfigProblem[];
}

/** A fault is a problem that ends the client, as its first: nothing is read after it. */
export async function loadRegistriesConf(
  host: HostView,
  rules: ContainersRules,
): Promise<LoadedConf> {
  const looked: Looked[] = [];
  let conf = emptyConf;
  try {
    for (const { file, text } of await readFiles(host, planFiles(host, rules), looked)) {
      const at = looked.findIndex(({ path }) => path === file.path);
      const holds = (state: Looked['state'], names: readonly string[] = []) =>
        looked.splice(at, 1, {
          path: file.path,
          state,
          ...(names.length > 0 ? { holds: names } : {}),
        });
      holds('invalid');
      const own = readRegistriesConf(file.path, text, rules, file.isDropIn);
      holds('no match', heldNames(own));
      conf = merged(conf, own);
    }
    return { conf, files: looked, problems: [] };
  } catch (error) {
    return { conf, files: looked, problems: [fatalProblem(error)] };
  }
}

const heldMax = 50;

function heldNames({ registries, aliases }: RegistriesConf): string[] {
  return [...registries.map(({ prefix }) => prefix), ...aliases.keys()].slice(0, heldMax);
}
