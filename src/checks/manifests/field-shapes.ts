// Manifests of builders and copiers that registries were seen to refuse or to lose: each is pushed and read back, in
// one check. Where a plainer one is refused just the same, the check of that one tells, and this one is void.
import type { CheckLevel } from '../../../reports/results.ts';
import { mediaTypes } from '../../protocol/grammar/media-type.ts';
import type { Talk } from '../../protocol/talk.ts';
import type { Check, CheckContext } from '../check.ts';
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
  /** What it is without the thing that is odd about it, and the check that judges that. */
  readonly plain: Build;
  readonly plainCheck: string;
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
    plain: (context, name) => index(context, name),
    plainCheck: 'manifest-put-index',
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
    plain: (context, name) => index(context, name),
    plainCheck: 'manifest-put-index',
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
    plain: (context, name) => index(context, name),
    plainCheck: 'manifest-put-index',
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
    plain: (context, name) => index(context, name),
    plainCheck: 'manifest-put-index',
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
    plain: (context, name) => image(context, name),
    plainCheck: 'manifest-put-image',
  },
  {
    id: 'huge-layer',
    title: `an image with a non-distributable layer of ${hugeBytes} bytes, which lies elsewhere`,
    why: 'Layers of machine learning have more bytes than 32 bits can count.',
    // The layer is not in the registry, which may refuse what names such content.
    level: 'COMPAT',
    build: (context, name) => foreign(context, name, hugeBytes),
    plain: (context, name) => foreign(context, name),
    plainCheck: 'manifest-put-foreign-layers',
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
      shape.plainCheck,
    ],
    *run(context) {
      const fixture = shape.build(context, id);
      const { digest, size } = fixture.content;
      yield* givenNeeded(context, fixture);
      const { reply } = yield* put(context, digest, fixture);
      if (reply.status !== 201) yield* givenPlain(context, shape, id);
      expectStatus(reply, 201);
      yield* expectManifest(context, digest, fixture);
      return `${size} bytes that hash to ${digest}`;
    },
  };
});

/** @throws Void where the plainer manifest is refused, too */
function* givenPlain(
  context: CheckContext,
  { plain, plainCheck }: FieldShape,
  id: string,
): Talk<void> {
  const fixture = plain(context, `${id} plain`);
  yield* givenNeeded(context, fixture);
  yield* given(context, plainCheck, function* () {
    expectStatus((yield* put(context, fixture.content.digest, fixture)).reply, 201);
  });
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
