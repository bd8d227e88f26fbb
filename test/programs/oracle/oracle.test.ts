// image-spec's own validator as a second opinion on every document that we judge: valid ones, ones with one
// thing broken, and ones with something put into any place.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { validateDocument } from '../../../src/validate/index.ts';
import { breakagesOf, type Doc, right } from '../../lib/arbitrary-documents.ts';
import { hasTools, testWith } from '../../lib/tools.ts';
import { type Laxer, laxer, type OracleKind, type Stricter, stricter } from './differences.ts';

interface Question {
  readonly kind: OracleKind;
  readonly text: string;
}

interface Answer {
  readonly valid: boolean;
  readonly error: string;
}

const buildMsMax = 300_000;
const answersMsMax = 300_000;
const outputBytesMax = 64 * 1024 * 1024;
/** Of each kind and way. */
const documentsCount = 300;

const folder = mkdtempSync(join(tmpdir(), 'pullproof-oracle-'));
const program = join(folder, 'oracle');

beforeAll(() => {
  if (!hasTools('go')) return;
  const { status, stderr } = spawnSync('go', ['build', '-trimpath', '-o', program, '.'], {
    cwd: import.meta.dirname,
    env: { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-mod=readonly', GOWORK: 'off' },
    encoding: 'utf8',
    timeout: buildMsMax,
  });
  if (status !== 0) throw new Error(`go build of the oracle: ${stderr}`);
}, buildMsMax);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function ask(questions: readonly Question[]): Answer[] {
  const lines = questions.map(({ kind, text }) =>
    JSON.stringify({ kind, document: Buffer.from(text).toString('base64') }),
  );
  const { status, stdout, stderr } = spawnSync(program, {
    input: `${lines.join('\n')}\n`,
    encoding: 'utf8',
    maxBuffer: outputBytesMax,
    timeout: answersMsMax,
  });
  expect(stderr).toBe('');
  expect(status).toBe(0);
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

/** Rules that speak of the document, by their level. */
function ourRules({ kind, text }: Question): { errors: string[]; warnings: string[] } {
  const { findings } = validateDocument(Buffer.from(text), { path: 'x', kind });
  const rulesOf = (wanted: string) =>
    findings.filter(({ level }) => level === wanted).map(({ ruleId }) => ruleId);
  return { errors: rulesOf('error'), warnings: rulesOf('warning') };
}

/** What neither the spec nor the table explains; undefined for agreement and for known differences. */
function disagreement(question: Question, answer: Answer): object | undefined {
  const { errors, warnings } = ourRules(question);
  if (answer.valid === (errors.length === 0)) {
    return undefined;
  }
  const here = ({ kinds }: { kinds: readonly OracleKind[] }) => kinds.includes(question.kind);
  const known = stricter.filter(here).flatMap(({ rules }) => rules);
  const explained = answer.valid
    ? errors.every((rule) => known.includes(rule))
    : laxer
        .filter(here)
        .filter(({ warning }) => warning === undefined || warnings.includes(warning))
        .some(({ error }) => error.test(answer.error));
  return explained ? undefined : { ...question, errors, oracle: answer.error };
}

/** Values that some place in some document does not bear, or bears against expectation. */
const intruders: readonly unknown[] = [
  ...[null, true, 0, -1, 1.5, 2, 3e9, 1e30, '', 'x', 'X/Y', 'a/b; c=d', [], {}, [null], ['x'], [5]],
  ...[{ a: null }, { '': 5 }, { a: 'b' }, { '80/tcp': {} }, { x: [] }, [[]], [{}], 'A=b', ['A=b']],
  ...[
    'sha256:abc',
    `sha256:${'A'.repeat(64)}`,
    'x:y',
    'sha256+b64u:LCa0a2j_xo',
    'x::y',
    'e30=',
    'e30',
  ],
  ...['2024-02-30T00:00:00Z', '2016-12-31t23:59:60z', '2024-02-29 12:30:00Z', 'https://a.test/%zz'],
  ...['relative', '//a.test/x', 'layers', 'application/vnd.oci.empty.v1+json', { os: 'linux' }],
];

/** Every place in a document: the object or array, and the key in it. */
function places(value: unknown, found: [Doc, string][] = []): [Doc, string][] {
  if (typeof value === 'object' && value !== null) {
    for (const key of Object.keys(value)) {
      found.push([value, key]);
      places((value as Doc)[key], found);
    }
  }
  return found;
}

/** Members that may be absent, so that no replacement would ever reach them. */
const optionalMembers = (
  'mediaType artifactType subject annotations urls data platform created author variant os.version ' +
  'os.features config history User ExposedPorts Env Entrypoint Cmd Volumes WorkingDir Labels ' +
  'StopSignal ArgsEscaped Memory Healthcheck comment empty_layer created_by Layers SIZE manifests'
).split(' ');

const disturbed = (kind: OracleKind): fc.Arbitrary<Doc> =>
  fc
    .tuple(right(kind), fc.nat(), fc.constantFrom(...intruders), fc.nat(2), fc.nat())
    .map(([doc, at, intruder, way, which]) => {
      const copy = structuredClone(doc);
      const all = places(copy);
      const [parent, key] = all[at % all.length] ?? [copy, 'x'];
      if (way === 0 && !Array.isArray(parent)) delete parent[key];
      else if (way === 1) parent[key] = intruder;
      else parent[optionalMembers[which % optionalMembers.length] ?? 'x'] = intruder;
      return copy;
    });

const broken = (kind: OracleKind): fc.Arbitrary<Doc> =>
  fc
    .tuple(right(kind), fc.constantFrom(...breakagesOf(kind)), fc.nat())
    .map(([doc, [, breakIt], at]) => {
      const copy = structuredClone(doc);
      breakIt(copy, at);
      return copy;
    });

const ways = { valid: right, broken, disturbed } as const;
const oracleKinds: readonly OracleKind[] = ['manifest', 'index', 'config', 'descriptor'];

describe('image-spec and validate agree, but for known differences', () => {
  for (const kind of oracleKinds) {
    for (const [way, make] of Object.entries(ways)) {
      testWith('go')(`on ${way} documents: ${kind} (needs Go)`, () => {
        // The seed of the test set-up, or a new one that a failure then names.
        const { seed = Date.now() } = fc.readConfigureGlobal();
        const samples = fc.sample(make(kind), { seed, numRuns: documentsCount });
        const questions = samples.map((doc) => ({ kind, text: JSON.stringify(doc) }));
        const answers = ask(questions);
        expect(answers).toHaveLength(questions.length);
        const unexplained = questions.flatMap((question, at) => {
          const found = disagreement(question, answers[at] as Answer);
          return found === undefined ? [] : [found];
        });
        expect(unexplained.slice(0, 5), `seed ${seed}`).toEqual([]);
      });
    }
  }
});

describe('known differences', () => {
  const questionOf = ({ kinds, example }: Stricter | Laxer): Question => ({
    kind: kinds[0] as OracleKind,
    text: typeof example === 'string' ? example : JSON.stringify(example),
  });

  testWith('go')('that we are stricter show in their examples (needs Go)', () => {
    const questions = stricter.map(questionOf);
    for (const [at, answer] of ask(questions).entries()) {
      const { why, rules } = stricter[at] as (typeof stricter)[number];
      const { errors } = ourRules(questions[at] as Question);
      expect([answer.error, errors.length > 0], why).toEqual(['', true]);
      expect(rules, why).toEqual(expect.arrayContaining(errors));
    }
  });

  testWith('go')('that we are laxer show in their examples (needs Go)', () => {
    const questions = laxer.map(questionOf);
    for (const [at, answer] of ask(questions).entries()) {
      const { why, error, warning } = laxer[at] as (typeof laxer)[number];
      const { errors, warnings } = ourRules(questions[at] as Question);
      expect(answer.error, why).toMatch(error);
      expect(errors, why).toEqual([]);
      expect(warnings, why).toEqual(expect.arrayContaining(warning === undefined ? [] : [warning]));
    }
  });
});
