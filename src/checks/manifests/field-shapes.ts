// Manifests of builders and copiers that registries were seen to refuse or to lose: each is pushed and read back, in
// one check. Where a plainer one fares no better, the checks of that one tell, and this one is void.
import type { CheckLevel } from '../../../reports/results.ts';
import { mediaTypes } from '../../protocol/grammar/media-type.ts';
import type { Talk } from '../../protocol/talk.ts';
import { Broken, type Check, type CheckContext } from '../check.ts';
import { freshContent } from '../kit/content.ts';
import { expectStatus } from '../kit/expect.ts';
import { given } from '../kit/given.ts';
import {
  bare,
  configOf,
  descriptorOf,
  dockerImage,
  image,
  index,
  list,
  type ManifestFixture,
  manifest,
} from '../kit/manifests.ts';
import { expectManifest, givenNeeded, put } from '../kit/stored.ts';

type Build = (context: CheckContext, name: string) => ManifestFixture;

interface FieldShape {
  /** Part of the check's id. */
  readonly id: string;
  /** What it is, to go on after "PUT of". */
  readonly title: string;
  readonly why: string;
  readonly level: CheckLevel;
  readonly build: Build;
  /** What it is without the thing that is odd about it: the id of a shape (shapes.ts), and one of that kind. */
  readonly plainId: string;
  readonly plain: Build;
}

/** Of no layer that anybody pushes here; beyond 32 bits, whether they are signed or not. */
const hugeBytes = 4_500_000_000;

const shapes: readonly FieldShape[] = [
  {
    id: 'index-twice',
    title: 'an index that lists the same manifest twice',
    why: 'Builds that are the same for two platforms are one manifest, which the index then names for both.',
    level: 'MUST',
    build: (context, name) => {
      const child = bare(context, name, {});
      const manifests = ['amd64', 'arm64'].map((architecture) => ({
        ...descriptorOf(child.mediaType, child.content),
        platform: { os: 'linux', architecture },
      }));
      return list({ manifests }, [child], child.blobs);
    },
    plainId: 'index',
    plain: (context, name) => index(context, name),
  },
  {
    id: 'index-attestation',
    title: 'an index with an attestation for the platform unknown/unknown, as BuildKit makes it',
    why: 'Docker builds so unless it is told otherwise: the push of every image fails.',
    // The values of os and architecture SHOULD be those of Go (image-spec, image-index.md).
    level: 'COMPAT',
    build: (context, name) => {
      const subject = bare(context, name, {});
      const statement = freshContent(context, `${name} statement`, 200);
      const config = configOf('unknown', [statement]);
      const layers = [descriptorOf('application/vnd.in-toto+json', statement)];
      const own = { config: descriptorOf(mediaTypes.ociConfig, config), layers };
      const attestation = manifest(own, [config, statement]);
      const entries = [
        {
          ...descriptorOf(subject.mediaType, subject.content),
          platform: { architecture: 'amd64', os: 'linux' },
        },
        {
          ...descriptorOf(attestation.mediaType, attestation.content),
          annotations: {
            'vnd.docker.reference.digest': subject.content.digest,
            'vnd.docker.reference.type': 'attestation-manifest',
          },
          platform: { architecture: 'unknown', os: 'unknown' },
        },
      ];
      const blobs = [...subject.blobs, ...attestation.blobs];
      return list({ manifests: entries }, [subject, attestation], blobs);
    },
    plainId: 'index',
    plain: (context, name) => index(context, name),
  },
  {
    id: 'index-variants',
    title: 'an index of platforms with variant, os.version and os.features',
    why: 'Images for Windows and for several kinds of arm cannot be told apart without them.',
    level: 'MUST',
    build: (context, name) => {
      const children = ['arm', 'windows'].map((each) => bare(context, `${name} ${each}`, {}));
      const platforms = [
        { os: 'linux', architecture: 'arm', variant: 'v7' },
        {
          os: 'windows',
          architecture: 'amd64',
          'os.version': '10.0.20348.1',
          'os.features': ['win32k'],
        },
      ];
      const manifests = children.map(({ mediaType, content }, at) => ({
        ...descriptorOf(mediaType, content),
        platform: platforms[at],
      }));
      const blobs = children.flatMap((child) => child.blobs);
      return list({ manifests }, children, blobs);
    },
    plainId: 'index',
    plain: (context, name) => index(context, name),
  },
  {
    id: 'index-docker',
    title: 'an OCI index of Docker images',
    why: 'Tools that put platforms together make an OCI index of whatever images there are.',
    level: 'COMPAT',
    build: (context, name) => {
      const child = dockerImage(context, name);
      const platform = { os: 'linux', architecture: 'amd64' };
      const manifests = [{ ...descriptorOf(child.mediaType, child.content), platform }];
      return list({ manifests }, [child], child.blobs);
    },
    plainId: 'index',
    plain: (context, name) => index(context, name),
  },
  {
    id: 'zstd-layers',
    title: 'an image whose layer is compressed by zstd',
    why: 'containerd and BuildKit push such layers, and pull them twice as fast.',
    level: 'MUST',
    build: (context, name) => {
      const layer = freshContent(context, `${name} layer`, 500);
      const fixture = bare(context, name, {
        layers: [descriptorOf(mediaTypes.ociLayerZstd, layer)],
      });
      return { ...fixture, blobs: [...fixture.blobs, layer] };
    },
    plainId: 'image',
    plain: (context, name) => image(context, name),
  },
  {
    id: 'huge-layer',
    title: `an image with a non-distributable layer of ${hugeBytes} bytes, which lies elsewhere`,
    why: 'Layers of machine learning have more bytes than 32 bits can count.',
    // The layer is not in the registry, which may refuse what names such content.
    level: 'COMPAT',
    build: (context, name) => foreign(context, name, hugeBytes),
    plainId: 'foreign-layers',
    plain: (context, name) => foreign(context, name),
  },
];

export const fieldShapeChecks: readonly Check[] = shapes.map((shape): Check => {
  const id = `manifest-put-${shape.id}`;
  return {
    id,
    level: shape.level,
    section: 'distribution-spec/spec.md#pushing-manifests',
    requirement: `PUT of ${shape.title} to its digest answers 201, and GET brings the bytes that were pushed.`,
    why: shape.why,
    needs: ['push'],
    // What it names is pushed before.
    dependsOn: [
      'upload-post-put',
      'manifest-put-image',
      'manifest-put-docker-image',
      `manifest-get-${shape.plainId}`,
    ],
    *run(context) {
      const fixture = shape.build(context, id);
      const { digest, size } = fixture.content;
      yield* givenNeeded(context, fixture);
      const { reply } = yield* put(context, digest, fixture);
      if (reply.status !== 201) yield* givenPlain(context, shape, id);
      expectStatus(reply, 201);
      try {
        yield* expectManifest(context, digest, fixture);
      } catch (error) {
        if (error instanceof Broken) yield* givenPlain(context, shape, id);
        throw error;
      }
      return `${size} bytes that hash to ${digest}`;
    },
  };
});

/** The plainer manifest is taken, and comes back. @throws Void */
function* givenPlain(
  context: CheckContext,
  { plain, plainId }: FieldShape,
  id: string,
): Talk<void> {
  const fixture = plain(context, `${id} plain`);
  const { digest } = fixture.content;
  yield* givenNeeded(context, fixture);
  yield* given(context, `manifest-put-${plainId}`, function* () {
    expectStatus((yield* put(context, digest, fixture)).reply, 201);
  });
  yield* given(context, `manifest-get-${plainId}`, () => expectManifest(context, digest, fixture));
}

/** An image of a layer that is not pushed, as its type permits. */
function foreign(context: CheckContext, name: string, bytes?: number): ManifestFixture {
  const layer = freshContent(context, `${name} foreign`, 700);
  const type = 'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip';
  const urls = ['https://example.com/layer.tar.gz'];
  const config = configOf('amd64', [layer]);
  const descriptor = { ...descriptorOf(type, layer), ...(bytes !== undefined && { size: bytes }) };
  return manifest(
    { config: descriptorOf(mediaTypes.ociConfig, config), layers: [{ ...descriptor, urls }] },
    [config],
  );
}
