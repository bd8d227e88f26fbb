// Which entry of policy.json (containers-policy.json(5)) says whether an image may run here, and which keys it
// names: DefaultPolicy and requirementsForImageRef of the library's package signature.
import { stat } from 'node:fs/promises';
import { posix } from 'node:path';
import { asArray, asObject, asString, type JsonObject } from '../../lib/json.ts';
import { type ConfigDocument, readJsonFile } from '../config-file.ts';
import { asDaemon, type HostView, pathOn } from '../host-view.ts';
import type { ConfigProblem, Looked, Written } from '../route.ts';
import { ConfFault, fatalProblem, shown } from './conf-fault.ts';
import { userFolder } from './conf-files.ts';
import { findLookaside } from './lookaside.ts';
import { type ContainersRules, containersRules } from './rules.ts';

export type PolicyKind =
  | 'insecureAcceptAnything'
  | 'reject'
  | 'signedBy'
  | 'sigstoreSigned'
  | 'other';

export interface FoundPolicy {
  /** Of all that the entry demands, what refuses the most. */
  readonly kind: PolicyKind;
  /** `default`, or a transport with a scope, such as `docker:example.com/team`. */
  readonly scope: string;
  readonly written: Written;
  readonly keys: readonly { readonly path: string; readonly exists: boolean }[];
  /** Where signatures lie beside the registry: a URL. */
  readonly lookaside?: string;
  /** Signatures are looked for in the registry. */
  readonly attachments: boolean;
}

export interface PolicyFinding {
  /** Undefined where there is no policy that can be read: the client ends. */
  readonly policy?: FoundPolicy;
  readonly files: readonly Looked[];
  readonly problems: readonly ConfigProblem[];
}

/**
 * The policy for a full name, `host[:port]/repository` with `:tag` or `@digest`, as the client of this profile has it.
 * Undefined for a client that reads none.
 */
export async function findPolicy(
  name: string,
  client: string,
  caller: HostView,
): Promise<PolicyFinding | undefined> {
  const rules = containersRules(client);
  if (rules === undefined) return undefined;
  const host = rules.as === 'daemon' ? asDaemon(caller) : caller;
  const files: Looked[] = [];
  try {
    const { path, document } = await readPolicy(host, rules, files);
    checkPolicy(path, document);
    const scopes = scopesOf(name);
    const entry = entryFor(scopes, document.value);
    const written = { in: path, line: document.lineOf(...entry.steps) };
    files.splice(-1, 1, { path, state: 'used' });
    const lookaside = await findLookaside(scopes, host, rules, files);
    const policy = { ...(await judged(entry, host)), written, ...lookaside };
    return { policy, files, problems: [] };
  } catch (error) {
    return { files, problems: [fatalProblem(error)] };
  }
}

type JsonDocument = Extract<ConfigDocument, { state: 'read' }>;

function refuse(written: Written, message: string): ConfFault {
  const hint =
    'See containers-policy.json(5); {"default":[{"type":"insecureAcceptAnything"}]} demands nothing.';
  return new ConfFault('policy-invalid', written, message, hint);
}

async function readPolicy(
  host: HostView,
  rules: ContainersRules,
  files: Looked[],
): Promise<{ path: string; document: JsonDocument }> {
  const paths = policyPaths(host, rules);
  for (const path of paths) {
    const document = await readJsonFile(host, path);
    files.push({ path, state: document.state === 'read' ? 'no match' : document.state });
    if (document.state === 'read') return { path, document };
    const line = document.state === 'invalid' ? document.line : 0;
    if (document.state !== 'absent') throw refuse({ in: path, line }, `${path} ${document.why}`);
  }
  const path = paths.at(-1) ?? '';
  const message = `${paths.join(', ')}: none is there`;
  const hint =
    'Install containers-common, or write {"default":[{"type":"insecureAcceptAnything"}]} there.';
  throw new ConfFault('policy-missing', { in: path, line: 0 }, message, hint);
}

function policyPaths(host: HostView, rules: ContainersRules): string[] {
  const isLayered = rules.files === 'layered';
  const named = (isLayered && host.variables.CONTAINERS_POLICY_JSON) || '';
  if (named !== '') return [named];
  const folders = [userFolder(host, rules), '/etc/containers'];
  if (isLayered) folders.push('/usr/share/containers');
  return folders.map((folder) => posix.join(folder, 'policy.json'));
}

const kinds = ['insecureAcceptAnything', 'reject', 'signedBy', 'signedBaseLayer', 'sigstoreSigned'];

/** @throws ConfFault as the library refuses the whole file; what is inside a demand is looked at as far as it decides */
function checkPolicy(path: string, { value, lineOf }: JsonDocument): void {
  const at = (...steps: (string | number)[]) => ({ in: path, line: lineOf(...steps) });
  const stray = Object.keys(value).find((name) => name !== 'default' && name !== 'transports');
  if (stray !== undefined) throw refuse(at(stray), `${shown(stray)} is no member of a policy`);
  if (!Object.hasOwn(value, 'default')) throw refuse(at(), 'the policy has no default');
  checkDemands(value.default, at('default'));
  for (const [transport, scopes] of Object.entries(asObject(value.transports) ?? {})) {
    for (const [scope, demands] of Object.entries(asObject(scopes) ?? {})) {
      checkDemands(demands, at('transports', transport, scope));
    }
  }
}

function checkDemands(demands: unknown, written: Written): void {
  const list = asArray(demands) ?? [];
  if (list.length === 0) throw refuse(written, 'an entry demands nothing: its list is empty');
  for (const demand of list) {
    const type = asString(asObject(demand)?.type) ?? '';
    if (!kinds.includes(type)) throw refuse(written, `${shown(type)} is no type of a demand`);
  }
}

interface Entry {
  readonly scope: string;
  readonly steps: readonly string[];
  readonly demands: readonly JsonObject[];
}

function entryFor(scopes: readonly string[], policy: JsonObject): Entry {
  const ofDocker = asObject(asObject(policy.transports)?.docker) ?? {};
  const demandsOf = (list: unknown) =>
    (asArray(list) ?? []).map(asObject).filter((it) => it !== undefined);
  const scope = [...scopes, ''].find((it) => Object.hasOwn(ofDocker, it));
  if (scope === undefined) {
    return { scope: 'default', steps: ['default'], demands: demandsOf(policy.default) };
  }
  const steps = ['transports', 'docker', scope];
  return { scope: `docker:${scope}`, steps, demands: demandsOf(ofDocker[scope]) };
}

/** From the name itself to its host, and the wildcards above it: PolicyConfigurationNamespaces. */
export function scopesOf(name: string): string[] {
  const bare = /^[^/]*\/[^:@]*/.exec(name)?.[0] ?? name;
  const scopes = [name];
  for (let end = bare.length; end > 0; end = bare.lastIndexOf('/', end - 1)) {
    scopes.push(bare.slice(0, end));
  }
  let host = (scopes.at(-1) ?? '').replace(/:.*/, '');
  while (host.includes('.')) {
    host = host.slice(host.indexOf('.') + 1);
    scopes.push(`*.${host}`);
  }
  return scopes;
}

/** Of several demands all count: first that which refuses the most. */
const strictest: readonly PolicyKind[] = ['reject', 'other', 'signedBy', 'sigstoreSigned'];

async function judged({ scope, demands }: Entry, host: HostView) {
  const found = new Set(demands.map(({ type }) => kindOf(asString(type) ?? '')));
  const kind = strictest.find((it) => found.has(it)) ?? ('insecureAcceptAnything' as const);
  const keys = [];
  for (const path of new Set(demands.flatMap(keyPaths))) {
    keys.push({ path, exists: await isThere(host, path) });
  }
  return { kind, scope, keys };
}

function kindOf(type: string): PolicyKind {
  // The library refuses all images where the base layer is to be signed: it has never learned to look.
  return type === 'signedBaseLayer' ? 'other' : (type as PolicyKind);
}

/** Keys and roots, of signedBy and of what sigstore calls fulcio, rekor and pki. */
const pathNames =
  /^(?:keyPath|keyPaths|rekorPublicKeyPath|rekorPublicKeyPaths|caPath|caRootsPath|caIntermediatesPath)$/;

function keyPaths(demand: JsonObject): string[] {
  return Object.entries(demand).flatMap(([name, value]) => {
    if (pathNames.test(name)) return [value].flat().filter((it) => typeof it === 'string');
    const inside = name === 'fulcio' || name === 'pki' ? asObject(value) : undefined;
    return inside === undefined ? [] : keyPaths(inside);
  });
}

async function isThere(host: HostView, path: string): Promise<boolean> {
  return await stat(pathOn(host, path)).then(
    () => true,
    () => false,
  );
}
