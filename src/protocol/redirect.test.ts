import { describe, expect, test } from 'vitest';
import { profiles } from '../profiles/index.ts';
import type { ClientProfile } from './client.ts';
import { redirected } from './redirect.ts';
import { openSession, registryRequest } from './session.ts';
import type { HttpReply, HttpRequest } from './talk.ts';

const registry = 'https://r.test:5000';
const shape = { path: '/v2/a/blobs/x', want: 'none', bodyBytesMax: 1, phase: 'layer' } as const;

/** The hosts of a chain of redirects from the registry that are shown the token, and those that are not. */
function shownTo(name: string, from: string, ...to: string[]): boolean[] {
  const client = profiles[name] as ClientProfile;
  const session = openSession(from, 'a', client);
  session.authorization = 'Bearer t';
  let request: HttpRequest = registryRequest(session, shape);
  return to.map((url) => {
    const header = (line: string) => (line === 'Location' ? url : undefined);
    request = redirected(client, request, { status: 307, header } as unknown as HttpReply);
    return request.authorization !== '';
  });
}

const port = 'https://r.test:9000/x';
const subdomain = 'https://s3.r.test:5000/x';
const subdomainElsewhere = 'https://s3.r.test/x';
const plain = 'http://r.test/x';
const other = 'https://cdn.test/x';
const lookalike = 'https://notr.test:5000/x';

describe('who is shown the token by a redirect', () => {
  test.each(['podman', 'skopeo', 'containerd', 'docker-containerd', 'regclient'])(
    '%s: the host on any port, and its subdomains',
    (name) => {
      const targets = [port, subdomain, subdomainElsewhere, other, lookalike];
      expect(targets.flatMap((url) => shownTo(name, registry, url))).toEqual([
        ...[true, true, true, false, false],
      ]);
      // Once dropped it does not come back.
      expect(shownTo(name, registry, other, `${registry}/x`)).toEqual([false, false]);
      // It is the first host that counts, not the last.
      const nephew = 'https://blobs.r.test/x';
      expect(shownTo(name, registry, subdomain, nephew)).toEqual([true, true]);
    },
  );

  test.each(['podman', 'containerd'])('%s: over plain HTTP too', (name) => {
    expect(shownTo(name, registry, plain)).toEqual([true]);
  });

  test.each(['podman@4.3', 'skopeo@1.9', 'containerd@1.6'])(
    '%s: host and port of the hop before, and subdomains with that port',
    (name) => {
      const targets = [port, subdomain, subdomainElsewhere, other, `${registry}/x`];
      expect(targets.flatMap((url) => shownTo(name, registry, url))).toEqual([
        ...[false, true, false, false, true],
      ]);
      expect(shownTo(name, registry, other, 'https://cdn.test/y')).toEqual([false, true]);
    },
  );

  test.each(['crane', 'oras', 'docker'])('%s: the registry alone', (name) => {
    const targets = [port, subdomain, subdomainElsewhere, other, plain, `${registry}/x`];
    expect(targets.flatMap((url) => shownTo(name, registry, url))).toEqual([
      ...[false, false, false, false, false, true],
    ]);
  });

  test('an address has no subdomains, and other ports of it are the same host', () => {
    expect(shownTo('podman', 'https://127.0.0.1:5000', 'https://1.127.0.0.1:5000/x')).toEqual([
      false,
    ]);
    expect(shownTo('podman', 'https://[::1]:5000', 'https://[::1]:9000/x')).toEqual([true]);
  });

  test('regclient stays with https', () => {
    expect(() => shownTo('regclient', registry, plain)).toThrow('from https to');
  });
});
