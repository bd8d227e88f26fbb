// The shapes of manifests that a registry has to store as they are: a table. What is done with each of
// them is operations.ts.
import type { CheckLevel } from '../../../reports/results.ts';
import { mediaTypes } from '../../protocol/grammar/media-type.ts';
import type { CheckContext } from '../check.ts';
import { type Content, contentOf, freshContent, jsonContent } from '../kit/content.ts';
import {
  artifact,
  bare,
  configOf,
  descriptorOf,
  dockerImage,
  image,
  index,
  list,
  type ManifestFixture,
  manifest,
  named,
  rewritten,
  subjectOf,
  utf8,
} from '../kit/manifests.ts';

export interface Shape {
  /** Part of check ids. */
  readonly id: string;
  /** What it is, to go on after "PUT of". */
  readonly title: string;
  /** Default: as much as the spec demands of any manifest. */
  readonly level?: CheckLevel;
  /**
   * `sparse`: a registry may refuse it, as it names what is not there. `sha512`: it may refuse the
   * algorithm. `long`: only pushed and pulled, as that takes its time.
   */
  readonly kind?: 'sparse' | 'sha512' | 'long';
  /** Checks of pushing the manifests that it lists, or that it is compared with. */
  readonly lists?: readonly string[];
  /** Of a sparse one that may be refused for its kind: one of that kind that has all that it names. */
  readonly whole?: (context: CheckContext, name: string) => ManifestFixture;
  /** Another one for each name. */
  build(context: CheckContext, name: string): ManifestFixture;
}

/** Clients and registries should be able to push this much (spec.md, "Pushing Manifests"). */
const largeBytes = 4_000_000;
const exampleType = 'application/vnd.pullproof.example+json';

export const shapes: readonly Shape[] = [
  { id: 'image', title: 'an image', build: (context, name) => image(context, name) },
  {
    id: 'image-untyped',
    title: 'an image without mediaType',
    build: (context, name) => image(context, name, { mediaType: undefined }),
  },
  {
    id: 'annotations',
    title: 'an image with annotations, empty and of many alphabets',
    build: (context, name) =>
      image(context, name, {
        annotations: {
          'org.example.empty': '',
          // Some of these are escaped by writers of JSON that need not be: Go's for HTML, Python's beyond ASCII.
          'org.example.text': 'naïve – 漢字 🐳 \u2028 <&> "\\',
        },
      }),
  },
  {
    id: 'custom-fields',
    title: 'an image with fields that no spec knows',
    build: (context, name) =>
      image(context, name, { 'org.example.custom': { deep: [1, 2.5, null, true] }, other: 1e20 }),
  },
  {
    id: 'data',
    title: 'an image whose config is embedded as data',
    build: (context, name) => {
      const config = configOf('amd64', [freshContent(context, name, 10)]);
      const data = Buffer.from(config.bytes).toString('base64');
      const descriptor = { ...descriptorOf(mediaTypes.ociConfig, config), data };
      return manifest({ config: descriptor, layers: [] }, [config]);
    },
  },
  {
    id: 'foreign-layers',
    title: 'an image with a non-distributable layer, which lies elsewhere',
    // The layer is not in the registry, which may refuse what names such content.
    level: 'COMPAT',
    build: (context, name) => {
      const layer = freshContent(context, `${name} foreign`, 700);
      const mediaType = 'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip';
      const urls = ['https://example.com/layer.tar.gz'];
      const config = configOf('amd64', [layer]);
      const layers = [{ ...descriptorOf(mediaType, layer), urls }];
      return manifest({ config: descriptorOf(mediaTypes.ociConfig, config), layers }, [config]);
    },
  },
  {
    id: 'no-layers',
    title: 'an image without layers',
    build: (context, name) => bare(context, name, {}),
  },
  {
    id: 'empty-layer',
    title: 'an image with an empty blob as layer',
    build: (context, name) => {
      const layer = contentOf(new Uint8Array(0));
      const layers = [descriptorOf(mediaTypes.ociLayerTar, layer)];
      const fixture = bare(context, name, { layers });
      return { ...fixture, blobs: [...fixture.blobs, layer] };
    },
  },
  {
    id: 'repeated-layer',
    title: 'an image that has one layer three times',
    build: (context, name) => {
      const layer = freshContent(context, `${name} layer`, 300);
      const layers = Array.from({ length: 3 }, () => descriptorOf(mediaTypes.ociLayerTar, layer));
      const fixture = bare(context, name, { layers });
      return { ...fixture, blobs: [...fixture.blobs, layer] };
    },
  },
  {
    id: 'many-layers',
    title: 'an image with 127 layers',
    build: (context, name) => {
      const layer = freshContent(context, `${name} layer`, 300);
      const layers = Array.from({ length: 127 }, () => descriptorOf(mediaTypes.ociLayerTar, layer));
      const fixture = bare(context, name, { layers });
      return { ...fixture, blobs: [...fixture.blobs, layer] };
    },
  },
  {
    id: 'layer-types',
    title: 'an image with layers of types that no spec knows',
    build: (context, name) => {
      const layer = freshContent(context, `${name} layer`, 300);
      const types = ['application/vnd.pullproof.layer.v1+wasm', 'text/plain'];
      const layers = types.map((type) => descriptorOf(type, layer));
      const fixture = bare(context, name, { layers });
      return { ...fixture, blobs: [...fixture.blobs, layer] };
    },
  },
  {
    id: 'index',
    title: 'an index',
    lists: ['manifest-put-image'],
    build: (context, name) => index(context, name),
  },
  {
    id: 'index-untyped',
    title: 'an index without mediaType',
    lists: ['manifest-put-image'],
    build: (context, name) => index(context, name, { mediaType: undefined }),
  },
  {
    id: 'index-empty',
    title: 'an index that lists nothing',
    build: (context, name) => list({ manifests: [], annotations: named(context, name) }, [], []),
  },
  {
    id: 'index-nested',
    title: 'an index of an index',
    lists: ['manifest-put-image', 'manifest-put-index'],
    build: (context, name) => {
      const inner = index(context, `${name} inner`);
      const manifests = [descriptorOf(inner.mediaType, inner.content)];
      return list({ manifests }, [...inner.children, inner], inner.blobs);
    },
  },
  {
    id: 'index-platformless',
    title: 'an index whose images are of no platform that it names',
    lists: ['manifest-put-image'],
    build: (context, name) => {
      const children = ['one', 'two'].map((each) => bare(context, `${name} ${each}`, {}));
      const manifests = children.map(({ mediaType, content }) => descriptorOf(mediaType, content));
      return list(
        { manifests },
        children,
        children.flatMap(({ blobs }) => blobs),
      );
    },
  },
  {
    id: 'index-of-blobs',
    title: 'an index of layers and their config, as BuildKit keeps a cache',
    // The image-spec has manifests in an index; clients do this all the same.
    level: 'COMPAT',
    build: (context, name) => {
      const layer = freshContent(context, `${name} layer`, 700);
      const record = { layers: [{ blob: layer.digest, parent: -1 }], records: [] };
      const config = jsonContent(record);
      const manifests = [
        { ...descriptorOf(mediaTypes.ociLayerGzip, layer), annotations: named(context, name) },
        descriptorOf('application/vnd.buildkit.cacheconfig.v0', config),
      ];
      return list({ manifests }, [], [layer, config]);
    },
  },
  {
    id: 'index-sparse',
    title: 'an index whose manifests are not there',
    kind: 'sparse',
    lists: ['manifest-put-index'],
    whole: index,
    build: (context, name) => ({ ...index(context, name), children: [], blobs: [] }),
  },
  {
    id: 'image-sparse',
    title: 'an image whose layer is not there',
    kind: 'sparse',
    build: (context, name) => {
      const fixture = image(context, name);
      return { ...fixture, blobs: fixture.blobs.slice(0, 1) };
    },
  },
  {
    id: 'artifact',
    title: 'an artifact of some type, with the empty config',
    build: (context, name) => artifact(context, name, { artifactType: exampleType }),
  },
  {
    id: 'artifact-config',
    title: 'an artifact whose type is that of its config',
    build: (context, name) => {
      const config = freshContent(context, `${name} config`, 200);
      return manifest({ config: descriptorOf(exampleType, config), layers: [] }, [config]);
    },
  },
  {
    id: 'artifact-index',
    title: 'an index with artifactType and subject',
    lists: ['manifest-put-image'],
    build: (context, name) => {
      const subject = bare(context, `${name} subject`, {});
      const fields = { artifactType: exampleType, subject: subjectOf(subject) };
      const fixture = index(context, name, fields);
      const children = [...fixture.children, subject];
      return { ...fixture, children, blobs: [...fixture.blobs, ...subject.blobs] };
    },
  },
  {
    id: 'subject',
    title: 'an artifact with a subject',
    lists: ['manifest-put-image'],
    build: (context, name) => {
      const subject = bare(context, `${name} subject`, {});
      const fields = { artifactType: exampleType, subject: subjectOf(subject) };
      const fixture = artifact(context, name, fields);
      return { ...fixture, children: [subject], blobs: [...fixture.blobs, ...subject.blobs] };
    },
  },
  {
    id: 'subject-missing',
    title: 'an artifact whose subject is not there',
    build: (context, name) => {
      const subject = subjectOf(bare(context, `${name} subject`, {}));
      return artifact(context, name, { artifactType: exampleType, subject });
    },
  },
  {
    id: 'docker-image',
    title: 'an image of Docker schema 2',
    level: 'COMPAT',
    build: (context, name) => dockerImage(context, name),
  },
  {
    id: 'docker-list',
    title: 'a manifest list of Docker',
    lists: ['manifest-put-docker-image'],
    level: 'COMPAT',
    build: (context, name) => {
      const child = dockerImage(context, `${name} child`);
      const platform = { os: 'linux', architecture: 'amd64' };
      const entries = [{ ...descriptorOf(child.mediaType, child.content), platform }];
      const mediaType = mediaTypes.dockerManifestList;
      const content = jsonContent({ schemaVersion: 2, mediaType, manifests: entries });
      return { content, mediaType, children: [child], blobs: child.blobs };
    },
  },
  {
    id: 'odd-type',
    title: 'a manifest of a media type that no spec knows',
    level: 'COMPAT',
    build: (context, name) => {
      const content = jsonContent({ mediaType: exampleType, annotations: named(context, name) });
      return { content, mediaType: exampleType, children: [], blobs: [] };
    },
  },
  {
    id: 'indented',
    title: 'an image whose JSON is indented and ends in a line feed',
    build: (context, name) =>
      rewritten(image(context, name), (text) => `${JSON.stringify(JSON.parse(text), null, 3)}\n`),
  },
  {
    id: 'key-order',
    title: 'an image whose JSON has its keys in an unusual order',
    build: (context, name) =>
      rewritten(image(context, name), (text) => {
        const entries = Object.entries(JSON.parse(text) as object).toReversed();
        return JSON.stringify(Object.fromEntries(entries));
      }),
  },
  {
    id: 'odd-json',
    title: 'an image whose JSON has tabs, carriage returns and escapes where none are needed',
    build: (context, name) =>
      rewritten(image(context, name), (text) =>
        text.replaceAll(':{', ' :\t{\r\n').replace('"layers"', '"l\\u0061yers"'),
      ),
  },
  {
    id: 'sha512-layers',
    title: 'an image whose config and layers have sha512 digests',
    level: 'SHOULD',
    kind: 'sha512',
    build: (context, name) => {
      const blobs = ['config', 'layer'].map((each) =>
        freshContent(context, `${name} ${each}`, 200, 'sha512'),
      );
      const [config, layer] = blobs as [Content, Content];
      const layers = [descriptorOf(mediaTypes.ociLayerTar, layer)];
      return manifest({ config: descriptorOf(exampleType, config), layers }, blobs);
    },
  },
  {
    id: 'sha512',
    title: 'an image that is pushed to its sha512 digest',
    level: 'SHOULD',
    kind: 'sha512',
    build: (context, name) => {
      const fixture = image(context, name);
      return { ...fixture, content: contentOf(fixture.content.bytes, 'sha512') };
    },
  },
  {
    id: 'large',
    title: `an image manifest of ${largeBytes} bytes`,
    level: 'SHOULD',
    kind: 'long',
    build: (context, name) => {
      const filler = 'x'.repeat(largeBytes - 500);
      const fixture = bare(context, name, { annotations: { 'org.example.filler': filler } });
      const blanks = ' '.repeat(largeBytes - fixture.content.size);
      return {
        ...fixture,
        content: contentOf(Buffer.concat([fixture.content.bytes, utf8(blanks)])),
      };
    },
  },
];
