// How a client of containers/image gets from a text to the places that it asks, by registries.conf alone.

import { asDaemon, type HostView } from '../host-view.ts';
import type { ConfigProblem, Looked, PlainCandidate, PlainRoute, Written } from '../route.ts';
import { byDefault } from '../written.ts';
import { fatalProblem } from './conf-fault.ts';
import { loadRegistriesConf } from './load.ts';
import { nameText, pullSources } from './pull-sources.ts';
import type { RegistriesConf } from './registries-conf.ts';
import { containersRules } from './rules.ts';
import { type NameCandidate, type Resolved, resolveName } from './short-names.ts';

/** Whether a client profile reads its configuration so. */
export function isOfContainers(client: string): boolean {
  return containersRules(client) !== undefined;
}

/**
 * The route without credentials, certificates and proxies. No candidates where the client ends before it knows any.
 * @throws UserError (exit 2) for a text that is no image
 */
export async function resolveByContainers(
  text: string,
  client: string,
  caller: HostView,
): Promise<PlainRoute> {
  const rules = containersRules(client);
  if (rules === undefined) throw new Error(`${client} does not read registries.conf`);
  const host = rules.as === 'daemon' ? asDaemon(caller) : caller;
  const elsewhere = inMachine(client, host);
  const { conf, files, problems } = await loadRegistriesConf(host, rules);
  const looked = [...files];
  const ends = (problem: ConfigProblem): PlainRoute => {
    return { client, text, candidates: [], files: looked, problems: [...elsewhere, problem] };
  };
  const [fault] = problems;
  if (fault !== undefined) return ends(fault);
  let resolved: Resolved;
  try {
    resolved = await resolveName(text, host, rules, conf, looked);
  } catch (error) {
    return ends(fatalProblem(error));
  }
  const route = routeOf(text, client, resolved, conf, looked);
  return { ...route, problems: [...elsewhere, ...route.problems] };
}

/** podman pulls in a virtual machine where the system is not Linux. */
function inMachine(client: string, { platform }: HostView): ConfigProblem[] {
  if (!client.startsWith('podman') || (platform !== 'darwin' && platform !== 'win32')) return [];
  return [
    {
      id: 'podman-machine',
      written: byDefault,
      message:
        'podman pulls in a virtual machine, by the configuration there, which is not seen from here',
      hint: 'Run this in the machine: podman machine ssh.',
      isFatal: false,
    },
  ];
}

function routeOf(
  text: string,
  client: string,
  { candidates: names, ambiguous }: Resolved,
  conf: RegistriesConf,
  looked: readonly Looked[],
): PlainRoute {
  const problems: ConfigProblem[] = [];
  const candidates = names.map((name) => candidateOf(name, conf, problems, names.length === 1));
  const counted = new Set(writtenIn(candidates).map((it) => it.in));
  if (ambiguous !== undefined) counted.add(ambiguous.written.in);
  const files = looked.map((it) =>
    it.state === 'no match' && counted.has(it.path) ? { ...it, state: 'used' as const } : it,
  );
  return {
    client,
    text,
    candidates,
    files,
    problems,
    ...(ambiguous === undefined ? {} : { ambiguous }),
  };
}

/** `isOnly`: no other is tried after it. */
function candidateOf(
  { name, how, written }: NameCandidate,
  conf: RegistriesConf,
  problems: ConfigProblem[],
  isOnly: boolean,
): PlainCandidate {
  const own = { name: nameText(name), how, written };
  try {
    return { ...own, ...pullSources(name, conf) };
  } catch (error) {
    problems.push({ ...fatalProblem(error), isFatal: isOnly });
    return { ...own, endpoints: [], leftOut: [] };
  }
}

function writtenIn(candidates: readonly PlainCandidate[]): Written[] {
  return candidates.flatMap(({ written, blocked, endpoints, leftOut = [] }) => [
    written,
    ...(blocked === undefined ? [] : [blocked]),
    ...endpoints.flatMap((it) =>
      it.insecure === undefined ? [it.written] : [it.written, it.insecure],
    ),
    ...leftOut.map((it) => it.written),
  ]);
}
