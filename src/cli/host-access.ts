// What the files of this host add to the flags of a verb: the credentials that a client would show to a registry,
// and the certificates that it takes for it. Where they come from is said, once, on standard error.
import { statSync } from 'node:fs';
import { thisHost } from '../access/host-view.ts';
import type { AccessFlags } from '../access/resolve.ts';
import type { ConfigProblem, FoundCredentials, Trust } from '../access/route.ts';
import { UserError } from '../lib/user-error.ts';
import type { Credentials } from '../protocol/client.ts';
import type { Access } from '../run/context.ts';
import { plain } from './terminal.ts';
import { accessFlagsOf, accessOf, type Flags } from './verb.ts';

export interface HostAccess {
  /**
   * What the client would show to a registry for a repository.
   * @throws UserError (exit 2) where the client would end, or what a flag names cannot be used
   */
  credentials(registry: string, repository: string): Promise<Credentials | undefined>;
  /** What flags say, with what the host's folders of certificates hold for these. @throws UserError (exit 2) */
  trusting(registries: readonly string[]): Promise<Access>;
}

/** Of `--root`: where the files of the host lie that is meant; '' for this one. @throws UserError (exit 2) */
export function rootOf({ root }: Flags): string {
  if (root === undefined) return '';
  const dir = root as string;
  if (statSync(dir, { throwIfNoEntry: false })?.isDirectory()) return dir;
  throw new UserError(
    'root-missing',
    `--root ${JSON.stringify(dir)} is no folder`,
    'Name the folder where the files of the host lie, so that its /etc is DIR/etc.',
  );
}

/** For the flags of a verb and the client that it plays. @throws UserError (exit 2) */
export async function hostAccessOf(flags: Flags, client = 'podman'): Promise<HostAccess> {
  const access = await accessOf(flags);
  const given = await accessFlagsOf(flags, access);
  const say = sayer(flags.quiet === true);
  const isNamed = given.authfile !== undefined || given.username !== undefined;
  // That file is podman's, whatever client is played.
  const asClient = isNamed ? 'podman' : client;
  const known = new Map<string, Promise<Credentials | undefined>>();
  const lookUp = async (registry: string, repository: string) => {
    const { findCredentials } = await import('../access/credentials/find-credentials.ts');
    const found = await findCredentials({ registry, repository }, asClient, thisHost(), given);
    const { credentials } = found;
    if (credentials === undefined) {
      refuse(found.problems, codeOf(given));
      return undefined;
    }
    if (!isNamed) say(sourceOf(registry, found));
    return credentials;
  };
  return {
    credentials(registry, repository) {
      const name = `${registry}/${repository}`;
      const found = known.get(name) ?? lookUp(registry, repository);
      known.set(name, found);
      return found;
    },
    trusting: (registries) => withFolders(access, registries, client, say),
  };
}

function codeOf({ authfile, pullSecret }: AccessFlags): string {
  if (pullSecret !== undefined) return 'pull-secret-unusable';
  return authfile === undefined ? 'credentials-unusable' : 'authfile-unusable';
}

function refuse(problems: readonly ConfigProblem[], code: string): void {
  const fatal = problems.find(({ isFatal }) => isFatal);
  if (fatal === undefined) return;
  const way =
    code === 'credentials-unusable' ? ' Or give --authfile FILE, or --username NAME.' : '';
  throw new UserError(code, fatal.message, fatal.hint + way);
}

function sourceOf(registry: string, found: FoundCredentials): string {
  const { key, written, helper, problems } = found;
  const by = helper === undefined ? '' : ` by docker-credential-${helper}`;
  const late = problems.find(
    ({ id }) => id === 'credentials-expired' || id === 'password-line-end',
  );
  const note = late === undefined ? '' : `; ${late.message}`;
  return `credentials for ${registry}: ${written?.in ?? ''} (${key ?? ''})${by}${note}`;
}

/** Says each thing once. */
function sayer(isQuiet: boolean): (text: string) => void {
  const said = new Set<string>();
  return (text) => {
    if (isQuiet || said.has(text)) return;
    said.add(text);
    process.stderr.write(`${plain(text).replace(/\s+/g, ' ')}\n`);
  };
}

/**
 * To trust counts for the whole run, as in the clients, which ask token servers and CDNs by the same rules; to be
 * shown counts for the host of the folder alone.
 */
async function withFolders(
  access: Access,
  registries: readonly string[],
  client: string,
  say: (text: string) => void,
): Promise<Access> {
  if (access.insecure) return access;
  const { resolveTrust } = await import('../access/resolve.ts');
  const ca = [...(access.ca ?? [])];
  const shown: Record<string, NonNullable<Trust['client']>> = {};
  for (const registry of new Set(registries)) {
    const trust = await resolveTrust(registry, client, thisHost());
    refuse(trust.problems, 'certificates-unusable');
    ca.push(...trust.ca.map(({ pem }) => pem));
    if (trust.client !== undefined) shown[registry] = trust.client;
    const [first] = [...trust.ca.map(({ written }) => written), trust.client?.written ?? []].flat();
    if (first !== undefined) say(`certificates for ${registry}: ${first.in}`);
  }
  return {
    ...access,
    ...(ca.length > 0 && { ca }),
    ...(Object.keys(shown).length > 0 && { shown }),
  };
}
