// Objects of Kubernetes, in JSON and in YAML: what they are, and how to get at an auth file in a Secret.

import { asArray, asObject, asString, type JsonObject } from '../../lib/json.ts';
import { type Look, looksLike } from './look.ts';

/** By the type of a Secret: the member of its data that holds an auth file. */
const secretMembers: readonly (readonly [type: string, member: string])[] = [
  ['kubernetes.io/dockerconfigjson', '.dockerconfigjson'],
  ['kubernetes.io/dockercfg', '.dockercfg'],
];

/** An object, or a list of them. */
export function kubernetesLook(document: JsonObject): Look | undefined {
  const kind = asString(document.kind);
  if (kind === undefined || asString(document.apiVersion) === undefined) return undefined;
  const items = [document, ...(asArray(document.items) ?? [])].map((it) => asObject(it) ?? {});
  const types = items.map((item) => asString(item.type) ?? '');
  return objectLook(kind, 'JSON', types);
}

/** `types`: those of the Secrets in it, if there are any. */
export function objectLook(kind: string, form: string, types: readonly string[]): Look {
  const [, member] = secretMembers.find(([type]) => types.includes(type)) ?? [];
  const what = `a ${/^[A-Z][A-Za-z]{0,60}$/.test(kind) ? kind : 'object'} of Kubernetes in ${form}`;
  if (member === undefined) {
    return looksLike(
      what,
      'Give the images that it names; of a Secret the auth file in its data, decoded.',
    );
  }
  const path = `{.data.\\${member}}`;
  const command = `kubectl get secret NAME -o jsonpath='${path}' | base64 -d`;
  return looksLike(`${what}, with an auth file in it`, `Decode .data["${member}"]: ${command}.`);
}

/** The same of a text in YAML, which is not read for it. */
export function kubernetesLookOfYaml(text: string): Look | undefined {
  if (!/^apiVersion:/m.test(text)) return undefined;
  const kind = /^kind:[ \t]*["']?(\w+)/m.exec(text)?.[1];
  if (kind === undefined) return undefined;
  const types = secretMembers
    .map(([type]) => type)
    .filter((type) => text.includes(`type: ${type}`));
  return objectLook(kind, 'YAML', types);
}
