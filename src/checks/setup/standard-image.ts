// The image that a full run pushes for the checks of pulling: an index of two platforms, each with a
// config and two layers, one layer shared.
import { mediaTypes } from '../../protocol/grammar/media-type.ts';
import type { Talk } from '../../protocol/talk.ts';
import { type CheckContext, Void } from '../check.ts';
import { givenBlob } from '../kit/blobs.ts';
import { commonContents, freshContent, jsonContent } from '../kit/content.ts';
import { configOf, descriptorOf } from '../kit/manifests.ts';
import { givenManifest } from '../kit/stored.ts';

/** Tag of the standard image of a run. */
export function standardTag(context: Pick<CheckContext, 'nonce'>): string {
  return `pullproof-${context.nonce}`;
}

/** Pushes the image. @throws Void when the registry does not let us */
export function* pushStandardImage(context: CheckContext): Talk<void> {
  const shared = freshContent(context, 'shared layer', 1_500);
  const entries: object[] = [];
  for (const architecture of ['amd64', 'arm64']) {
    const own = freshContent(context, `layer of ${architecture}`, 20_000);
    const config = configOf(architecture, [shared, own]);
    for (const blob of [shared, own, config]) yield* givenBlob(context, blob);
    const manifest = jsonContent({
      schemaVersion: 2,
      mediaType: mediaTypes.ociManifest,
      config: descriptorOf(mediaTypes.ociConfig, config),
      layers: [shared, own].map((layer) => descriptorOf(mediaTypes.ociLayerTar, layer)),
    });
    yield* givenManifest(context, manifest.digest, manifest, mediaTypes.ociManifest);
    const platform = { os: 'linux', architecture };
    entries.push({ ...descriptorOf(mediaTypes.ociManifest, manifest), platform });
  }
  const index = { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: entries };
  yield* givenManifest(context, standardTag(context), jsonContent(index), mediaTypes.ociIndex);
  yield* pushCommonContents(context);
}

/**
 * What many checks name is there before any of them: docker-registry 2.8 refuses a manifest while a blob
 * that it names is pushed once more, as it writes links in place. Where this push does not work, the
 * checks push it themselves.
 */
function* pushCommonContents(context: CheckContext): Talk<void> {
  for (const content of commonContents) {
    try {
      yield* givenBlob(context, content);
    } catch (error) {
      if (!(error instanceof Void)) throw error;
    }
  }
}
