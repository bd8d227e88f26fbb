// `pullproof mock --token-keys` as the token server of a registry that trusts a key already: one that openssl
// has made, with the real skopeo as the client.
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { RunningMock } from '../../mocks/server.ts';
import { cli, scratch } from '../lib/cli.ts';
import { pushLayout, startDockerRegistry, writeLayout } from '../lib/docker-registry.ts';
import { runTool, testWith } from '../lib/tools.ts';

/** Runs the command line's mock for as long as the work takes. */
async function whileServing(words: readonly string[], work: (told: RunningMock) => Promise<void>) {
  let worked: Promise<void> | undefined;
  const all = ['mock', '--port', '0', '--cdn-port', '0', '-q', ...words];
  const ended = await cli(all, {
    onStart: (child) => {
      child.stdout?.once('data', (line) => {
        worked = work(JSON.parse(String(line))).finally(() => child.kill('SIGINT'));
        // Awaited below; a rejection meanwhile is not unhandled.
        worked.catch(() => undefined);
      });
    },
  });
  expect(ended.code, ended.stderr).toBe(0);
  await worked;
}

/** As an operator makes the key of a token server. */
async function makeKeys(): Promise<string> {
  const dir = scratch();
  const files = ['-keyout', join(dir, 'token.key'), '-out', join(dir, 'token.crt')];
  const kind = ['-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=team'];
  const { code, output } = await runTool('openssl', ['req', ...kind, ...files]);
  expect(code, output).toBe(0);
  return dir;
}

describe.each(['docker-registry', 'registry'] as const)('%s', (program) => {
  testWith(program, 'skopeo', 'openssl')(
    'believes the tokens, and only as far as they go',
    async () => {
      const keys = await makeKeys();
      const words = ['--token-keys', keys, '--permission', 'anonymous:team/hidden=none'];
      await whileServing(words, async ({ token, tokenTrust, username, password }) => {
        expect(tokenTrust).toEqual({ issuer: 'pullproof', certificate: join(keys, 'token.crt') });
        if (tokenTrust === undefined) return;
        const registry = await startDockerRegistry({
          program,
          token: { realm: token, ...tokenTrust },
        });
        try {
          const layout = await writeLayout();
          const plain = '--dest-tls-verify=false';
          await expect(pushLayout(layout, registry.host)).rejects.toThrow();
          await pushLayout(layout, registry.host, [
            plain,
            '--dest-creds',
            `${username}:${password}`,
          ]);
          const inspect = async (name: string) => {
            const all = [
              'inspect',
              '--raw',
              '--tls-verify=false',
              `docker://${registry.host}/${name}`,
            ];
            return (await runTool('skopeo', all)).output;
          };
          expect(await inspect('team/app:latest')).toContain('"manifests"');
          expect(await inspect('team/hidden:latest')).toMatch(/unauthorized|denied/i);
        } finally {
          await registry.stop();
        }
      });
    },
    60_000,
  );
});
