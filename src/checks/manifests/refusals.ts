// distribution-spec, "Pushing Manifests": what a registry must not take, and how it refuses it.

import { mediaTypes } from '../../protocol/grammar/media-type.ts';
import type { HttpReply, Talk } from '../../protocol/talk.ts';
import type { Check, CheckContext } from '../check.ts';
import { expectAbsent, expectBlobThere, givenBlob } from '../kit/blobs.ts';
import { type Content, contentOf, freshContent } from '../kit/content.ts';
import { givenDeleted } from '../kit/deletion.ts';
import { describe, expectStatus } from '../kit/expect.ts';
import { given, notGiven } from '../kit/given.ts';
import {
  bare,
  descriptorOf,
  image,
  index,
  list,
  type ManifestFixture,
  manifest,
  type PushedManifest,
  utf8,
} from '../kit/manifests.ts';
import { expectCode, expectRefusal, hasCode } from '../kit/refusal.ts';
import { expectManifest, givenImage, givenPushed, put } from '../kit/stored.ts';
import { ownTag } from '../kit/tags.ts';

const section = 'distribution-spec/spec.md#pushing-manifests';
/** Above what registries take; they may take more. */
const tooLargeBytes = 5 * 1024 * 1024;

/** Bytes that are no manifest, or not the one that they are said to be. */
interface Garbage {
  readonly id: string;
  readonly requirement: string;
  /** From a manifest that would be fine, whose blobs are there. */
  spoil(sound: ManifestFixture): PushedManifest;
}

const garbage: readonly Garbage[] = [
  {
    id: 'empty',
    requirement: 'PUT of a manifest without a body is refused.',
    spoil: (sound) => ({ ...sound, content: contentOf(new Uint8Array(0)) }),
  },
  {
    id: 'truncated',
    requirement: 'PUT of half a manifest is refused.',
    spoil: (sound) => bytesOf(sound, (text) => text.slice(0, text.length >> 1)),
  },
  {
    id: 'no-json',
    requirement: 'PUT of a manifest that is no JSON is refused.',
    spoil: (sound) => bytesOf(sound, (text) => `no manifest: ${text.length}`),
  },
  {
    id: 'no-object',
    requirement: 'PUT of a manifest that is a JSON array is refused.',
    spoil: (sound) => bytesOf(sound, (text) => `[${text}]`),
  },
  {
    id: 'no-utf8',
    requirement: 'PUT of a manifest that is not UTF-8 is refused.',
    // In a value that nobody needs: in a key the refusal could be for the field that is missing then.
    spoil: (sound) => {
      const { bytes } = sound.content;
      const open = bytes.subarray(0, bytes.lastIndexOf(0x7d));
      const value = [utf8(',"annotations":{"org.example.name":"'), [0xff], utf8('"}}')];
      return { ...sound, content: contentOf(Buffer.concat([open, ...value.map(Buffer.from)])) };
    },
  },
  {
    id: 'type-mismatch',
    requirement: 'PUT of an image manifest that Content-Type calls an index is refused.',
    spoil: (sound) => ({ ...sound, mediaType: mediaTypes.ociIndex }),
  },
  {
    id: 'digest-field-malformed',
    requirement: 'PUT of an image manifest whose config has no valid digest is refused.',
    spoil: (sound) => bytesOf(sound, (text) => text.replace(/sha256:[a-f0-9]{60}/, 'sha256:')),
  },
];

const garbageChecks = garbage.map(
  ({ id: kind, requirement, spoil }): Check => ({
    id: `manifest-refuse-${kind}`,
    level: 'COMPAT',
    section,
    requirement,
    why: 'What is taken and cannot be read is found out by whoever deploys it.',
    needs: ['push'],
    dependsOn: ['manifest-put-image'],
    *run(context) {
      const id = `manifest-refuse-${kind}`;
      const sound = yield* givenImage(context, id);
      const { reply } = yield* put(context, ownTag(context, id), spoil(sound));
      expectRefusal(reply, 'content');
      return `${reply.status}`;
    },
  }),
);

/** Digests that a manifest is pushed to and that are not its own. */
const wrongDigests = [
  {
    id: 'digest-other',
    level: 'MUST',
    requirement: 'PUT of a manifest to the digest of other bytes is refused, and stores nothing.',
    digestOf: (context: CheckContext, id: string) => freshContent(context, id, 100).digest,
  },
  {
    id: 'digest-other-sha512',
    level: 'MUST',
    requirement:
      'PUT of a manifest to the sha512 digest of other bytes is refused, and stores nothing.',
    digestOf: (context: CheckContext, id: string) =>
      freshContent(context, id, 100, 'sha512').digest,
  },
  {
    id: 'digest-malformed',
    level: 'COMPAT',
    requirement: 'PUT of a manifest to a malformed digest is refused.',
    digestOf: () => 'sha256:abc',
  },
  {
    id: 'digest-unknown-algorithm',
    level: 'COMPAT',
    requirement: 'PUT of a manifest to a digest of an algorithm that nobody knows is refused.',
    digestOf: ({ nonce }: CheckContext) => `pullproof+none:${nonce.repeat(8)}`,
  },
] as const;

const wrongDigestChecks = wrongDigests.map(
  ({ id: kind, level, requirement, digestOf }): Check => ({
    id: `manifest-refuse-${kind}`,
    level,
    section,
    requirement,
    why: 'Whoever pulls by digest trusts that the bytes are those.',
    needs: ['push'],
    dependsOn: ['manifest-put-image'],
    *run(context) {
      const id = `manifest-refuse-${kind}`;
      const fixture = yield* givenImage(context, id);
      const digest = digestOf(context, id);
      const { reply } = yield* put(context, digest, fixture);
      expectRefusal(reply, 'digest');
      if (level === 'MUST') yield* expectAbsent(context, `manifests/${digest}`);
      return `${reply.status}`;
    },
  }),
);

/** Images and indexes that name what is not there. */
const incomplete: readonly {
  readonly id: string;
  readonly what: string;
  make(context: CheckContext, id: string): { fixture: ManifestFixture; blobs: readonly Content[] };
}[] = [
  {
    id: 'config',
    what: 'an image whose config is not there',
    make: (context, id) => {
      const fixture = image(context, id);
      return { fixture, blobs: fixture.blobs.slice(1) };
    },
  },
  {
    id: 'layer',
    what: 'an image whose layer is not there',
    make: (context, id) => {
      const fixture = image(context, id);
      return { fixture, blobs: fixture.blobs.slice(0, 1) };
    },
  },
  {
    id: 'one-of-many',
    what: 'an image that lacks one of its layers',
    make: (context, id) => {
      const all = [1, 2, 3].map((n) => freshContent(context, `${id} ${n}`, 100));
      const [config, ...layers] = all as [Content, Content, Content];
      const listed = layers.map((layer) => descriptorOf(mediaTypes.ociLayerTar, layer));
      const fields = { config: descriptorOf(mediaTypes.ociConfig, config), layers: listed };
      return { fixture: manifest(fields, all), blobs: all.slice(0, 2) };
    },
  },
];

const incompleteChecks = incomplete.map(
  ({ id: kind, what, make }): Check => ({
    id: `manifest-refuse-missing-${kind}`,
    level: 'COMPAT',
    section: 'distribution-spec/spec.md#push',
    requirement: `PUT of ${what} is refused, and stores nothing.`,
    why: 'The spec permits to take it, yet then a push that went wrong is found out by who pulls.',
    needs: ['push'],
    dependsOn: ['manifest-put-image'],
    *run(context) {
      const id = `manifest-refuse-missing-${kind}`;
      yield* givenImage(context, `${id} before`);
      const { fixture, blobs } = make(context, id);
      for (const blob of blobs) yield* givenBlob(context, blob);
      const tag = ownTag(context, id);
      const { reply } = yield* put(context, tag, fixture);
      expectRefusal(reply, 'missing');
      for (const reference of [tag, fixture.content.digest]) {
        yield* expectAbsent(context, `manifests/${reference}`);
      }
      return `${reply.status}`;
    },
  }),
);

/** Layers that the registry has, or had, and the repository has not. */
const misleading: readonly {
  readonly id: string;
  readonly what: string;
  readonly isAlone?: true;
  /** See Check. */
  readonly dependsOn: readonly string[];
  leave(context: CheckContext, layer: Content): Talk<void>;
}[] = [
  {
    id: 'elsewhere',
    what: 'in another repository alone',
    dependsOn: ['upload-post-put'],
    leave: (context, layer) => givenBlob(context, layer, context.otherRepository),
  },
  {
    id: 'deleted',
    what: 'deleted',
    isAlone: true,
    dependsOn: ['upload-post-put', 'delete-blob'],
    *leave(context, layer) {
      yield* givenBlob(context, layer);
      const below = `blobs/${layer.digest}`;
      yield* givenDeleted(context, below, 'blobs', 'delete-blob');
      yield* given(context, 'delete-blob', () => expectAbsent(context, below));
    },
  },
];

const misleadingChecks = misleading.map(
  ({ id: kind, what, leave, ...rest }): Check => ({
    ...rest,
    id: `manifest-refuse-missing-${kind}`,
    level: 'COMPAT',
    section: 'distribution-spec/spec.md#push',
    requirement: `PUT of an image whose layer is ${what} is refused, or makes the layer be there.`,
    why: 'The spec permits to take it, yet then a push that went wrong is found out by who pulls.',
    needs: ['push'],
    *run(context) {
      const id = `manifest-refuse-missing-${kind}`;
      const fixture = image(context, id);
      const [config, layer] = fixture.blobs as [Content, Content];
      yield* givenBlob(context, config);
      yield* leave(context, layer);
      const { reply } = yield* put(context, ownTag(context, id), fixture);
      if (reply.status === 201) yield* expectBlobThere(context, layer);
      else expectRefusal(reply, 'missing');
      return `${reply.status}`;
    },
  }),
);

const otherChecks: readonly Check[] = [
  {
    id: 'manifest-refuse-digest-known',
    level: 'MUST',
    section,
    requirement:
      'PUT of other bytes to the digest of a manifest that is there is refused, and changes nothing.',
    why: 'Whoever pulls by digest trusts that the bytes are those.',
    needs: ['push'],
    dependsOn: ['manifest-put-image'],
    *run(context) {
      const id = 'manifest-refuse-digest-known';
      const known = yield* givenImage(context, `${id} known`);
      const fixture = yield* givenImage(context, id);
      const { digest } = known.content;
      const { reply } = yield* put(context, digest, fixture);
      expectRefusal(reply, 'digest');
      yield* expectManifest(context, digest, known);
      return `${reply.status}`;
    },
  },
  {
    id: 'manifest-wrong-digest-code',
    level: 'COMPAT',
    section: 'distribution-spec/spec.md#error-codes',
    requirement: 'PUT of a manifest to the digest of other bytes is refused with DIGEST_INVALID.',
    why: 'By this code a client knows that its bytes were damaged on the way, and sends them again.',
    needs: ['push'],
    dependsOn: ['manifest-refuse-digest-other'],
    *run(context) {
      const id = 'manifest-wrong-digest-code';
      const fixture = yield* givenImage(context, id);
      const { reply } = yield* put(context, freshContent(context, id, 100).digest, fixture);
      if (reply.status < 400 || reply.status >= 500) {
        throw notGiven(context, 'manifest-refuse-digest-other', describe(reply));
      }
      return expectCode(reply, 'DIGEST_INVALID');
    },
  },
  {
    id: 'manifest-invalid-code',
    level: 'COMPAT',
    section: 'distribution-spec/spec.md#error-codes',
    requirement: 'PUT of a manifest that is no JSON is refused with MANIFEST_INVALID.',
    why: 'By this code a client tells a manifest that nobody takes from trouble of the registry.',
    needs: ['push'],
    dependsOn: ['manifest-refuse-no-json'],
    *run(context) {
      const id = 'manifest-invalid-code';
      const sound = yield* givenImage(context, id);
      const spoilt = bytesOf(sound, () => 'no manifest');
      const { reply } = yield* put(context, ownTag(context, id), spoilt);
      if (reply.status < 400 || reply.status >= 500) {
        throw notGiven(context, 'manifest-refuse-no-json', describe(reply));
      }
      return expectCode(reply, 'MANIFEST_INVALID');
    },
  },
  {
    id: 'manifest-missing-code',
    level: 'MUST',
    section: 'distribution-spec/spec.md#push',
    requirement:
      'A manifest is refused for what it names and is not there by MANIFEST_BLOB_UNKNOWN alone.',
    why: 'By this code a client knows that it has to push a layer again.',
    needs: ['push'],
    dependsOn: ['manifest-put-image', 'manifest-put-index'],
    *run(context) {
      const id = 'manifest-missing-code';
      yield* givenImage(context, `${id} before`);
      const child = bare(context, `${id} child`, {});
      const entry = descriptorOf(child.mediaType, child.content);
      const fixture = image(context, id);
      const [config] = fixture.blobs as [Content];
      yield* givenBlob(context, config);
      const tries: readonly [pushed: ManifestFixture, whole?: ManifestFixture][] = [
        [fixture],
        [list({ manifests: [entry] }, [], []), index(context, `${id} whole`)],
      ];
      const said: string[] = [];
      for (const [pushed, whole] of tries) {
        const { reply } = yield* put(context, pushed.content.digest, pushed);
        if (reply.status === 201) said.push('taken');
        else {
          yield* expectMissingSaid(context, reply, whole);
          said.push(expectCode(reply, 'MANIFEST_BLOB_UNKNOWN'));
        }
      }
      return `image: ${said[0]}; index: ${said[1]}`;
    },
  },
  {
    id: 'manifest-too-large',
    level: 'SHOULD',
    section,
    requirement: 'A manifest that is larger than the registry takes is answered 413.',
    why: 'By this status a client can say what is wrong; a reset or a 5xx is tried again for ever.',
    needs: ['push'],
    dependsOn: ['manifest-put-image'],
    *run(context) {
      const fixture = yield* givenImage(context, 'manifest-too-large');
      const blanks = utf8(' '.repeat(tooLargeBytes - fixture.content.size));
      const content = contentOf(Buffer.concat([fixture.content.bytes, blanks]));
      const { reply } = yield* put(context, content.digest, { ...fixture, content });
      expectStatus(reply, 201, 413);
      return `${tooLargeBytes} bytes: ${reply.status}`;
    },
  },
  {
    id: 'manifest-type-parameter',
    level: 'SHOULD',
    section,
    requirement: 'Parameters of the Content-Type that a manifest is pushed with are ignored.',
    why: 'HTTP libraries add a charset of their own accord.',
    needs: ['push'],
    dependsOn: ['manifest-put-image'],
    *run(context) {
      const id = 'manifest-type-parameter';
      const fixture = yield* givenImage(context, id);
      const mediaType = `${fixture.mediaType}; charset=utf-8`;
      const { reply } = yield* put(context, ownTag(context, id), { ...fixture, mediaType });
      expectStatus(reply, 201);
      return '201';
    },
  },
  {
    id: 'manifest-other-repository',
    level: 'MUST',
    section: 'distribution-spec/spec.md#pulling-manifests',
    requirement: 'A manifest that was pushed to one repository is 404 in another.',
    why: 'Repositories have different readers: what is in one must not be read through another.',
    needs: ['push'],
    dependsOn: ['manifest-put-image'],
    *run(context) {
      const id = 'manifest-other-repository';
      const { otherRepository } = context;
      const tag = ownTag(context, id);
      const fixture = yield* givenImage(context, id, [tag]);
      yield* givenImage(context, `${id} there`, undefined, otherRepository);
      for (const reference of [tag, fixture.content.digest]) {
        yield* expectAbsent(context, `manifests/${reference}`, otherRepository);
      }
      return `404 in ${otherRepository}`;
    },
  },
];

export const manifestRefusalChecks: readonly Check[] = [
  ...garbageChecks,
  ...wrongDigestChecks,
  ...incompleteChecks,
  ...misleadingChecks,
  ...otherChecks,
];

/**
 * By its code, whatever the status. Else it may be refused for its kind, as `whole` then is, which has all that it names.
 * @throws Void
 */
function* expectMissingSaid(
  context: CheckContext,
  reply: HttpReply,
  whole?: ManifestFixture,
): Talk<void> {
  if (hasCode(reply, 'MANIFEST_BLOB_UNKNOWN')) return;
  if (whole !== undefined) yield* givenPushed(context, whole);
  expectRefusal(reply, 'missing');
}

function bytesOf(sound: ManifestFixture, change: (text: string) => string): PushedManifest {
  const text = new TextDecoder().decode(sound.content.bytes);
  return { ...sound, content: contentOf(utf8(change(text))) };
}
