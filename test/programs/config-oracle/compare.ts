// One situation for one program: what it asked, and what our route says that it asks.

import { resolveByContainers } from '../../../src/access/containers/resolve.ts';
import type { PlainEndpoint, PlainRoute } from '../../../src/access/route.ts';
import { Host, type Program, type Situation } from './programs.ts';
import { plainHosts, startStandIn } from './stand-in.ts';

export interface Comparison {
  readonly route: PlainRoute;
  /** Of the program: requests in order. */
  readonly asked: readonly string[];
  /** Of our route. */
  readonly expected: readonly string[];
  readonly code: number;
  readonly output: string;
}

export async function compare(program: Program, situation: Situation): Promise<Comparison> {
  const host = new Host(situation);
  const standIn = await startStandIn();
  try {
    const route = await resolveByContainers(situation.text, program.client, host.view);
    const { code, output } = await host.run(program, situation.text, standIn);
    return { route, asked: essence(standIn.asked), expected: requestsOf(route), code, output };
  } finally {
    standIn.close();
    host.close();
  }
}

/** Without looking for registries of version 1, and without the same thing twice: TLS is tried for those as well. */
function essence(asked: readonly string[]): string[] {
  const ours = asked.filter((line) => !/\/v1\//.test(line));
  return ours.filter((line, at) => line !== ours[at - 1]);
}

function requestsOf({ candidates, ambiguous }: PlainRoute): string[] {
  if (ambiguous?.refused === true) return [];
  return essence(candidates.flatMap(({ endpoints }) => endpoints.flatMap(requestsTo)));
}

/** A ping and the manifest, which is not there. */
function requestsTo(endpoint: PlainEndpoint): string[] {
  const { url, repository, reference, apiPath, namespace, plainHttp } = endpoint;
  const { host } = new URL(url);
  const query = namespace === undefined ? '' : `?ns=${encodeURIComponent(namespace)}`;
  const paths = [`${apiPath}/`, `${apiPath}/${repository}/manifests/${reference}${query}`];
  const requests = (scheme: string) => paths.map((path) => `${scheme}://${host}${path}`);
  if (!plainHosts.includes(host)) return requests('https');
  return [`no TLS at ${host}`, ...(plainHttp === 'fallback' ? requests('http') : [])];
}
