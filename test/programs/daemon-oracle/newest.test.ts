// hosts.toml beside the library of containerd 2.4: it makes of each file the hosts that our route names, in its
// order, at its paths, for the same purposes, with HTTP where HTTPS fails for the same ones.
import { join, posix } from 'node:path';
import fc from 'fast-check';
import { describe, expect } from 'vitest';
import { readImage } from '../../../src/access/as-written.ts';
import { byFolders } from '../../../src/access/containerd/resolve-by-containerd.ts';
import { hostWith } from '../../lib/root-host.ts';
import { runTool, testWith } from '../../lib/tools.ts';
import { cases, type HostsCase, hostsFiles, ofThisMachine } from './cases.ts';

const tool = 'ask-containerd';

interface Said {
  readonly hosts: readonly {
    readonly url: string;
    readonly path: string;
    readonly pulls: boolean;
    readonly resolves: boolean;
    readonly fallsBack: boolean;
  }[];
  readonly error: string;
}

async function expectAgreement({ files, image }: HostsCase): Promise<void> {
  const placed = Object.entries(files).map(([path, text]) => [`/certs.d/${path}`, text]);
  const host = hostWith(Object.fromEntries(placed));
  const asked = readImage(image, false);
  const rules = { httpsFirst: true, oldHostsToml: false };
  const { endpoints } = await byFolders(asked, host, ['/certs.d'], rules);
  const words = [join(host.root, 'certs.d'), asked.reference.registry];
  const { output } = await runTool(tool, words);
  // Before it there may be lines of a log.
  const said: Said = JSON.parse(output.slice(output.lastIndexOf('{"hosts":')).split('\n')[0] ?? '');
  const ends = endpoints.some(({ trust }) => trust?.problems.some(({ isFatal }) => isFatal));
  const ours = ends
    ? []
    : endpoints.map(({ url, apiPath, pulls, resolves, plainHttp }) => {
        const path = apiPath || '/';
        return { url, path, pulls, resolves, fallsBack: plainHttp === 'fallback' };
      });
  const theirs = said.hosts.map((it) => ({ ...it, path: posix.join('/', it.path) }));
  expect(ours, `${JSON.stringify(files)}\n${output}`).toEqual(theirs);
  expect(ends).toBe(said.error !== '');
}

describe('containerd 2.4', () => {
  for (const [what, one] of Object.entries({ ...cases, ...ofThisMachine })) {
    testWith(tool)(what, () => expectAgreement(one));
  }

  testWith(tool)('hosts files drawn from the grammar', async () => {
    await fc.assert(fc.asyncProperty(hostsFiles, expectAgreement), {
      numRuns: 100,
      endOnFailure: true,
    });
  });
});
