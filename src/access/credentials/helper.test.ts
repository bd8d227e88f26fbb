import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type HostView, thisHost } from '../host-view.ts';
import { askHelper } from './helper.ts';

const folder = mkdtempSync(join(tmpdir(), 'pullproof-helper-'));

function helper(name: string, lines: string, mode = 0o755, first = '#!/bin/sh'): void {
  const path = join(folder, `docker-credential-${name}`);
  writeFileSync(path, `${first}\n${lines}\n`);
  chmodSync(path, mode);
}

const host: HostView = {
  ...thisHost(),
  variables: {
    PATH: `${folder}:/usr/bin:/bin`,
    DOCKER_AUTH_CONFIG: 'hunter22',
    PULLPROOF_PASSWORD: 'hunter22',
    AWS_PROFILE: 'team',
  },
};
const ask = (name: string, limitMs?: number) => askHelper(name, 'h:5000', host, limitMs);
const answer = '{"ServerURL":"h","Username":"ada","Secret":"s3cret"}';

describe('a helper', () => {
  test('is asked by its standard input, and answers JSON', async () => {
    helper('good', `read server; echo '{"Username":"'$1-$server'","Secret":"s3cret"}'`);
    expect(await ask('good')).toEqual({
      credentials: { username: 'get-h:5000', password: 's3cret' },
    });
  });

  test('gives an identity token under the name <token>', async () => {
    helper('token', `echo '{"Username":"<token>","Secret":"refresh"}'`);
    const credentials = { username: '', password: '', identityToken: 'refresh' };
    expect(await ask('token')).toEqual({ credentials });
  });

  test('that has none is no failure', async () => {
    helper('none', 'echo "credentials not found in native keychain"; exit 1');
    expect(await ask('none')).toEqual({ none: true });
  });

  test('sees nothing of our secrets, and what it needs', async () => {
    helper(
      'env',
      `echo "{\\"Username\\":\\"$AWS_PROFILE\\",\\"Secret\\":\\"$(env | grep -c hunter22)\\"}"`,
    );
    expect(await ask('env')).toEqual({ credentials: { username: 'team', password: '0' } });
  });

  test('that does not read is asked all the same', async () => {
    helper('deaf', `exec <&-; echo '${answer}'`);
    expect(await ask('deaf')).toMatchObject({ credentials: { username: 'ada' } });
  });
});

describe('what can be wrong with a helper', () => {
  helper('locked', 'exit', 0o600);
  helper('broken', 'echo "no keyring here"; exit 3');
  helper('leaky', `echo '${answer}'; exit 1`);
  helper('wordy', 'yes xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx');
  helper('html', 'echo "<html>"');
  helper('other', '', 0o755, '#!/no/such/interpreter');
  helper('desktop.exe', '');
  writeFileSync(join(folder, 'docker-credential-binary'), Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 9));
  chmodSync(join(folder, 'docker-credential-binary'), 0o755);

  test.each([
    ['absent', 'helper-missing', folder],
    ['locked', 'helper-not-executable', 'docker-credential-locked'],
    ['desktop', 'helper-other-os', 'desktop.exe'],
    ['other', 'helper-other-os', 'docker-credential-other'],
    ['broken', 'helper-failed', 'no keyring here'],
    ['leaky', 'helper-failed', 'ended with 1'],
    ['wordy', 'helper-reply', '65536'],
    ['html', 'helper-reply', 'JSON'],
    ['../../bin/sh', 'helper-name', 'name'],
    ['good; rm -rf /', 'helper-name', 'name'],
    ['', 'helper-name', 'name'],
  ])('%s: %s', async (name, fault, words) => {
    const said = await ask(name);
    expect(said).toMatchObject({ fault, message: expect.stringContaining(words) });
    expect(JSON.stringify(said)).not.toContain('s3cret');
  });

  test('a program of another processor is a fault, not a crash', async () => {
    const said = await ask('binary');
    expect('fault' in said && ['helper-other-os', 'helper-failed'].includes(said.fault)).toBe(true);
  });

  test('one that waits for somebody is ended, with what it started', async () => {
    helper('slow', 'sleep 600 & sleep 600');
    expect(await ask('slow', 200)).toMatchObject({ fault: 'helper-slow' });
  });

  test('a relative folder of PATH is not searched, and nothing of another host runs', async () => {
    const near = { ...host, variables: { PATH: '.:relative' } };
    expect(await askHelper('good', 'h', near)).toMatchObject({ fault: 'helper-missing' });
    expect(await askHelper('good', 'h', { ...host, root: '/other' })).toMatchObject({
      fault: 'helper-not-asked',
    });
  });
});
