// From one host of containerd's configuration to the endpoint that is asked.

import { type AskedImage, apiHost } from '../as-written.ts';
import type { HostView } from '../host-view.ts';
import { isLoopbackName } from '../loopback.ts';
import type { ConfigProblem, Looked, PlainEndpoint, Written } from '../route.ts';
import { byDefault } from '../written.ts';
import type { HostEntry } from './hosts-toml.ts';
import { saysTls, type TlsFiles, trustBy } from './tls.ts';
import type { ContainerdRules } from './versions.ts';

/** One host, and where it is written. */
export interface PlacedHost {
  readonly origin?: HostEntry['origin'];
  readonly resolves: boolean;
  readonly pulls: boolean;
  readonly headers: HostEntry['headers'];
  readonly tls: TlsFiles;
  readonly written: Written;
}

/** An endpoint of one host of the file; one without origin is the registry itself. */
export async function endpointOf(
  image: AskedImage,
  host: HostView,
  entry: PlacedHost,
  looked: readonly Looked[],
  rules: Pick<ContainerdRules, 'httpsFirst'>,
): Promise<PlainEndpoint> {
  const { registry, repository, tag, digest } = image.reference;
  const { scheme, host: name, path, tls } = originOf(entry, registry);
  const isHttpsFirst =
    scheme === 'http' && rules.httpsFirst && saysTls(tls) && !name.endsWith(':80');
  const trust = await trustBy(host, tls, looked);
  const isOwn = name === registry || name === apiHost(registry);
  return {
    role: isOwn ? 'registry' : 'mirror',
    url: `${isHttpsFirst ? 'https' : scheme}://${name}`,
    registry: isOwn ? registry : name,
    repository,
    reference: digest ?? tag ?? 'latest',
    apiPath: path,
    ...(!isOwn && { namespace: registry }),
    headers: entry.headers,
    // To resolve a tag it has to be able to pull, too.
    resolves: entry.resolves && entry.pulls,
    pulls: entry.pulls,
    plainHttp: isHttpsFirst ? 'fallback' : scheme === 'http' ? 'only' : 'never',
    ...(trust.unverified !== undefined && { insecure: trust.unverified }),
    written: entry.written,
    trust,
  };
}

/** All hosts are made ready before the first is asked: what ends one ends the pull. */
export function endsOf(endpoints: readonly PlainEndpoint[]): ConfigProblem[] {
  return endpoints.flatMap(({ trust }) => trust?.problems.filter(({ isFatal }) => isFatal) ?? []);
}

/** What is not said: HTTPS; for this machine HTTP, with HTTPS tried first unless the port says which one it is. */
function originOf({ origin, tls }: PlacedHost, registry: string) {
  if (origin !== undefined) return { ...origin, tls };
  const isHere = isLoopbackName(registry);
  const [, port = ''] = /:(\d+)$/.exec(registry) ?? [];
  const isHttp = isHere && port !== '' && port !== '443';
  return {
    scheme: isHttp ? 'http' : 'https',
    host: apiHost(registry),
    path: '/v2',
    tls:
      isHere && port !== '80' ? { ...tls, skipVerify: { value: true, written: byDefault } } : tls,
  };
}
