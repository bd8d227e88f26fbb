// The tables of config.toml from before hosts.toml: `registry.mirrors` and `registry.configs`.

import { asObject, asString } from '../../lib/json.ts';
import type { AskedImage } from '../as-written.ts';
import { apiHost } from '../as-written.ts';
import type { HostView } from '../host-view.ts';
import { isLoopbackName } from '../loopback.ts';
import type { PlainEndpoint } from '../route.ts';
import { byDefault } from '../written.ts';
import type { CriRegistry } from './config-toml.ts';
import { endpointOf, type PlacedHost } from './endpoint.ts';
import { noTlsFiles, type TlsFiles } from './tls.ts';
import type { ContainerdRules } from './versions.ts';

/** Mirrors of the registry, or of `*`, and then the registry itself if it is not among them. */
export async function oldEndpoints(
  image: AskedImage,
  host: HostView,
  cri: CriRegistry,
  rules: ContainerdRules,
): Promise<PlainEndpoint[]> {
  const { registry } = image.reference;
  const named = cri.mirrors.get(registry) ?? cri.mirrors.get('*') ?? [];
  const mirrors = named.flatMap(({ url, written }) => {
    const origin = originOf(url);
    return origin === undefined ? [] : [{ origin, written }];
  });
  const own = mirrors.some(({ origin }) => origin.host === registry)
    ? []
    : [{ origin: originOf(apiHost(registry)), written: byDefault }];
  return await Promise.all(
    [...mirrors, ...own].map(async ({ origin, written }) => {
      const config = cri.configs.get(origin?.host ?? '');
      const tls = tlsOf(origin, registry, config, rules);
      const placed = { ...entry, origin, written, tls };
      return await endpointOf(image, host, placed, [], { httpsFirst: false });
    }),
  );
}

const entry: Omit<PlacedHost, 'origin' | 'written' | 'tls'> = {
  resolves: true,
  pulls: true,
  headers: [],
};

/** Without a scheme: HTTP for this machine, else HTTPS. The path is taken as it is. */
function originOf(url: string): NonNullable<PlacedHost['origin']> | undefined {
  const [, scheme, host = '', path = ''] =
    /^(?:(https?):\/\/)?([^/?#\s]+)([^?#]*)$/i.exec(url) ?? [];
  if (!URL.canParse(`https://${host}`)) return undefined;
  const guessed = isLoopbackName(host) ? 'http' : 'https';
  return { scheme: scheme?.toLowerCase() ?? guessed, host, path: path === '' ? '/v2' : path };
}

type HostConfig = NonNullable<ReturnType<CriRegistry['configs']['get']>>;

function tlsOf(
  origin: PlacedHost['origin'],
  registry: string,
  config: HostConfig | undefined,
  rules: ContainerdRules,
): TlsFiles {
  const table = rules.configsTls ? asObject(config?.table.tls) : undefined;
  if (config === undefined || table === undefined) {
    const isHere = origin?.scheme === 'http' && isLoopbackName(registry);
    return isHere ? { ...noTlsFiles, skipVerify: { value: true, written: byDefault } } : noTlsFiles;
  }
  const at = (key: string) => config.lineOf('tls', key);
  const file = (key: string) => asString(table[key]) || undefined;
  const [ca, cert, key] = [file('ca_file'), file('cert_file'), file('key_file')];
  return {
    ca: ca === undefined ? [] : [{ path: ca, written: at('ca_file') }],
    pairs: cert === undefined ? [] : [{ cert, key: key ?? cert, written: at('cert_file') }],
    ...(table.insecure_skip_verify === true && {
      skipVerify: { value: true, written: at('insecure_skip_verify') },
    }),
  };
}
