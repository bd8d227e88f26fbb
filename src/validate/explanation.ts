// What `explain` shows of a rule besides its own words: a document that breaks it, what is said of that,
// and one that comes close and is right. They are the cases that the tests run.

import type { DocumentResult, Finding } from '../../reports/results.ts';
import { plural } from '../lib/plural.ts';
import type { RuleCase, Source } from './cases/rule-case.ts';
import { ruleCases } from './cases/rule-cases.ts';
import { type Files, treeOf } from './image/cases/fixture.ts';
import type { ImageCase } from './image/cases/image-case.ts';
import { casesLayerBytesMax, imageCases } from './image/cases/image-cases.ts';
import { wordCases } from './image/cases/word-cases.ts';
import { judgeTree } from './image/judge-tree.ts';
import { formatOf, kindOfText } from './other-kinds.ts';
import { type ValidateOptions, validateDocument } from './validate.ts';

/** A text as it may be printed, line by line. */
export interface Example {
  readonly lines: readonly string[];
  /** What has to be given for it to be judged so: `--kind …`, a Content-Type. */
  readonly given?: string;
}

export interface RuleExamples {
  readonly bad: Example;
  readonly good: Example;
  /** What is said of the bad one, as far as it is about this rule. */
  readonly findings: readonly { readonly path: string; readonly finding: Finding }[];
}

const lineCharsMax = 160;
const linesMax = 40;

/** Undefined for a rule that does not exist. */
export async function examplesOf(ruleId: string): Promise<RuleExamples | undefined> {
  const documents = ruleCases.filter(({ rule }) => rule === ruleId);
  // Small ones are written down; large ones are made, and shown only in part.
  const document = documents.find(({ bad }) => typeof bad !== 'function') ?? documents[0];
  if (document !== undefined) return documentExamples(document);
  const image = imageCases.find(({ rule }) => rule === ruleId);
  if (image !== undefined) return await imageExamples(image);
  const words = wordCases[ruleId];
  return words && { bad: { lines: [words.bad] }, good: { lines: [words.good] }, findings: [] };
}

function documentExamples(it: RuleCase): RuleExamples {
  const { rule, kind, contentType } = it;
  const options: ValidateOptions = {
    path: it.paths?.bad ?? exampleName(it),
    ...(kind !== undefined && { kind }),
    ...(contentType !== undefined && { contentType }),
  };
  const given = [
    kind === undefined ? '' : `--kind ${kind}`,
    contentType === undefined ? '' : `sent as ${contentType}`,
  ].filter(Boolean);
  const example = (source: Source): Example => ({
    lines: linesOf(source),
    ...(given.length > 0 && { given: given.join(', ') }),
  });
  const result = validateDocument(Buffer.from(textOf(it.bad)), options);
  return { bad: example(it.bad), good: example(it.good), findings: about(rule, [result]) };
}

/** As a file of this kind is named, given or found. */
function exampleName({ kind, bad }: RuleCase): string {
  const format = formatOf(kind ?? kindOfText('', Buffer.from(textOf(bad))));
  return `bad.${{ json: 'json', toml: 'conf', yaml: 'yaml' }[format]}`;
}

async function imageExamples({ rule, bad, good }: ImageCase): Promise<RuleExamples> {
  const files = bad();
  const judged = await judgeTree(treeOf(files), {
    layers: true,
    layerBytesMax: casesLayerBytesMax,
    signal: new AbortController().signal,
    progress: () => undefined,
  });
  return {
    bad: { lines: fileLines(files) },
    good: { lines: fileLines(good()) },
    findings: about(rule, judged?.documents ?? []),
  };
}

function about(rule: string, documents: readonly DocumentResult[]): RuleExamples['findings'] {
  return documents.flatMap(({ path, findings }) =>
    findings.filter(({ ruleId }) => ruleId === rule).map((finding) => ({ path, finding })),
  );
}

/** Texts as they are (blanks and quotes may be what it is about), values laid out. */
function textOf(source: Source): string | Uint8Array {
  const made = typeof source === 'function' ? source() : source;
  const isText = typeof made === 'string' || made instanceof Uint8Array;
  return isText ? made : JSON.stringify(made, null, 2);
}

function linesOf(source: Source): string[] {
  const text = textOf(source);
  const shown = typeof text === 'string' ? text : Buffer.from(text).toString('latin1');
  return cut(shown.replace(/\n$/, '').split('\n'));
}

/** Each file of an image: documents in one line, other content by its size. */
function fileLines(files: Files): string[] {
  const lines = [...files].map(([path, bytes]) => {
    const isDocument = bytes[0] === 0x7b || bytes[0] === 0x5b;
    const content = isDocument ? Buffer.from(bytes).toString('utf8') : plural(bytes.length, 'byte');
    return `${path}  ${content}`.replace(/([0-9a-f]{12})[0-9a-f]{52,}/g, '$1…');
  });
  return cut(lines, 1_000);
}

function cut(lines: readonly string[], charsMax = lineCharsMax): string[] {
  const shown = lines
    .slice(0, linesMax)
    .map((line) => (line.length > charsMax ? `${line.slice(0, charsMax)}…` : line));
  return lines.length > linesMax
    ? [...shown, `… ${plural(lines.length - linesMax, 'more line')}`]
    : shown;
}
