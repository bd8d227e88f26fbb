// JUnit XML against the schemas of those who read it, by xmllint: that of Jenkins takes the whole document, that of
// Maven's surefire each test suite, since surefire writes one a file. Samples, hostile ones, and a run of every verb.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { startMock } from '../../mocks/server.ts';
import { renderJunit } from '../../reports/junit.ts';
import type { Results } from '../../reports/results.ts';
import { packageRoot } from '../../src/run/package-root.ts';
import { cli, scratch } from '../lib/cli.ts';
import { hostileSample, poisoned, samples, validateSample } from '../lib/sample-results.ts';
import { runTool, testWith } from '../lib/tools.ts';

const schemas = {
  jenkins: join(packageRoot, 'reports/fixtures/junit-jenkins.xsd'),
  surefire: join(packageRoot, 'reports/fixtures/surefire-test-report.xsd'),
};

/** What xmllint minds of the document and of its suites; '' for nothing. */
async function problemsOf(documents: readonly string[]): Promise<string> {
  const dir = scratch();
  const written = (kind: string, texts: readonly string[]) =>
    texts.map((text, at) => {
      const path = join(dir, `${kind}-${at}.xml`);
      writeFileSync(path, text);
      return path;
    });
  const wholes = written('jenkins', documents);
  const suites = written('surefire', documents.flatMap(suitesOf));
  const said = await Promise.all([lint(schemas.jenkins, wholes), lint(schemas.surefire, suites)]);
  return said.join('');
}

async function lint(schema: string, paths: readonly string[]): Promise<string> {
  if (paths.length === 0) return '';
  const words = ['--nonet', '--noout', '--huge', '--schema', schema, ...paths];
  const { code, output } = await runTool('xmllint', words);
  return code === 0 ? '' : output.replaceAll(/^.* validates\n/gm, '');
}

function suitesOf(document: string): string[] {
  const found = document.match(/^ {2}<testsuite [\s\S]*?^ {2}<\/testsuite>$/gm) ?? [];
  expect(found).toHaveLength(document.split('<testsuite ').length - 1);
  return found;
}

const texts = [
  'x\u0000\u0008\u001b\u007f\u0085\ufffe\uffffy',
  ']]>',
  '\ud800',
  'a\udc00b\ud83d\ude00',
  `${'long '.repeat(100_000)}`,
  '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>&b;',
];

testWith('xmllint')('samples are as both schemas want them', async () => {
  expect(await problemsOf([...samples, hostileSample].map(renderJunit))).toBe('');
});

testWith('xmllint')('hostile texts are, too', async () => {
  for (const text of texts) {
    const documents = samples.map((sample) => renderJunit(poisoned(sample, text) as Results));
    expect(await problemsOf(documents), JSON.stringify(text.slice(0, 20))).toBe('');
  }
});

testWith('xmllint')('what is none of both is refused', async () => {
  const good = renderJunit(validateSample);
  const bad = [
    good.replace('errors="', 'mistakes="'),
    good.replace('<failure type=', '<failure kind='),
    good.replace(/ time="[^"]*"\/>/, ' time="soon"/>'),
  ];
  for (const document of bad) expect(await problemsOf([document])).toMatch(/fails to validate/);
});

testWith('xmllint', 'k6')('a run of every verb is as both schemas want it', async () => {
  const faults = ['manifest-get-other-digest', 'error-shape-foreign'];
  const mock = await startMock({ faults });
  const image = `http://${mock.images[0]}`;
  const runs = [
    ['validate', '--kind', 'manifest', 'package.json', 'schemas'],
    ['conform', image, '--only', 'manifest-*', '--only', 'error-*'],
    ['load', image, '--iterations', '3', '--slo', 'pull.p95<1ms'],
    ['doctor', image],
    ['demo', '--duration', '1s', '--vus', '2'],
  ];
  try {
    const documents: string[] = [];
    for (const words of runs) {
      const out = scratch();
      const { stdout } = await cli([...words, '--format', 'junit', '-q', '--out', out]);
      documents.push(stdout, readFileSync(join(out, 'junit.xml'), 'utf8'));
    }
    expect(documents.map((text) => text.split('<testcase ').length > 1)).not.toContain(false);
    expect(documents.join()).toContain('<failure ');
    expect(await problemsOf(documents)).toBe('');
  } finally {
    await mock.close();
  }
});
