// Objects of Kubernetes, in JSON and in YAML: what they are, and how to get at an auth file in a Secret.

import { asArray, asObject, asString, type JsonObject } from '../../lib/json.ts';
import { type Look, looksLike } from './look.ts';

/** By the type of a Secret: the member of its data that holds an auth file. */
const secretMembers: readonly (readonly [type: string, member: string])[] = [
  ['kubernetes.io/dockerconfigjson', '.dockerconfigjson'],
  ['kubernetes.io/dockercfg', '.dockercfg'],
];

/** Items of a list that are looked at. */
const itemsMax = 1_000;

/** An object, or a list of them. */
export function kubernetesLook(document: JsonObject): Look | undefined {
  const kind = asString(document.kind);
  if (kind === undefined || asString(document.apiVersion) === undefined) return undefined;
  const items = (asArray(document.items) ?? []).slice(0, itemsMax);
  const objects = [document, ...items].map((it) => asObject(it) ?? {});
  const holds = (type: string, member: string) =>
    objects.some(
      ({ type: own, data, stringData }) =>
        own === type || [data, stringData].some((it) => member in (asObject(it) ?? {})),
    );
  return objectLook(kind, 'JSON', holds);
}

/** The same of a text in YAML, which is not read for it. */
export function kubernetesLookOfYaml(text: string): Look | undefined {
  const kind = /^kind:[ \t]*["']?(\w+)/m.exec(text)?.[1];
  if (kind === undefined || !/^apiVersion:/m.test(text)) return undefined;
  return objectLook(
    kind,
    'YAML',
    (type, member) => text.includes(type) || text.includes(`${member}:`),
  );
}

/** `holds`: whether there is a Secret of a type, or with a member in its data. */
function objectLook(
  kind: string,
  form: string,
  holds: (type: string, member: string) => boolean,
): Look {
  const member = secretMembers.find(([type, name]) => holds(type, name))?.[1];
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
