// distribution-spec, "Pulling blobs": config and layers, their bytes, digests and lengths.

import { type Check, Unsupported } from '../check.ts';
import { absentDigest, ask, blobShape, expectDigestHeader, headOf } from '../kit/ask.ts';
import { eachOnce, isServedHere, sampleBlobs } from '../kit/blobs.ts';
import { type Content, commonContents } from '../kit/content.ts';
import {
  expectContent,
  expectContentLength,
  expectReply,
  expectStatus,
  expectThat,
  fact,
  quote,
} from '../kit/expect.ts';
import { givenAnswer, givenReply } from '../kit/given.ts';
import { everyImage } from '../setup/survey.ts';

const section = 'distribution-spec/spec.md#pulling-blobs';

/** Bounds of `blob-layers`: smaller layers come first, and the verdict says how many were left out. */
const layersMax = 5_000;
const layerBytesMax = 64 * 1024 * 1024 * 1024;

export const blobChecks: readonly Check[] = [
  {
    id: 'blob-config',
    level: 'MUST',
    section,
    requirement:
      'GET of the config blob of each platform answers 200 with the bytes that its descriptor names.',
    why: 'Without its config an image cannot be unpacked or run.',
    needs: ['image'],
    covers: ['blob first', 'blob token'],
    *run(context) {
      const images = yield* everyImage(context);
      const configs = eachOnce(images.map(({ config }) => config));
      for (const config of configs) {
        const { last } = yield* ask(context, blobShape(context, config));
        expectContent(last, config);
      }
      return `200, bytes that hash to ${configs.map(({ digest }) => digest).join(', ')}`;
    },
  },
  {
    id: 'blob-layers',
    level: 'MUST',
    section,
    requirement:
      'GET of every layer of every platform answers 200 with the bytes that its descriptor names.',
    why: 'One cut or wrong layer stops the pull at its end, after all the time and traffic.',
    needs: ['image'],
    covers: ['blob first', 'blob token'],
    *run(context) {
      const images = yield* everyImage(context);
      const layers = eachOnce(images.flatMap((image) => image.layers.filter(isServedHere)));
      if (layers.length === 0) throw new Unsupported('the image has no layers in this registry');
      let bytes = 0;
      let count = 0;
      for (const layer of layers) {
        if (count === layersMax || bytes + layer.size > layerBytesMax) break;
        const { last } = yield* ask(context, blobShape(context, layer));
        expectContent(last, layer);
        bytes += last.bytes;
        count++;
      }
      if (count === 0) throw new Unsupported('no layer is small enough to be downloaded here');
      const rest = layers.length - count;
      const left = rest === 0 ? '' : `; ${rest} larger ones were left out`;
      return `${count} layers, ${bytes} bytes, all hashed${left}`;
    },
  },
  {
    id: 'blob-digest-header',
    level: 'MUST',
    section,
    requirement:
      'A blob comes with its digest in Docker-Content-Digest, on the redirect or on its target.',
    why: 'Proxies and mirrors verify and file what they fetched by this header.',
    needs: ['image'],
    dependsOn: ['blob-config'],
    covers: ['blob second'],
    *run(context) {
      for (const blob of sampleBlobs(context)) {
        const shape = blobShape(context, blob);
        const { exchanges } = yield* givenReply(context, 'blob-config', ask(context, shape));
        yield* expectDigestHeader(context, exchanges, blob.digest, shape);
      }
      return 'present and right';
    },
  },
  {
    id: 'blob-length',
    level: 'MUST',
    section,
    requirement: 'Content-Length of a blob, where it is given, is the number of bytes that come.',
    why: 'A length that lies makes clients hang, or take a cut download for a whole one.',
    needs: ['image'],
    dependsOn: ['blob-config'],
    *run(context) {
      const lengths: string[] = [];
      for (const blob of sampleBlobs(context)) {
        const { last } = yield* givenAnswer(
          context,
          'blob-config',
          ask(context, blobShape(context, blob)),
        );
        expectReply(last);
        if (last.header('Content-Length') === undefined) {
          // Legal with chunked coding, or over HTTP/2.
          expectThat(last.bytes === blob.size, `${blob.size} bytes`, `${last.bytes} bytes`);
          lengths.push(`${last.bytes} bytes without Content-Length`);
          continue;
        }
        const length = expectContentLength(last);
        const actual = `Content-Length: ${length} and ${last.bytes} bytes`;
        expectThat(length === last.bytes, 'as many bytes as Content-Length says', actual);
        lengths.push(`${length}`);
      }
      return lengths.join(', ');
    },
  },
  {
    id: 'blob-accept',
    level: 'COMPAT',
    section,
    requirement: 'A blob comes to whoever accepts the media type of its descriptor, and any other.',
    why: 'containerd and nerdctl ask for blobs this way; 406 ends their pulls, and only theirs.',
    needs: ['image'],
    dependsOn: ['blob-config'],
    *run(context) {
      for (const blob of sampleBlobs(context)) {
        const shape = blobShape(context, blob);
        yield* givenReply(context, 'blob-config', ask(context, shape));
        const accept = [`${blob.mediaType}, */*`];
        const { last } = yield* ask(context, { ...shape, accept });
        expectStatus(last, 200);
      }
      return '200';
    },
  },
  {
    id: 'blob-unknown',
    level: 'MUST',
    section,
    requirement: 'GET of a blob that nobody has pushed answers 404.',
    why: 'A client that pushes asks this to know what it must upload.',
    needs: ['top'],
    covers: ['blob first'],
    *run(context) {
      const blob = { mediaType: '', digest: absentDigest(context), size: 0 };
      const { last } = yield* ask(context, { ...blobShape(context, blob), want: 'text' });
      expectStatus(last, 404);
      return `404 for ${blob.digest}`;
    },
  },
  {
    id: 'blob-empty-read',
    level: 'MUST',
    section,
    requirement:
      'The blob of no bytes, where GET finds it, is 200 without a byte, and HEAD finds it too and says Content-Length: 0.',
    why: 'Files and layers of artifacts may be empty; some servers take an empty file for none.',
    needs: ['top'],
    covers: ['blob empty'],
    *run(context) {
      const [{ digest, size }] = commonContents as readonly [Content];
      const shape = blobShape(context, { digest, size, mediaType: '' });
      const { last: get } = yield* ask(context, shape);
      const { last: head } = yield* ask(context, headOf(shape));
      if (get.status === 404 && head.status === 404) {
        throw new Unsupported('the blob of no bytes is not in this repository');
      }
      expectContent(get, { digest, size, mediaType: '' });
      expectStatus(head, 200);
      const length = expectContentLength(head);
      expectThat(length === 0, 'Content-Length: 0 for HEAD', `Content-Length: ${length}`);
      return `200 for ${digest}`;
    },
  },
  {
    id: 'blob-not-manifest',
    level: 'COMPAT',
    section,
    requirement:
      'The digest of a manifest under /blobs/ is unknown, or comes with the Content-Type of the manifest.',
    why: 'A manifest served as octet-stream ends up in client caches under that type and stays.',
    needs: ['top'],
    *run(context) {
      const { digest, mediaType, bytes } = fact(context.facts.top);
      const shape = blobShape(context, { mediaType, digest, size: bytes });
      for (const each of [shape, headOf(shape)]) {
        const { last } = yield* ask(context, each);
        expectStatus(last, 200, 404);
        if (last.status === 404) continue;
        const type = last.header('Content-Type') ?? '';
        const said = type === '' ? '200 without Content-Type' : `200 with ${quote(type)}`;
        expectThat(type === mediaType, `404, or Content-Type: ${mediaType}`, said);
      }
      return 'a manifest is no blob here, or keeps its type';
    },
  },
];
