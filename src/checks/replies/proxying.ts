// distribution-spec, "Registry Proxying": the parameter ns, which clients of mirrors send with any request.
import { isRedirect } from '../../protocol/redirect.ts';
import type { HttpReply } from '../../protocol/talk.ts';
import type { Check } from '../check.ts';
import { ask, askHere, headOf, smallBytesMax } from '../kit/ask.ts';
import { givenBlobThere } from '../kit/blobs.ts';
import { freshContent } from '../kit/content.ts';
import { describe, expectStatus, expectThat, quote } from '../kit/expect.ts';
import { givenImage, readShape } from '../kit/stored.ts';
import { ownTag } from '../kit/tags.ts';

const section = 'distribution-spec/spec.md#registry-proxying';

export const proxyingChecks: readonly Check[] = [
  {
    id: 'proxy-ns-manifest',
    level: 'COMPAT',
    section,
    requirement: 'GET and HEAD of a manifest with the parameter ns answer as without.',
    why: 'containerd sends ns to whatever is configured as a mirror.',
    needs: ['push'],
    dependsOn: ['manifest-put-image'],
    *run(context) {
      const id = 'proxy-ns-manifest';
      const tag = ownTag(context, id);
      const fixture = yield* givenImage(context, id, [tag]);
      const { path, ...shape } = readShape(context, tag, fixture);
      const get = { ...shape, path: `${path}?ns=${sourceHost}` };
      for (const each of [get, headOf(get)]) {
        const { last } = yield* ask(context, each);
        expectStatus(last, 200);
        expectNamespace(last);
      }
      return '200';
    },
  },
  {
    id: 'proxy-ns-blob',
    level: 'COMPAT',
    section,
    requirement: 'GET of a blob with the parameter ns answers as without.',
    why: 'containerd sends ns to whatever is configured as a mirror.',
    needs: ['push'],
    dependsOn: ['upload-post-put'],
    *run(context) {
      const content = freshContent(context, 'proxy-ns-blob', 300);
      yield* givenBlobThere(context, content);
      const path = `/v2/${context.repository}/blobs/${content.digest}?ns=${sourceHost}`;
      const shape = { path, want: 'none', bodyBytesMax: smallBytesMax, phase: 'layer' } as const;
      const { reply } = yield* askHere(context, shape);
      const isServed = reply.status === 200 || isRedirect(reply);
      expectThat(isServed, '200 or a redirect', describe(reply));
      expectNamespace(reply);
      return `${reply.status}`;
    },
  },
];

const sourceHost = 'docker.io';

/** Who scopes by ns says so, and says what was asked. */
function expectNamespace(reply: HttpReply): void {
  const value = reply.header('OCI-Namespace');
  const isRight = value === undefined || value === sourceHost;
  expectThat(isRight, `OCI-Namespace: ${sourceHost}, or none`, quote(value ?? ''));
}
