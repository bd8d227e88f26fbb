import { expect, test } from 'vitest';
import { commandOf } from './command.ts';
import { readInputs } from './inputs.ts';
import { specOf } from './install.ts';

const command = (variables: Record<string, string>) => commandOf(readInputs(variables), '/out');

test.each([
  [
    { VERB: 'validate', ARGS: '--strict .', CONFIG: 'c.yaml', BASELINE: 'b.json' },
    'validate --out=/out --config=c.yaml --baseline=b.json --strict .',
  ],
  [
    { VERB: 'conform', ARGS: 'h/r', EXPECT_HOSTS: 'a.test\n# no\n\n *.b.test # yes' },
    'conform --out=/out --allow-host=a.test --allow-host=*.b.test h/r',
  ],
  [{ VERB: 'load', ARGS: 'i', CONFIG: '-p', BASELINE: 'x\ny' }, 'load --out=/out --plan=-p i'],
  [
    { VERB: 'doctor', ARGS: 'i', EXPECT_HOSTS: '--save=dir:x' },
    'doctor --out=/out --expect-host=--save=dir:x i',
  ],
  [
    { VERB: 'conform', ARGS: 'h', USERNAME: 'u', PASSWORD: 'p w' },
    'conform --out=/out --username=u --password-stdin h',
  ],
  [{ VERB: 'load', ARGS: '--out a --out=b i' }, 'load --out a --out=b i'],
  [{ VERB: 'validate', ARGS: '-- --out' }, 'validate --out=/out -- --out'],
  [{ VERB: 'report', ARGS: 'compare a b' }, 'report compare a b --out=/out'],
  [{ VERB: 'report', ARGS: 'a --format text' }, 'report a --format text'],
])('%j', (inputs, words) => {
  expect(command(named(inputs)).words.join(' ')).toBe(words);
});

test('the folder is the one that is written', () => {
  expect(command(named({ VERB: 'load', ARGS: '--out a --out=b i' })).out).toBe('b');
  expect(command(named({ VERB: 'report', ARGS: 'a' })).out).toBeUndefined();
});

test.each([
  { VERB: '' },
  { VERB: 'valdate' },
  { VERB: 'mock' },
  { VERB: 'conform', CONFIG: 'x' },
  { VERB: 'validate', EXPECT_HOSTS: 'x' },
  { VERB: 'doctor', BASELINE: 'x' },
  { VERB: 'conform', BASELINE: 'x\ny' },
  { VERB: 'report', USERNAME: 'u', PASSWORD: 'p' },
  { VERB: 'load', USERNAME: 'u' },
  { VERB: 'load', PASSWORD: 'p' },
  { VERB: 'validate', SUMMARY: 'yes' },
  { VERB: 'validate', ARGS: '"' },
])('%j is refused, with a hint', (inputs) => {
  const refusal = expect.objectContaining({ exitCode: 2, hint: expect.stringMatching(/\w/) });
  expect(() => command(named(inputs))).toThrow(refusal);
});

test.each([
  ['', /^pullproof@\d+\.\d+\.\d+/],
  ['1.2.3', /^pullproof@1\.2\.3$/],
  ['^1.2 || >=2 <3', /^pullproof@\^1\.2 \|\| >=2 <3$/],
  ['latest', /^pullproof@latest$/],
  ['file:../pullproof.tgz', /^file:/],
  ['git+https://github.com/o/r.git#main', /^git\+/],
])('version %j', (version, spec) => {
  expect(specOf(version)).toMatch(spec);
});

test.each(['--registry=http://x', '-g', 'npm:other@1', '../x', 'a\nb', 'http://x/y.tgz'])(
  'version %j is refused',
  (version) => {
    expect(() => specOf(version)).toThrow(expect.objectContaining({ code: 'version-form' }));
  },
);

function named(inputs: Record<string, string | undefined>): Record<string, string> {
  const entries = Object.entries(inputs).map(([name, value]) => [`INPUT_${name}`, value]);
  return Object.fromEntries(entries);
}
