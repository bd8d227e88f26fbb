// docker-registry api.md, "API Version Check": the header of Docker's time. The OCI spec leaves it open.
import { type Check, Unsupported } from '../check.ts';
import { expectThat, quote } from '../kit/expect.ts';
import { pushReplies } from '../kit/push-replies.ts';

export const apiVersionChecks: readonly Check[] = [
  {
    id: 'api-version',
    level: 'COMPAT',
    section: 'docker-registry/api.md#api-version-check',
    requirement: 'Docker-Distribution-Api-Version, where it is sent, says registry/2.0.',
    why: 'Old Docker clients take a registry with another version for one of the first kind.',
    needs: ['push'],
    dependsOn: ['manifest-put-image'],
    *run(context) {
      const values = (yield* pushReplies(context, 'api-version')).flatMap((reply) => {
        return reply.header('Docker-Distribution-Api-Version') ?? [];
      });
      if (values.length === 0) throw new Unsupported('the header is not sent, and optional');
      for (const value of values) {
        const isRight = value.split(/[ ,]+/).includes('registry/2.0');
        expectThat(isRight, 'registry/2.0', quote(value));
      }
      return `registry/2.0 in ${values.length} replies`;
    },
  },
];
