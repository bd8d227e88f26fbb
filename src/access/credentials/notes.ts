// Where nothing was found: what people meant to be found, and why it was not. Keys that this client never looks up,
// helpers that it does not ask, and logins in files that it does not read: of another client, or another user.
import type { HostView } from '../host-view.ts';
import { readFileOn } from '../read-file.ts';
import type { ConfigProblem, Looked } from '../route.ts';
import { type AuthDocument, readAuthDocument } from './auth-document.ts';
import { dockerTokenKeys } from './auth-grammar.ts';
import type { ReadSpot } from './find-credentials.ts';
import { isMeantFor, keyRules, shownKey, type Wanted } from './keys.ts';
import { dockerConfig, type LookupRules, type Place, runtime, xdg } from './lookup-rules.ts';
import { fillIn } from './places.ts';

interface Situation {
  readonly rules: LookupRules;
  readonly wanted: Wanted;
  readonly host: HostView;
}

export async function notesOf(
  situation: Situation,
  read: readonly ReadSpot[],
  looked: readonly Looked[],
): Promise<ConfigProblem[]> {
  const inFiles = read.flatMap(({ spot, document }) => notesOn(situation, spot.path, document));
  return [...inFiles, ...(await elsewhere(situation, looked))];
}

function notesOn({ rules, wanted }: Situation, path: string, document: AuthDocument) {
  const notes: ConfigProblem[] = [];
  const { registry } = wanted;
  const server = keyRules[rules.keys].servers(wanted).at(-1) ?? registry;
  const fits = (key: string) =>
    keyRules[rules.keys].find([key], wanted, server, false) !== undefined;
  for (const key of document.auths.keys()) {
    if (dockerTokenKeys.has(key) || fits(key) || !isMeantFor(key, wanted)) continue;
    notes.push({
      id: 'auth-key-unused',
      written: { in: path, line: document.lineOfEntry(key) },
      message: `${path} has a login under ${shownKey(key)}, which this client never looks up for ${registry}: it looks up ${server}`,
      hint: `Write the key as ${server}, or log in anew to ${registry}.`,
      isFatal: false,
    });
  }
  for (const key of document.credHelpers.keys()) {
    if (!rules.helpers || key === server || !isMeantFor(key, wanted)) continue;
    notes.push({
      id: 'auth-key-unused',
      written: { in: path, line: document.lineOfHelper(key) },
      message: `${path} names a helper for ${shownKey(key)}, which this client never looks up for ${registry}: it looks up ${server}`,
      hint: `Write the key as ${server}.`,
      isFatal: false,
    });
  }
  if (!rules.store && document.credsStore !== '') {
    notes.push({
      id: 'creds-store-ignored',
      written: { in: path, line: document.lineOfStore() },
      message: `${path} keeps its logins by "credsStore", which this client does not read`,
      hint: `Name the helper under "credHelpers" for ${registry}, or log in by the client's own login.`,
      isFatal: false,
    });
  }
  return notes;
}

/** A home whose files may hold the login, and whose it is. */
interface Other {
  readonly whose: string;
  readonly host: HostView;
}

const usual: readonly Place[] = [
  ...runtime,
  { path: '/run/user/$UID/containers/auth.json', linux: true },
  ...xdg,
  ...dockerConfig,
];

async function elsewhere({ wanted, host }: Situation, looked: readonly Looked[]) {
  const read = new Set(
    looked.filter(({ state }) => state !== 'passed over').map(({ path }) => path),
  );
  const notes = new Map<string, ConfigProblem>();
  for (const { whose, host: view } of await othersOf(host)) {
    for (const { path } of fillIn(usual, view)) {
      if (read.has(path) || notes.has(path)) continue;
      const found = await loginIn(path, wanted, host);
      if (found === undefined) continue;
      notes.set(path, {
        id: 'auth-file-elsewhere',
        written: { in: path, line: found.line },
        message: `${path} has a login for ${shownKey(found.key)}, but ${whose}, which this client does not read here`,
        hint: `Log in anew as this client and user, or give --authfile ${path}.`,
        isFatal: false,
      });
    }
  }
  return [...notes.values()];
}

async function loginIn(path: string, wanted: Wanted, host: HostView) {
  const file = await readFileOn(host, path);
  if ('state' in file) return undefined;
  const document = readAuthDocument(file.text, undefined);
  if ('problem' in document) return undefined;
  const keys = [...document.auths.keys()];
  const key = keyRules.containers.find(keys, wanted, wanted.registry, false);
  if (key !== undefined) return { key, line: document.lineOfEntry(key) };
  const helped = [...document.credHelpers.keys()].find((it) => isMeantFor(it, wanted));
  return helped === undefined ? undefined : { key: helped, line: document.lineOfHelper(helped) };
}

/** This user with other clients; who called sudo; root. */
async function othersOf(host: HostView): Promise<Other[]> {
  const own = { whose: "it is another client's file", host };
  const { SUDO_USER = '', SUDO_UID = '', PATH } = host.variables;
  const others: Other[] = [own];
  if (host.uid === 0 && SUDO_USER !== '' && SUDO_USER !== 'root') {
    const { home, uid } = await accountOf(SUDO_USER, SUDO_UID, host);
    const view = { ...host, home, uid, user: SUDO_USER, variables: { PATH } };
    others.push({ whose: `it is that of ${SUDO_USER}, who called sudo`, host: view });
  }
  if (host.uid !== 0) {
    const view = { ...host, home: '/root', uid: 0, user: 'root', variables: { PATH } };
    others.push({ whose: 'it is that of root', host: view });
  }
  return others;
}

async function accountOf(name: string, uid: string, host: HostView) {
  const file = await readFileOn(host, '/etc/passwd');
  const lines = 'text' in file ? file.text.split('\n') : [];
  const fields = lines.map((line) => line.split(':')).find(([user]) => user === name);
  const known = Number(fields?.[2] ?? uid);
  return { home: fields?.[5] ?? `/home/${name}`, uid: Number.isInteger(known) ? known : -1 };
}
