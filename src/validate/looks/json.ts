// What a JSON document is that is none of our kinds: what tools print about images, Kubernetes, SBOMs,
// signatures, settings. Told by members that go together; values are not repeated but for media types.

import { asArray, asObject, asString, type JsonObject } from '../../lib/json.ts';
import { meantName } from '../../lib/nearest.ts';
import { documentMediaTypes } from '../kinds.ts';
import { withdrawnArtifact } from '../rules/media-role.ts';
import { quote } from '../rules/rule.ts';
import { maskUserinfo } from '../secrets.ts';
import { kubernetesLook } from './kubernetes.ts';
import { type Look, looksLike } from './look.ts';

/** Names of members apart by blanks, all of which are there; what it is; what to do. */
type Row = readonly [members: string, what: string, fix: string];

const raw =
  'Ask for the document itself: skopeo inspect --raw, or docker buildx imagetools inspect --raw.';
const image = 'Give the manifest of the image that it is about.';
const blob = 'Give the manifest that refers to it: this is the content of a blob.';
const settings = 'pullproof does not judge these; registries.conf and auth files it does.';
const daemon =
  'validate does not judge these; `pullproof explain IMAGE --client docker` says what comes of them for an image, with --root DIR of files that lie elsewhere.';
const reply = 'Ask again, and look at the status of the reply.';

/** The first that fits counts. */
const rows: readonly Row[] = [
  // What tools print about images.
  [
    'LayersData Layers',
    'what skopeo inspect prints without --raw',
    'Use skopeo inspect --raw; --config --raw for the config.',
  ],
  [
    'Name Digest Architecture Os',
    'what skopeo inspect prints without --raw',
    'Use skopeo inspect --raw; --config --raw for the config.',
  ],
  [
    'Digest RepoTags Architecture Layers',
    'what skopeo inspect prints without --raw',
    'Use skopeo inspect --raw; --config --raw for the config.',
  ],
  [
    'Ref Descriptor',
    'what docker manifest inspect -v prints',
    'Leave out -v, or use docker buildx imagetools inspect --raw.',
  ],
  ['Id HostConfig', 'what docker inspect or podman inspect prints of a container', image],
  ['Id RootFS', 'what docker image inspect or podman image inspect prints', raw],
  ['Id RepoTags', 'what docker image inspect or podman images prints', raw],
  ['Id State', 'what docker inspect or podman inspect prints of a container', image],
  ['Name IPAM', 'what docker network inspect prints', image],
  ['Name Mountpoint', 'what docker volume inspect prints', image],
  ['Repository Tag ID', 'what docker images prints', raw],
  ['Image Names ID', 'what docker ps prints', image],
  ['CreatedBy CreatedSince', 'what docker history prints', raw],
  ['createdBy created', 'what podman history prints', raw],
  ['Repository Tags', 'what skopeo list-tags prints', 'Ask the registry: /v2/NAME/tags/list.'],
  [
    'ManifestDesc ImageConfigDesc',
    'what nerdctl image inspect --mode native prints',
    'Give its member Manifest or ImageConfig alone.',
  ],
  ['media_type manifest_media_type', 'a list of artifacts of Harbor', raw],
  ['package_html_url', 'a list of versions of GitHub packages', raw],
  ['imageDetails', 'what aws ecr describe-images prints', raw],
  ['image imageId imageDigest', 'the metadata that Jib writes', 'Give what its imageDigest names.'],
  [
    'id container_config',
    'the json of a layer, as in archives of old versions of docker save',
    'Give the whole archive, or save the image again.',
  ],
  [
    'FromImage OCIv1',
    'what buildah inspect prints',
    'Give its member OCIv1 alone, which is the config; buildah push gives the manifest.',
  ],
  [
    'name manifest image',
    'what docker buildx imagetools inspect prints',
    'Use --raw, or give its member manifest alone.',
  ],
  [
    'manifest platform image',
    'what docker buildx imagetools inspect prints',
    'Use --raw, or give its member manifest alone.',
  ],
  [
    'reference content digest',
    'what oras manifest fetch --format json prints',
    'Leave out --format, or give its member content alone.',
  ],
  [
    'reference digest mediaType',
    'what oras prints about what it did',
    'Use oras manifest fetch without --format.',
  ],
  [
    'registry imageName manifests',
    'a list of manifests of Azure',
    'Use crane manifest or oras manifest fetch.',
  ],
  [
    'images failures',
    'what aws ecr batch-get-image prints',
    "Take one out: jq -r '.images[0].imageManifest'.",
  ],
  ['group target', 'what docker buildx bake --print prints', 'Build it, and give the image.'],
  ['ServerVersion', 'what docker info prints', settings],
  ['Client Server', 'what docker version prints', settings],
  ['host store', 'what podman info prints', settings],
  // Kubernetes, composing, building.
  ['apiVersion name version', 'the config of a Helm chart', blob],
  ['ociVersion', 'the config.json of a runtime bundle', 'Give the image that it was made of.'],
  ['cniVersion', 'the settings of a CNI plugin', settings],
  // Signatures, attestations, SBOMs, reports.
  ['verificationMaterial', 'a sigstore bundle', blob],
  ['base64Signature', 'a bundle of cosign', blob],
  ['critical optional', 'the payload of a signature by cosign or podman', blob],
  ['payloadType payload', 'a DSSE envelope', `Its payload is Base64 of what was signed. ${blob}`],
  ['_type predicateType', 'a statement of in-toto', blob],
  ['buildType invocation', 'a provenance of SLSA', blob],
  ['payload protected signature', 'a signature (JWS), as of Notation', blob],
  ['signed signatures', 'metadata of TUF', 'Give a manifest; a client of TUF judges this.'],
  ['spdxVersion', 'an SBOM (SPDX)', image],
  ['bomFormat', 'an SBOM (CycloneDX)', image],
  ['@context @graph', 'JSON-LD, such as an SBOM (SPDX 3)', image],
  ['@context statements', 'a VEX document (OpenVEX)', image],
  ['artifacts artifactRelationships', 'an SBOM of syft', image],
  ['artifacts source distro', 'an SBOM of syft', image],
  ['logIndex integratedTime', 'an entry of the log Rekor', image],
  ['matches source descriptor', 'a report of grype', image],
  ['ArtifactName Results', 'a report of trivy', image],
  ['runs version', 'a report in SARIF', image],
  // Files of clients and engines.
  [
    'ServerURL Secret',
    'the reply of a credential helper',
    'Give the auth file that names the helper.',
  ],
  [
    'authorizationData',
    'the reply of aws ecr get-authorization-token',
    'Log in with it: aws ecr get-login-password | docker login --password-stdin.',
  ],
  [
    'private_key client_email',
    'the key of a Google service account',
    'Log in with it as the password of the user _json_key.',
  ],
  ['registry-mirrors', 'the daemon.json of Docker', daemon],
  ['insecure-registries', 'the daemon.json of Docker', daemon],
  [
    'names big-data-names',
    'a list of images of containers/storage',
    'Give the image: skopeo copy containers-storage:NAME oci:FOLDER.',
  ],
  ['Repositories', 'the list of images of Docker', 'Give the image: docker save NAME.'],
  // Replies of other interfaces.
  [
    'count results',
    'a reply of the interface of Docker Hub',
    'Ask the registry: /v2/NAME/tags/list.',
  ],
  [
    'has_additional page',
    'a reply of the interface of Quay',
    'Ask the registry: /v2/NAME/tags/list.',
  ],
  ['status error path', 'the error of a web server', reply],
  ['type title status', 'an error of a web server (RFC 9457)', reply],
  ['__type message', 'an error of AWS', reply],
  ['message documentation_url', 'an error of GitHub', reply],
  ['error error_description', 'the error of a token server', reply],
  // Other files.
  ['$schema', 'a JSON Schema, or a file that names one', 'Give the document itself.'],
  ['schema verb verdict', 'the results of pullproof', 'Show them by pullproof report.'],
  ['lockfileVersion', 'the lock file of npm', 'Give the document itself.'],
  ['name version dependencies', 'a package.json', 'Give the document itself.'],
  ['compilerOptions', 'a tsconfig.json', 'Give the document itself.'],
];

const tests = rows.map(([members, what, fix]) => ({ members: members.split(' '), what, fix }));

const withdrawnFix =
  'Use an image manifest with artifactType and subject, as oras and cosign write it today.';

/** Names of members that are repeated; more of them help nobody. */
const namedMax = 5;

/** What a value of JSON is; undefined where no row fits. Asked of documents that might be ours, too. */
export function knownLook(value: unknown): Look | undefined {
  const document = asObject(value) ?? asObject(asArray(value)?.[0]);
  if (document === undefined) return undefined;
  const mediaType = asString(document.mediaType) ?? '';
  const isBlobList = mediaType === '' && 'blobs' in document && 'artifactType' in document;
  if (isBlobList || withdrawnArtifact.test(mediaType)) {
    const named = isBlobList ? 'without mediaType' : `(${mediaType})`;
    const what = `an artifact manifest ${named}, which was removed before image-spec 1.1`;
    return looksLike(what, withdrawnFix);
  }
  const kubernetes = kubernetesLook(document);
  if (kubernetes !== undefined) return kubernetes;
  if (hasReferences(document) || Object.hasOwn(document, 'referrers')) return discovered;
  const row = tests.find(({ members }) => members.every((name) => Object.hasOwn(document, name)));
  if (row !== undefined) return looksLike(row.what, row.fix);
  if (isBuildMetadata(document)) return buildMetadata;
  if (isCri(document)) return looksLike('what crictl prints about images', raw);
  if (isTagTable(document)) return tagTable;
  if (isCompose(document)) return compose;
  if (isPolicy(document)) return looksLike('the policy.json of podman and skopeo', settings);
  return isError(document)
    ? looksLike('an error, though not as registries write it', reply)
    : undefined;
}

const compose = looksLike(
  'a compose file',
  'Give the images that it names: docker compose config --images.',
);
function isCompose(document: JsonObject): boolean {
  const services = Object.values(asObject(document.services) ?? {}).map((it) => asObject(it) ?? {});
  return services.some((service) => 'image' in service || 'build' in service);
}

function isPolicy(document: JsonObject): boolean {
  return asString(asObject(asArray(document.default)?.[0])?.type) !== undefined;
}

/** Of inspecti the status, of images one of the list. */
function isCri({ status, images }: JsonObject): boolean {
  return [status, asArray(images)?.[0]].some((it) => 'repoDigests' in (asObject(it) ?? {}));
}

const tagTable = looksLike(
  'the file repositories of a docker save archive',
  'Give the whole archive; manifest.json is the document in it.',
);
function isTagTable(document: JsonObject): boolean {
  const tags = Object.values(document).flatMap((it) => Object.values(asObject(it) ?? { '': '' }));
  return tags.length > 0 && tags.every((it) => /^[0-9a-f]{64}$/.test(asString(it) ?? ''));
}

const errorMembers =
  /^(?:error|message|msg|detail|details|code|status|statusCode|path|timestamp|requestId)$/i;
function isError(document: JsonObject): boolean {
  const names = Object.keys(document);
  return (
    names.some((name) => /^(?:error|message|detail)$/i.test(name)) &&
    names.every((name) => errorMembers.test(name))
  );
}

const discovered = looksLike(
  'what oras discover prints',
  'Use crane manifest, or ask the registry: GET /v2/NAME/referrers/DIGEST.',
);
/** Before oras 1.3 it names no reference of its own. */
function hasReferences(document: JsonObject): boolean {
  return Object.hasOwn(asObject(asArray(document.manifests)?.[0]) ?? {}, 'reference');
}

const buildMetadata = looksLike(
  'a metadata file of docker buildx',
  'Give what its containerimage.digest names.',
);
function isBuildMetadata(document: JsonObject): boolean {
  return Object.entries(document).some(
    ([name, value]) =>
      /^(?:buildx\.build|containerimage)\./.test(name) ||
      'containerimage.digest' in (asObject(value) ?? {}),
  );
}

/** What a value of JSON is that is no document of ours. `isFollowed`: there is more behind it. */
export function lookOfJson(
  value: unknown,
  contentType: string | undefined,
  isFollowed: boolean,
): Look {
  if (typeof value === 'string' && /^\s*[{[]/.test(value)) return quotedLook;
  return knownLook(value) ?? (isFollowed ? severalLook : describe(value, contentType));
}

const quotedLook = looksLike('JSON inside a string of JSON', 'Take it out: jq -r . FILE.');

const severalLook = looksLike(
  'several JSON values one after another, as of JSON lines',
  'Give each document as a file of its own.',
);

const fix = 'Say by --kind what it is, if pullproof knows it: `pullproof list kinds`.';

/** In the last resort: by media type and members. */
function describe(value: unknown, contentType: string | undefined): Look {
  const document = asObject(value);
  if (document === undefined) {
    const first = asObject(asArray(value)?.[0]);
    const members =
      first === undefined || Object.keys(first).length === 0
        ? ''
        : `; of the first the ${membersOf(first)}`;
    return { detail: `the document is ${typeName(value)}${members}`, fix };
  }
  const mediaType = asString(document.mediaType);
  if (mediaType !== undefined && mediaType !== '') {
    const meant = meantName(mediaType, documentMediaTypes);
    const perhaps = meant === undefined ? '' : `, perhaps ${meant} is meant`;
    return {
      detail: `pullproof knows no documents of mediaType ${quote(mediaType)}${perhaps}`,
      fix,
    };
  }
  const came = contentType === undefined ? '' : `, it came as ${quote(contentType)}`;
  const members =
    Object.keys(document).length === 0 ? 'it is an empty object' : `its ${membersOf(document)}`;
  return { detail: `no document that pullproof knows is like this: ${members}${came}`, fix };
}

function membersOf(document: JsonObject): string {
  const names = Object.keys(document);
  const shown = names.slice(0, namedMax).map((name) => quote(maskUserinfo(name)));
  const more = names.length > shown.length ? ` and ${names.length - shown.length} more` : '';
  return `members are ${shown.join(', ')}${more}`;
}

function typeName(value: unknown): string {
  const list = asArray(value);
  if (list !== undefined)
    return list.length === 0 ? 'an empty array' : `an array of ${list.length}`;
  return value === null ? 'null' : `a ${typeof value}`;
}
