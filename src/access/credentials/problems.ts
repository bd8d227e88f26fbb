// What can be wrong with the files of credentials, in words. Nothing of what stands in them but keys.
import type { HostView } from '../host-view.ts';
import { existsOn } from '../read-file.ts';
import type { ConfigProblem, FoundCredentials, Written } from '../route.ts';
import type { NotAuth } from './auth-document.ts';
import type { AuthProblem } from './auth-grammar.ts';
import { shownKey } from './keys.ts';
import { type LookupRules, type Place, runtime } from './lookup-rules.ts';
import type { Spot } from './places.ts';

const writeAnew =
  'Log in anew (podman login, docker login), or write {"auths":{"HOST":{"auth":"…"}}}.';

export function notRead(
  { path, place }: Spot,
  why: string,
  state: 'absent' | 'unreadable',
  isFatal: boolean,
): ConfigProblem {
  const named =
    place.path.startsWith('$') && state === 'absent' ? ` (${variableOf(place.path)})` : '';
  return {
    id: `auth-file-${state}`,
    written: { in: path, line: 0 },
    message: `the auth file ${path}${named} cannot be read: ${why}`,
    hint:
      state === 'absent' ? 'Name a file that is there, or unset what names it.' : mayRead(place),
    isFatal,
  };
}

function mayRead({ lacks }: Place): string {
  const byOwner = 'Run this as the user whose file it is, or mend its owner and mode (0600).';
  if (lacks !== 'XDG_RUNTIME_DIR') return byOwner;
  // Where podman ran as root, that folder is root's: users without a session of their own meet it.
  return `Set XDG_RUNTIME_DIR to a folder of yours: without it, this place is looked at. ${byOwner}`;
}

const variableOf = (path: string) => /^\$\w+/.exec(path)?.[0] ?? '';

export function malformed({ path }: Spot, { problem, line }: NotAuth, isFatal: boolean) {
  return {
    id: 'auth-file-malformed',
    written: { in: path, line },
    message: `the auth file ${path} ${problem} (line ${line})`,
    hint: `Mend it there (\`pullproof validate\` shows the place). ${writeAnew}`,
    isFatal,
  };
}

export function badAuth(written: Written, key: string, problem: AuthProblem, isFatal: boolean) {
  return {
    id: 'auth-entry-unusable',
    written,
    message: `the auth file ${written.in} has an "auth" for ${shownKey(key)} that ${problem}`,
    hint: writeAnew,
    isFatal,
  };
}

export function emptyEntry(written: Written, key: string, isFatal: boolean): ConfigProblem {
  return {
    id: 'auth-entry-empty',
    written,
    message: `the auth file ${written.in} has nothing for ${shownKey(key)}: no "auth" of use and no helper that this client asks`,
    hint: `Put the helper under "credHelpers", or the login into the file. ${writeAnew}`,
    isFatal,
  };
}

export function runtimeFolder(host: HostView, { places }: LookupRules): ConfigProblem | undefined {
  const folder = host.variables.XDG_RUNTIME_DIR ?? '';
  const isAsked = places.includes(runtime[0] as (typeof places)[number]);
  if (folder === '' || !isAsked || existsOn(host, folder)) return undefined;
  return {
    id: 'runtime-folder-absent',
    written: { in: '$XDG_RUNTIME_DIR', line: 0 },
    message: `XDG_RUNTIME_DIR names ${folder}, which is not there, so the login in it is not found`,
    hint: 'Unset it, or log in as a user with a session (loginctl enable-linger).',
    isFatal: false,
  };
}

export function lineEnd({ key, written }: FoundCredentials): ConfigProblem {
  const where = written ?? { in: '', line: 0 };
  return {
    id: 'password-line-end',
    written: where,
    message: `the password for ${shownKey(key ?? 'this registry')} in ${where.in} ends with a line end, which is sent along`,
    hint: "Encode it without: printf %s 'user:password' | base64 -w0, not echo.",
    isFatal: false,
  };
}

export function expired({ key, written }: FoundCredentials, endsMs: number): ConfigProblem {
  const where = written ?? { in: '', line: 0 };
  const until = new Date(Math.min(endsMs, 8.64e15)).toISOString();
  return {
    id: 'credentials-expired',
    written: where,
    message: `the password for ${shownKey(key ?? 'this registry')} in ${where.in} says itself that it ended at ${until}`,
    hint: 'Log in anew; or let a credential helper fetch a new one for each pull.',
    isFatal: false,
  };
}
