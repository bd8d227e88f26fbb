// A folder that is fit to be handed in, and all that makes one unfit.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { requiredFeatures } from './features.ts';
import { folderName, productProblems, readProduct, renderProduct, todo } from './product.ts';
import { findSecrets, formsOf } from './secret-search.ts';
import { checkSubmission, submissionsIn } from './submission.ts';

const root = mkdtempSync(join(tmpdir(), 'pullproof-submission-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const dataNames = ['Blobs sha256', 'Image', 'Index'];
const map = (names: readonly string[]) => names.map((name) => `  ${name}: Pass`).join('\n');
const config = [
  ['registry', 'localhost:5000'],
  ['username', '"***"'],
  ['password', '"***"'],
  ['repo1', 'team/app'],
  ['version', '"1.1"'],
  ['commit', 'f037cd9'],
].map((pair) => pair.join(': '));
const escaped = `${config.join('\n')}\n`.replaceAll('"', '&#34;').replaceAll('\n', '&#xA;');
const sound: Readonly<Record<string, string>> = {
  'README.md': '# Encabulator v1\n',
  'PRODUCT.yaml': `vendor: Yoyodyne
name: Encabulator
version: 240626
website_url: https://yoyo.dyne/
documentation_url: https://yoyo.dyne/docs
type: hosted
description: A registry.
`,
  'report.html': '<td>Tested Spec</td>\n        <td>1.1</td>\n  Authorization: [Bearer *****]\n',
  'junit.xml': `<testsuites><testsuite name="OCI Conformance Test" tests="1">
<property name="Config" value="${escaped}"></property>
<testcase name="OCI Conformance Test/ping" classname="" time="0.1" status="passed"></testcase>
</testsuite></testsuites>`,
  'results.yaml': `config:
${config.map((line) => `  ${line}`).join('\n')}
apis:
${map(requiredFeatures.filter((name) => !dataNames.includes(name)))}
data:
${map(dataNames)}
`,
};

let folders = 0;
function folderOf(files: Readonly<Record<string, string>>, version = 'v1.1'): string {
  const folder = join(root, `${folders++}`, 'distribution-spec', version, 'encabulator');
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

/** The sound folder, one text of one file replaced. */
function changed(file: string, from: string | RegExp, to: string): Record<string, string> {
  const text = (sound[file] ?? '').replace(from, to);
  expect(text).not.toBe(sound[file]);
  return { ...sound, [file]: text };
}

test('a sound folder is fit, and found from above', async () => {
  const folder = folderOf(sound);
  expect(await checkSubmission(folder, { username: 'ci', password: 'hunter22' })).toEqual({
    findings: [],
    fit: true,
    holdsSecret: false,
  });
  const top = join(folder, '..', '..', '..');
  expect(await submissionsIn(top)).toEqual([folder]);
  expect(await submissionsIn(join(top, 'distribution-spec'))).toEqual([folder]);
  expect(await submissionsIn(folder)).toEqual([folder]);
  await expect(submissionsIn(root)).rejects.toMatchObject({ code: 'submission-missing' });
  await expect(submissionsIn(join(root, 'none'))).rejects.toMatchObject({ exitCode: 2 });
});

const unfit: readonly [what: string, files: Record<string, string>, file: string][] = [
  [
    'a word that the page does not know',
    changed('results.yaml', ': Pass', ': Unknown'),
    'results.yaml',
  ],
  ['a status that is no word', changed('results.yaml', ': Pass', ': [Pass]'), 'results.yaml'],
  ['no YAML', changed('results.yaml', 'apis:', 'apis: ]'), 'results.yaml'],
  ['no map of APIs', changed('results.yaml', 'apis:', 'api:'), 'results.yaml'],
  ['a required entry missing', changed('results.yaml', '  Blob get: Pass\n', ''), 'results.yaml'],
  [
    'a password in the settings',
    changed('results.yaml', 'password: "***"', 'password: x'),
    'results.yaml',
  ],
  ['a version of no release', changed('results.yaml', '"1.1"', '1.1+dev'), 'results.yaml'],
  [
    'tests left out',
    changed('results.yaml', 'config:', 'config:\n  filterTest: x'),
    'results.yaml',
  ],
  ['a report of another version', changed('report.html', '>1.1<', '>1.0<'), 'report.html'],
  ['a report of somebody else', changed('report.html', 'Tested Spec', 'Spec'), 'report.html'],
  ['JUnit of somebody else', changed('junit.xml', 'OCI Conformance Test"', 'Suite"'), 'junit.xml'],
  [
    'failures in one file only',
    changed('junit.xml', 'status="passed"', 'status="failure"'),
    'junit.xml',
  ],
  ['another repository in one file', changed('junit.xml', 'team/app', 'team/other'), 'junit.xml'],
  ['a README to be written', changed('README.md', '# ', `# ${todo} `), 'README.md'],
  ['an empty README', changed('README.md', /.+\n/, '\n'), 'README.md'],
  ['a field without a value', changed('PRODUCT.yaml', 'Yoyodyne', ''), 'PRODUCT.yaml'],
  ['a field to be written', changed('PRODUCT.yaml', 'Yoyodyne', `${todo} # who`), 'PRODUCT.yaml'],
  ['a field that is none', changed('PRODUCT.yaml', 'vendor', 'vender'), 'PRODUCT.yaml'],
  [
    'an address that is none',
    changed('PRODUCT.yaml', 'https://yoyo.dyne/', 'yoyo.dyne'),
    'PRODUCT.yaml',
  ],
  [
    'a logo of pixels',
    changed('PRODUCT.yaml', 'type:', 'product_logo_url: https://a.example/l.png\ntype:'),
    'PRODUCT.yaml',
  ],
  ['a file too many', { ...sound, 'notes.txt': 'x' }, 'notes.txt'],
  ['the mark of an earlier run', { ...sound, 'DO-NOT-SUBMIT.txt': 'x' }, 'DO-NOT-SUBMIT.txt'],
];

test.each(unfit)('%s: unfit', async (_what, files, file) => {
  const { findings, fit } = await checkSubmission(folderOf(files));
  expect(fit).toBe(false);
  expect(findings.map((one) => one.file)).toContain(file);
});

test('a missing file, a symbolic link, and a folder of another version are unfit', async () => {
  const { 'junit.xml': _, ...rest } = sound;
  expect((await checkSubmission(folderOf(rest))).fit).toBe(false);
  const linked = folderOf(rest);
  symlinkSync('/etc/hostname', join(linked, 'junit.xml'));
  expect((await checkSubmission(linked)).fit).toBe(false);
  expect((await checkSubmission(folderOf(sound, 'v1.0'))).fit).toBe(false);
});

test('failures are fit to be handed in, and told', async () => {
  const files = changed('results.yaml', 'Blob get: Pass', 'Blob get: FAIL');
  const junit = changed('junit.xml', 'status="passed"', 'status="failure"')['junit.xml'] ?? '';
  const { findings, fit } = await checkSubmission(folderOf({ ...files, 'junit.xml': junit }));
  expect(fit).toBe(true);
  expect(findings).toMatchObject([{ file: 'results.yaml', level: 'warning' }]);
});

describe('secrets', () => {
  const password = 'p&ss wörd/"42"';
  const known = { username: 'ci', password };
  const written = [
    password,
    JSON.stringify({ password }),
    encodeURIComponent(password),
    new URLSearchParams({ password }).toString(),
    Buffer.from(password).toString('hex'),
    Buffer.from(password).toString('base64'),
    `Basic ${Buffer.from(`ci:${password}`).toString('base64')}`,
    Buffer.from(`some-user:${password}:tail`).toString('base64url'),
    password.replaceAll('&', '&amp;').replaceAll('"', '&#34;'),
  ];

  test.each(written)('%s', async (form) => {
    const text = `first\n<p>${form}</p>\n`;
    const places = findSecrets(text, formsOf(known));
    expect(places.map(({ line }) => line)).toContain(2);
    expect(JSON.stringify(places)).not.toContain('42');
    const judged = await checkSubmission(
      folderOf({ ...sound, 'report.html': sound['report.html'] + text }),
      known,
    );
    expect(judged).toMatchObject({ fit: false, holdsSecret: true });
  });

  const looks = [
    'Authorization: [Basic Y2k6aHVudGVyMjI=]',
    'Authorization: [Bearer abcdefgh12345678]',
    'eyJhbGciOiJub25lIn0.eyJzdWIiOiJjaSJ9aaaa.c2lnbmF0dXJlc2ln',
    'https://ci:hunter22@registry.example/v2/',
    '&#34;access_token&#34;: &#34;abcdefgh12345678&#34;',
    '-----BEGIN RSA PRIVATE KEY-----',
  ];
  test.each(looks)('unknown ones by their look: %s', (text) => {
    expect(findSecrets(text, new Map())).toHaveLength(1);
  });

  const harmless = [
    'Authorization: [Basic *****]',
    'Www-Authenticate: [Bearer realm="https://a.example/token",service="a"]',
    'https://***:***@registry.example/',
    '"token": "*****"',
    'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  ];
  test.each(harmless)('harmless: %s', (text) => {
    expect(findSecrets(text, formsOf({ username: 'a', password: 'b' }))).toEqual([]);
  });
});

describe('PRODUCT.yaml', () => {
  test('what is missing is marked, which is not fit; what is given is kept', async () => {
    const empty = renderProduct({ fields: {} });
    expect(productProblems(empty).filter(({ level }) => level === 'error')).toHaveLength(7);
    const file = join(root, 'product.yaml');
    writeFileSync(
      file,
      `product:\n  ${(sound['PRODUCT.yaml'] ?? '').replaceAll('\n', '\n  ')}\nstart: |\n  run it\n`,
    );
    const product = await readProduct(file);
    expect(product).toMatchObject({ start: 'run it\n', fields: { version: '240626' } });
    expect(productProblems(renderProduct(product))).toEqual([]);
    expect(folderName({ fields: { name: 'Turbo Encabulator' } })).toBe('turboencabulator');
    expect(folderName({ fields: { name: '../..' } })).toBe('product');
  });

  test.each([
    'product: 1',
    '- a',
    'vendor: [a]',
    'vendors: a',
    'a: ]',
    'product: {name: a}\nstart: 3',
  ])('a file that cannot be used: %s', async (text) => {
    const file = join(root, 'bad.yaml');
    writeFileSync(file, text);
    await expect(readProduct(file)).rejects.toMatchObject({ exitCode: 2 });
  });

  test('warnings of what reviewers ask about', () => {
    const text = renderProduct({
      fields: {
        vendor: 'a',
        name: 'The OCI Registry',
        version: '1',
        website_url: 'https://a.example/',
        documentation_url: 'https://a.example/',
        product_logo_url: 'https://a.example/u/1',
        type: 'distribution',
        description: 'a',
      },
    });
    const fields = productProblems(text).map(({ field, level }) => [field, level]);
    expect(fields.sort()).toEqual([
      ['name', 'warning'],
      ['product_logo_url', 'warning'],
      ['repo_url', 'warning'],
    ]);
  });
});
