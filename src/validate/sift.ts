// Whether a file that nobody named is one of ours: `validate FOLDER` meets package.json, fixtures and replies
// of anything. Stricter than kinds.ts, which tells what a document is that was given as one.

import { asArray, asObject, asString, type JsonObject } from '../lib/json.ts';
import { detectKind, type Kind, kindOfMediaType } from './kinds.ts';
import { kindOfName } from './other-kinds.ts';

/** Names of files that are read to see what they hold. */
const jsonName = /\.json$/i;

/** Whether a file of this name may be ours, before anything of it is read. */
export function mayBeOurs(path: string): boolean {
  return jsonName.test(path) || kindOfName(path) !== undefined;
}

/** Words of which every document of ours has one, in quotation marks. */
const tellingWords = [
  '"mediaType"',
  '"digest"',
  '"schemaVersion"',
  '"rootfs"',
  '"fsLayers"',
  '"architecture"',
  '"imageLayoutVersion"',
  '"auths"',
  '"credHelpers"',
  '"credsStore"',
  '"RepoTags"',
];

/** Whether the content is one of ours beyond doubt, or was meant to be. */
export function isOurs(path: string, bytes: Uint8Array): boolean {
  // Of names only those tell enough that nobody else uses.
  if (!jsonName.test(path) || /(?:^|[/\\])\.docker[/\\]config\.json$/.test(path)) return true;
  const text = textOf(bytes);
  if (!tellingWords.some((word) => text.includes(word))) return false;
  try {
    return isOurValue(JSON.parse(text.replace(/^\ufeff/, '')));
  } catch {
    return isMeantAsOurs(text);
  }
}

/** Latin letters are all that is looked at; PowerShell writes UTF-16. */
function textOf(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const isUtf16 = bytes[0] === 0xff && bytes[1] === 0xfe;
  return buffer.toString(isUtf16 ? 'utf16le' : 'utf8');
}

/** A text with a mistake in it; none that a template makes a document of. */
function isMeantAsOurs(text: string): boolean {
  const begins = /^\s*\{\s*"/.test(text.replace(/^\ufeff/, '')) && !/\{\{|<%|\$\{/.test(text);
  const hasType = /"mediaType"\s*:\s*"application\/vnd\.(?:oci\.image|docker\.distribution)\./.test(
    text,
  );
  return begins && hasType && text.includes('"schemaVersion"');
}

function isOurValue(value: unknown): boolean {
  const kind = detectKind(value);
  if (kind === undefined) return false;
  const document = asObject(value);
  if (document === undefined) return isSaveList(value);
  if (kindOfMediaType(asString(document.mediaType) ?? '') !== undefined) return true;
  return sureShapes[kind]?.(document) ?? false;
}

/**
 * What a document has to show that does not say its media type. Replies of registries and token servers are
 * not here: their members are anybody's.
 */
const sureShapes: { readonly [K in Kind]?: (document: JsonObject) => boolean } = {
  manifest: isManifest,
  'docker-manifest': isManifest,
  index: isIndex,
  'docker-manifest-list': isIndex,
  config: isConfig,
  'docker-config': isConfig,
  'docker-schema1': ({ fsLayers }) =>
    asArray(fsLayers)?.some((layer) => isDigest(asObject(layer)?.blobSum)) ?? false,
  descriptor: (document) => isType(document.mediaType) && isDigest(document.digest),
  'oci-layout': ({ imageLayoutVersion }) => asString(imageLayoutVersion) !== undefined,
  'auth-file': isAuthFile,
};

function isManifest({ config, layers }: JsonObject): boolean {
  return [config, ...(asArray(layers) ?? [])].some(isDescriptor);
}

function isIndex({ schemaVersion, manifests }: JsonObject): boolean {
  const entries = asArray(manifests);
  if (entries === undefined) return false;
  return entries.length === 0 ? schemaVersion === 2 : entries.some(isDescriptor);
}

function isDescriptor(value: unknown): boolean {
  const descriptor = asObject(value) ?? {};
  return isDigest(descriptor.digest) || isImageType(descriptor.mediaType);
}

function isConfig({ architecture, os, rootfs, config }: JsonObject): boolean {
  const { type, diff_ids } = asObject(rootfs) ?? {};
  if (type === 'layers' || asArray(diff_ids)?.some(isDigest)) return true;
  const isPlatform = asString(architecture) !== undefined && asString(os) !== undefined;
  return isPlatform && runMembers.some((member) => member in (asObject(config) ?? {}));
}

/** Members of a config's own config, which nothing else writes in these letters beside a platform. */
const runMembers = ['Env', 'Cmd', 'Entrypoint', 'WorkingDir', 'ExposedPorts', 'Labels'];

const authMembers = new Set([
  'auth',
  'username',
  'password',
  'email',
  'identitytoken',
  'registrytoken',
]);

function isAuthFile({ auths, credHelpers, credsStore }: JsonObject): boolean {
  if (asString(credsStore) !== undefined) return true;
  const helpers = asObject(credHelpers);
  if (helpers !== undefined && Object.values(helpers).every((it) => typeof it === 'string')) {
    return true;
  }
  return Object.values(asObject(auths) ?? {}).some((entry) => {
    const members = Object.keys(asObject(entry) ?? { none: 0 });
    return members.every((member) => authMembers.has(member));
  });
}

/** manifest.json of docker save, where nothing lies around it. */
function isSaveList(value: unknown): boolean {
  const entries = asArray(value) ?? [];
  return entries.some((entry) => {
    const { Config, Layers } = asObject(entry) ?? {};
    return asString(Config) !== undefined && asArray(Layers) !== undefined;
  });
}

function isDigest(value: unknown): boolean {
  return /^(?:sha256|sha384|sha512):[a-fA-F0-9]{32,128}$/.test(asString(value) ?? '');
}

function isType(value: unknown): boolean {
  return /^[\w.+-]+\/[\w.+-]+/.test(asString(value) ?? '');
}

function isImageType(value: unknown): boolean {
  return /^application\/vnd\.(?:oci\.(?:image|empty)|docker\.(?:distribution|container|image))\./.test(
    asString(value) ?? '',
  );
}
