// Manifests that checks push, each with all that it needs: content of its own for every name.
import { mediaTypes } from '../../protocol/grammar/media-type.ts';
import type { CheckContext } from '../check.ts';
import { type Content, contentOf, freshContent, jsonContent } from './content.ts';

/** A manifest, and the type that it is pushed with. */
export interface PushedManifest {
  readonly content: Content;
  readonly mediaType: string;
}

/** A manifest that checks push, with all that has to be there before it. */
export interface ManifestFixture extends PushedManifest {
  readonly blobs: readonly Content[];
  /** Manifests that it lists, each after those that it lists itself. */
  readonly children: readonly PushedManifest[];
}

/** Image-spec guidance, "empty descriptor". */
const empty = jsonContent({});

/** A config and a layer of its own. */
export function image(context: CheckContext, name: string, fields: object = {}): ManifestFixture {
  const layer = freshContent(context, `${name} layer`, 500);
  const config = configOf('amd64', [layer]);
  const layers = [descriptorOf(mediaTypes.ociLayerTar, layer)];
  const own = { config: descriptorOf(mediaTypes.ociConfig, config), layers };
  return manifest({ ...own, ...fields }, [config, layer]);
}

/** The quickest image to push: a config of its own is all. */
export function bare(context: CheckContext, name: string, fields: object): ManifestFixture {
  const config = configOf('amd64', [freshContent(context, name, 10)]);
  const own = { config: descriptorOf(mediaTypes.ociConfig, config), layers: [] };
  return manifest({ ...own, ...fields }, [config]);
}

/** An index of two images. */
export function index(context: CheckContext, name: string, fields: object = {}): ManifestFixture {
  const children = ['amd64', 'arm64'].map((each) => bare(context, `${name} ${each}`, {}));
  const manifests = children.map(({ mediaType, content }, at) => {
    const platform = { os: 'linux', architecture: at === 0 ? 'amd64' : 'arm64' };
    return { ...descriptorOf(mediaType, content), platform };
  });
  const blobs = children.flatMap((child) => child.blobs);
  return list({ manifests, ...fields }, children, blobs);
}

/** One file and the empty config. */
export function artifact(context: CheckContext, name: string, fields: object): ManifestFixture {
  const file = freshContent(context, `${name} file`, 400);
  const config = descriptorOf(mediaTypes.ociEmpty, empty);
  const layers = [descriptorOf('application/vnd.pullproof.file', file)];
  return manifest({ config, layers, ...fields }, [empty, file]);
}

/** An image of Docker schema 2. */
export function dockerImage(context: CheckContext, name: string): ManifestFixture {
  const layer = freshContent(context, `${name} layer`, 500);
  const config = configOf('amd64', [layer]);
  const mediaType = mediaTypes.dockerManifest;
  const content = jsonContent({
    schemaVersion: 2,
    mediaType,
    config: descriptorOf(mediaTypes.dockerConfig, config),
    layers: [descriptorOf(mediaTypes.dockerLayerGzip, layer)],
  });
  return { content, mediaType, blobs: [config, layer], children: [] };
}

/** An OCI image manifest of these fields. */
export function manifest(fields: object, blobs: readonly Content[]): ManifestFixture {
  const mediaType = mediaTypes.ociManifest;
  const content = jsonContent({ schemaVersion: 2, mediaType, ...fields });
  return { content, mediaType, blobs, children: [] };
}

/** An OCI index of these fields. */
export function list(
  fields: object,
  children: readonly PushedManifest[],
  blobs: readonly Content[],
): ManifestFixture {
  const mediaType = mediaTypes.ociIndex;
  const content = jsonContent({ schemaVersion: 2, mediaType, ...fields });
  return { content, mediaType, blobs, children };
}

/** The same document in other bytes. */
export function rewritten(
  fixture: ManifestFixture,
  rewrite: (text: string) => string,
): ManifestFixture {
  const text = new TextDecoder().decode(fixture.content.bytes);
  return { ...fixture, content: contentOf(utf8(rewrite(text))) };
}

/** The manifest as another one names it. */
export function subjectOf({ mediaType, content }: PushedManifest) {
  return descriptorOf(mediaType, content);
}

/** Makes a manifest without content of its own different from all others. */
export function named({ nonce }: CheckContext, name: string): Record<string, string> {
  return { 'org.example.name': `${nonce} ${name}` };
}

export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Config of an image whose layers are not compressed. */
export function configOf(architecture: string, layers: readonly Content[]): Content {
  return jsonContent({
    created: '2026-01-01T00:00:00Z',
    os: 'linux',
    architecture,
    config: {},
    // Plain layers: their bytes are what they are unpacked to.
    rootfs: { type: 'layers', diff_ids: layers.map(({ digest }) => digest) },
  });
}

export function descriptorOf(mediaType: string, { digest, size }: Content) {
  return { mediaType, digest, size };
}
