import { describe, expect, test } from 'vitest';
import { type Files, treeOf } from './cases/fixture.ts';
import { judgeCerts } from './certs.ts';

const certificate = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';
const key = (label: string, head = '') =>
  `-----BEGIN ${label}-----\n${head}MIIB\n-----END ${label}-----\n`;
const plainKey = key('EC PRIVATE KEY');

/** Rules broken by each file that is told of. */
async function broken(files: Readonly<Record<string, string>>, host = ''): Promise<string[]> {
  const tree: Files = new Map(
    Object.entries(files).map(([path, text]) => [path, Buffer.from(text, 'latin1')]),
  );
  const results = await judgeCerts(treeOf(tree), host, {});
  return results.flatMap(({ path, findings }) =>
    findings.map(({ ruleId }) => `${path.slice(2)} ${ruleId}`),
  );
}

describe('certs.d', () => {
  test('of the manual is right', async () => {
    const files = {
      'my-registry.com:5000/client.cert': certificate,
      'my-registry.com:5000/client.key': plainKey,
      'my-registry.com:5000/ca.crt': certificate + certificate,
      'my-registry.com:5000/README': 'who made these',
      'localhost/ca.crt': `# with a comment\n${certificate}`,
      '[::1]:5000/ca.crt': certificate,
    };
    expect(await broken(files)).toEqual([]);
    expect(await broken({})).toEqual([]);
  });

  test.each([
    ['client.cert', 'client.key'],
    ['client.key', 'client.cert'],
  ])('%s lies beside %s', async (file) => {
    const content = file.endsWith('key') ? plainKey : certificate;
    expect(await broken({ [`h.test/${file}`]: content })).toEqual([`h.test/${file} certs-pair`]);
    // A pair of two names, or of two folders, is none.
    const two = { 'h.test/a.cert': certificate, 'g.test/a.key': plainKey };
    expect(await broken(two)).toEqual(['h.test/a.cert certs-pair', 'g.test/a.key certs-pair']);
  });

  test.each(['ca.pem', 'ca.cer', 'ca.CRT', 'client.Key', 'client.p12', 'ca.certs'])(
    'no client reads %s',
    async (file) => {
      expect(await broken({ [`h.test/${file}`]: certificate })).toEqual([
        `h.test/${file} certs-extension`,
      ]);
    },
  );

  test.each([
    ['ca.crt', ''],
    ['ca.crt', '\x30\x82\x01\x0a'],
    ['ca.crt', key('TRUSTED CERTIFICATE')],
    ['ca.crt', key('CERTIFICATE REQUEST')],
    ['ca.crt', plainKey],
  ])('%s of other content is told: %j', async (file, content) => {
    expect(await broken({ [`h.test/${file}`]: content })).toEqual([`h.test/${file} certs-content`]);
  });

  test.each([
    [key('PRIVATE KEY'), true],
    [key('RSA PRIVATE KEY'), true],
    [`${key('EC PARAMETERS')}${plainKey}`, true],
    [key('ENCRYPTED PRIVATE KEY'), false],
    [key('RSA PRIVATE KEY', 'Proc-Type: 4,ENCRYPTED\n'), false],
    [key('PUBLIC KEY'), false],
    [certificate, false],
  ])('a key is one that can be read without a password: %j', async (content, isRight) => {
    const found = await broken({ 'h.test/a.cert': certificate, 'h.test/a.key': content });
    expect(found).toEqual(isRight ? [] : ['h.test/a.key certs-content']);
  });

  test.each(['https:h.test', 'h_test', 'h.test:99999', 'h.test:'])(
    'a folder %s is for no registry',
    async (folder) => {
      const name = `${folder}/ca.crt`;
      expect(await broken({ [name]: certificate })).toEqual([`${name} certs-host`]);
    },
  );

  test('files beside the folders are for no registry, files below them for none either', async () => {
    expect(await broken({ 'ca.crt': certificate })).toEqual(['ca.crt certs-host']);
    expect(await broken({ 'h.test/old/ca.pem': '' })).toEqual([]);
  });

  test('the folder of one registry is judged by its name', async () => {
    expect(await broken({ 'ca.crt': certificate }, 'h.test')).toEqual([]);
    expect(await broken({ 'a.cert': certificate }, 'h_test')).toEqual([
      'a.cert certs-host',
      'a.cert certs-pair',
    ]);
  });

  test('what containerd reads by its own file may have any name', async () => {
    expect(await broken({ 'h.test/hosts.toml': '', 'h.test/ca.pem': certificate })).toEqual([]);
    expect(
      await broken({ '_default/ca.crt': certificate, 'h.test_5000_/ca.crt': certificate }),
    ).toEqual([]);
  });
});
