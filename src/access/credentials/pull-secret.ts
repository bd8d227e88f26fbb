// Credentials from a Kubernetes Secret, as kubelet reads it (pkg/credentialprovider): its type, the member of its
// data that goes with it, and the keys inside by kubelet's patterns.
import { readPlainYaml } from '../../formats/yaml.ts';
import { asArray, asObject, asString, type JsonObject } from '../../lib/json.ts';
import { lineFinder } from '../../lib/line-columns.ts';
import { readBounded } from '../read-file.ts';
import type { ConfigProblem, FoundCredentials, Looked } from '../route.ts';
import { readAuthDocument } from './auth-document.ts';
import { readEntry } from './entries.ts';
import { keyRules, shownKey, type Wanted } from './keys.ts';
import { lookupRulesOf } from './lookup-rules.ts';

interface Kind {
  readonly type: string;
  readonly member: string;
  readonly form?: 'dockercfg';
}

const kinds: readonly Kind[] = [
  { type: 'kubernetes.io/dockerconfigjson', member: '.dockerconfigjson' },
  { type: 'kubernetes.io/dockercfg', member: '.dockercfg', form: 'dockercfg' },
];
const documentsMax = 100;
const secretsMax = 1000;

/** What the Secret in a file says of an image. The file is read as it is, wherever the host's files lie. */
export async function fromPullSecret(path: string, wanted: Wanted): Promise<FoundCredentials> {
  const file = await readBounded(path);
  if ('state' in file) {
    const problem = wrong(path, 'unreadable', `cannot be read: ${file.why}`, 1);
    return nothing(path, file.state, problem);
  }
  const secrets = secretsIn(file.text);
  if (typeof secrets === 'string') {
    return nothing(path, 'invalid', wrong(path, 'malformed', secrets, 1));
  }
  const lineOfMember = memberLines(file.text);
  const all = secrets.slice(0, secretsMax).map((secret, at) => {
    const earlier = secrets.slice(0, at);
    const lineOf = (word: string) =>
      lineOfMember(word, earlier.filter((it) => hasMember(it, word)).length);
    return fromSecret(path, secret, wanted, lineOf);
  });
  const found = all.find(isTheEnd) ?? bestOf(all, wanted) ?? all[0];
  return found ?? nothing(path, 'invalid', wrong(path, 'malformed', 'holds no Secret', 1));
}

/** kubelet passes over Secrets of other types; where one cannot be decoded it pulls with none of them, and fails. */
function isTheEnd({ problems }: FoundCredentials): boolean {
  return problems.some(({ id }) => undecodable.has(id));
}

const undecodable: ReadonlySet<string> = new Set(
  ['malformed', 'entry', 'base64'].map((what) => `pull-secret-${what}`),
);

/** kubelet looks through the keys of all Secrets together. */
function bestOf(all: readonly FoundCredentials[], wanted: Wanted): FoundCredentials | undefined {
  const keys = all.flatMap(({ credentials, key }) =>
    credentials === undefined || key === undefined ? [] : [key],
  );
  const best = keyRules.kubelet.find(keys, wanted, wanted.registry, false);
  return best === undefined ? undefined : all.find(({ key }) => key === best);
}

function hasMember(secret: JsonObject, word: string): boolean {
  const holders = [secret, asObject(secret.data), asObject(secret.stringData)];
  return holders.some((holder) => holder?.[word] !== undefined);
}

/** The Secrets of a text: one, a List as kubectl or the server writes it, or several documents. */
function secretsIn(text: string): JsonObject[] | string {
  const secrets: JsonObject[] = [];
  for (const part of text.split(/^---\s*$/m).slice(0, documentsMax)) {
    const read = readPlainYaml(part, 0);
    if (!('value' in read)) return 'is neither JSON nor YAML';
    const object = asObject(read.value);
    const isList = object?.kind === 'List' || object?.kind === 'SecretList';
    for (const it of isList ? (asArray(object.items) ?? []) : [object]) {
      const secret = asObject(it);
      // The server leaves the kind of items out.
      const kind = secret?.kind ?? (object?.kind === 'SecretList' ? 'Secret' : undefined);
      if (secret !== undefined && kind === 'Secret') secrets.push(secret);
    }
  }
  return secrets;
}

function fromSecret(
  path: string,
  secret: JsonObject,
  wanted: Wanted,
  lineOf: (word: string) => number,
): FoundCredentials {
  const type = asString(secret.type) ?? 'Opaque';
  const kind = kinds.find((it) => it.type === type);
  if (kind === undefined) {
    const said = `has the type ${shownKey(type)}, which kubelet reads no logins from`;
    return nothing(path, 'invalid', wrong(path, 'type', said, lineOf('type')));
  }
  const { member, form } = kind;
  const line = lineOf(member);
  const text = textOf(secret, member);
  if ('problem' in text) return nothing(path, 'invalid', wrong(path, text.id, text.problem, line));
  const document = readAuthDocument(text.text, form);
  if ('problem' in document) {
    const said = `has a ${member} that ${document.problem}`;
    return nothing(path, 'invalid', wrong(path, 'malformed', said, line));
  }
  const keys = [...document.auths.keys()];
  const rules = lookupRulesOf('kubelet-containerd');
  const holds = keys.slice(0, 50).map(shownKey);
  for (const key of keys) {
    const read = readEntry(document.auths.get(key) ?? {}, rules);
    if (!('problem' in read) || read.problem === undefined) continue;
    const said = `has an "auth" for ${shownKey(key)} that ${read.problem}`;
    return nothing(path, 'invalid', wrong(path, 'entry', said, line));
  }
  const key = keyRules.kubelet.find(keys, wanted, wanted.registry, false);
  const read = key === undefined ? undefined : readEntry(document.auths.get(key) ?? {}, rules);
  if (key === undefined || read === undefined || !('credentials' in read)) {
    const image = `${wanted.registry}/${wanted.repository}`;
    const said = `has no login for ${image}: it has ${holds.join(', ') || 'none at all'}`;
    const looked: Looked = { path, state: 'no match', holds };
    return {
      looked: [looked],
      problems: [{ ...wrong(path, 'no-match', said, line), isFatal: false }],
    };
  }
  const used: Looked = { path, state: 'used', holds };
  const written = { in: path, line };
  return { credentials: read.credentials, key, written, looked: [used], problems: [] };
}

const base64 = /^[A-Za-z0-9+/\r\n]*={0,2}\s*$/;

type Text = { readonly text: string } | { readonly id: string; readonly problem: string };

function textOf(secret: JsonObject, member: string): Text {
  const plain = asString(asObject(secret.stringData)?.[member]);
  if (plain !== undefined) return { text: plain };
  const encoded = asString(asObject(secret.data)?.[member]);
  if (encoded === undefined) return { id: 'member', problem: `has no ${member} in its data` };
  if (!base64.test(encoded)) return { id: 'base64', problem: `has a ${member} that is not Base64` };
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const isTwice = /^[A-Za-z0-9+/]{16}/.test(text) && base64.test(text);
  if (isTwice && Buffer.from(text, 'base64').toString('utf8').trimStart().startsWith('{')) {
    return { id: 'base64', problem: `has a ${member} that was put into Base64 twice` };
  }
  return { text };
}

/** The line of the member of a name that so many of this name stand before. */
function memberLines(text: string): (word: string, before: number) => number {
  const lineAt = lineFinder(text);
  const known = new Map<string, readonly number[]>();
  return (word, before) => {
    const name = `["']?${word.replace('.', '\\.')}["']?\\s*:`;
    const found =
      known.get(word) ??
      [...text.matchAll(new RegExp(`^[ \\t-]*${name}`, 'gm'))].map(({ index }) => index);
    known.set(word, found);
    const at = found[before] ?? text.search(new RegExp(name));
    return at < 0 ? 1 : lineAt(at);
  };
}

function wrong(path: string, what: string, said: string, line: number): ConfigProblem {
  return {
    id: `pull-secret-${what}`,
    written: { in: path, line },
    message: `the pull secret ${path} ${said}`,
    hint: 'Make it by `kubectl create secret docker-registry NAME --docker-server=HOST …`, and write it by `kubectl get secret NAME -o yaml`.',
    isFatal: true,
  };
}

function nothing(path: string, state: Looked['state'], problem: ConfigProblem): FoundCredentials {
  return { looked: [{ path, state }], problems: [problem] };
}
