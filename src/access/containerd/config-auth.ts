// Credentials that stand in containerd's own configuration: `auth` of `registry.configs`, and `registry.auths` before it.
import { asObject, asString, type JsonObject } from '../../lib/json.ts';
import type { Credentials } from '../../protocol/client.ts';
import type { FoundCredentials, PlainEndpoint } from '../route.ts';
import type { CriRegistry, PlacedTable } from './config-toml.ts';

/** Where no pull secret says anything, what is kept for the host that is asked. */
export function withConfigAuth(endpoint: PlainEndpoint, cri: CriRegistry): PlainEndpoint {
  const host = endpoint.url.replace(/^https?:\/\//, '');
  const config = cri.configs.get(host);
  const auth = config && asObject(config.table.auth);
  const found =
    credentialsIn(cri.auths.get(host)) ??
    (config &&
      auth &&
      credentialsIn({ table: auth, lineOf: (...steps) => config.lineOf('auth', ...steps) }));
  return found === undefined ? endpoint : { ...endpoint, credentials: { ...found, key: host } };
}

function credentialsIn(placed: PlacedTable | undefined): FoundCredentials | undefined {
  const credentials = placed && credentialsOf(placed.table);
  if (placed === undefined || credentials === undefined) return undefined;
  return { credentials, written: placed.lineOf(), looked: [], problems: [] };
}

function credentialsOf(table: JsonObject): Credentials | undefined {
  const text = (key: string) => asString(table[key]) ?? '';
  if (text('username') !== '') return { username: text('username'), password: text('password') };
  const identityToken = text('identitytoken');
  if (identityToken !== '') return { username: '', password: '', identityToken };
  const decoded = Buffer.from(text('auth'), 'base64').toString('utf8').replace(/\0+$/, '');
  const colon = decoded.indexOf(':');
  return colon > 0
    ? { username: decoded.slice(0, colon), password: decoded.slice(colon + 1) }
    : undefined;
}
