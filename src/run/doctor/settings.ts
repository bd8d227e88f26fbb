// What of this host a pull depends on besides the route: who runs it, its interfaces, the proxies of daemons, the
// policy, and auth files that the client does not look for.
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { findPolicy } from '../../access/containers/policy.ts';
import { type HostView, pathOn } from '../../access/host-view.ts';
import { daemonProxies } from '../../access/proxies.ts';
import { readBounded, readFileOn } from '../../access/read-file.ts';
import type { Route } from '../../access/route.ts';
import type { HostSettings } from '../../doctor/facts.ts';
import { asObject, parseJson } from '../../lib/json.ts';

export interface FoundSettings {
  readonly settings: HostSettings;
  /** With what the policy's files say. */
  readonly route: Route;
}

export async function findSettings(route: Route, host: HostView): Promise<FoundSettings> {
  const name = route.candidates[0]?.name;
  const [interfaces, proxies, found, otherAuthFiles] = await Promise.all([
    interfacesOf(),
    daemonProxies(host),
    name === undefined ? undefined : findPolicy(name, route.client, host),
    authFilesBeside(route, host),
  ]);
  const { policy } = found ?? {};
  const settings: HostSettings = {
    user: host.user,
    uid: host.uid,
    interfaces,
    daemonProxies: proxies,
    ...(policy !== undefined && { policy }),
    ...(otherAuthFiles.length > 0 && { otherAuthFiles }),
  };
  const files = [...route.files, ...(found?.files ?? [])];
  const problems = [...route.problems, ...(found?.problems ?? [])];
  return { settings, route: { ...route, files, problems } };
}

const interfacesMax = 50;

/** Node does not tell the MTU; Linux does, by a file. */
async function interfacesOf(): Promise<HostSettings['interfaces']> {
  const names = Object.keys(networkInterfaces()).slice(0, interfacesMax);
  const read = names.map(async (name) => {
    const file = await readBounded(join('/sys/class/net', name, 'mtu'));
    const mtu = 'text' in file ? Number(file.text.trim()) : 0;
    return { name, mtu: Number.isSafeInteger(mtu) ? mtu : 0 };
  });
  return (await Promise.all(read)).filter(({ mtu }) => mtu > 0);
}

type OtherFile = NonNullable<HostSettings['otherAuthFiles']>[number];

const holdsMax = 20;

/** Of the user behind sudo, of root, and of the other kind of client. */
async function authFilesBeside(route: Route, host: HostView): Promise<OtherFile[]> {
  const looked = new Set(
    route.candidates
      .flatMap(({ endpoints }) => endpoints)
      .flatMap(({ credentials }) => credentials.looked.map(({ path }) => path)),
  );
  const found = authFilesOf(host)
    .filter(({ path }) => !looked.has(path) && !looked.has(pathOn(host, path)))
    .map(async ({ path, user }): Promise<OtherFile[]> => {
      const file = await readFileOn(host, path);
      const auths = 'text' in file ? asObject(asObject(parseJson(file.text))?.auths) : undefined;
      const holds = Object.keys(auths ?? {}).slice(0, holdsMax);
      return holds.length === 0 ? [] : [{ path, user, holds }];
    });
  return (await Promise.all(found)).flat();
}

function authFilesOf({ variables, home, user, uid }: HostView): { path: string; user: string }[] {
  const { SUDO_USER: sudoer, SUDO_UID: sudoUid } = variables;
  const people = [
    { user, home, uid: String(uid) },
    ...(uid === 0 ? [] : [{ user: 'root', home: '/root', uid: '0' }]),
    ...(sudoer !== undefined && /^[\w.-]+$/.test(sudoer)
      ? [{ user: sudoer, home: `/home/${sudoer}`, uid: /^\d+$/.test(sudoUid ?? '') ? sudoUid : '' }]
      : []),
  ];
  return people.flatMap((person) =>
    [
      `/run/user/${person.uid}/containers/auth.json`,
      `/run/containers/${person.uid}/auth.json`,
      `${person.home}/.config/containers/auth.json`,
      `${person.home}/.docker/config.json`,
    ].map((path) => ({ path, user: person.user })),
  );
}
