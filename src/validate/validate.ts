// Judges one document: bytes in, a DocumentResult out. Never throws for what a document holds. Valid
// documents take the short way: no token is read twice and no position is worked out.

import type { DocumentResult, Finding } from '../../reports/results.ts';
import { asObject } from '../lib/json.ts';
import { lineColumns } from '../lib/line-columns.ts';
import { excerptOf } from './excerpt.ts';
import { validators } from './generated/validators.js';
import { type SyntaxProblem, walkJson } from './json-walk.ts';
import { detectKind, type Kind } from './kinds.ts';
import { type Format, formatOf, holdsSecrets, kindOfName, kindOfText } from './other-kinds.ts';
import { type Locate, locate, type Place } from './pointer.ts';
import { readToml } from './read-toml.ts';
import { readYaml } from './read-yaml.ts';
import { configBytesMax } from './reading.ts';
import { kindUnknown } from './rules/document.ts';
import { capped, valueRules } from './rules/index.ts';
import {
  byteOrderMark,
  encodingRule,
  hasOddCharacter,
  inspectTokens,
  limits,
  syntax,
  trailingRule,
} from './rules/json.ts';
import { partsOf } from './rules/parts.ts';
import type { JudgedDocument, Mark, Rule } from './rules/rule.ts';
import { readSchemaError, type SchemaError } from './rules/schema.ts';
import { maskPointer, maskUrls, mayHoldSecrets } from './secrets.ts';
import {
  countMembers,
  decodeText,
  documentBytesMax,
  excessOf,
  type Scan,
  scanText,
} from './source.ts';

/** What a finding of a rule counts as; `off`: nothing. */
export type RuleLevel = Finding['level'] | 'off';

/** How grave findings are taken. */
export interface Severity {
  /** Warnings count as errors. */
  readonly strict?: boolean | undefined;
  /** Levels by rule id, in place of the rules' own; `strict` comes after. */
  readonly levels?: Readonly<Record<string, RuleLevel>> | undefined;
}

export interface ValidateOptions extends Severity {
  /** Name of the document in the result: a path, a URL, an image and digest. */
  readonly path: string;
  /** What the document has to be; found from its content when absent. */
  readonly kind?: Kind;
  /** Content-Type that the document was transported with. */
  readonly contentType?: string;
  /** What was found by looking at other documents or at the content around this one. */
  readonly also?: readonly AlsoFound[];
}

/** A rule that is broken at a pointer of a document; `detail` is one sentence without its full stop. */
export interface AlsoFound {
  readonly rule: Rule;
  readonly pointer: string;
  readonly detail: string;
  /** Default `value`. */
  readonly mark?: Mark | undefined;
}

/** Findings of one document that are shown; what comes after is only counted. */
const findingsMax = 1_000;

/** A finding whose place is still a pointer, or an offset where the pointer does not lead there. */
interface Draft extends AlsoFound {
  readonly offset?: number;
}

interface Source {
  readonly text: string;
  /** Undefined when the text is not of its format, or not one that we judge. */
  readonly value: unknown;
  /** The tokens have to be looked at, see `isSuspicious`. */
  readonly suspicious?: boolean;
  /** For what is not JSON. */
  readonly locate?: Locate;
}

/** Judges a document. Findings are sorted by place, and none is told twice. */
export function validateDocument(bytes: Uint8Array, options: ValidateOptions): DocumentResult {
  const drafts: Draft[] = [...(options.also ?? [])];
  const asked = options.kind ?? kindOfText(options.path, bytes);
  const source = readSource(bytes, formatOf(asked), drafts);
  const judged = asked === undefined ? options : { ...options, kind: asked };
  const kind =
    source.value === undefined
      ? (asked ?? kindOfName(options.path))
      : judge(source, bytes.length, judged, drafts);
  const secret = holdsSecrets(kind);
  if (source.suspicious) {
    inspect(source.text, secret, drafts);
  }
  // A document that nobody knows shows nothing of itself, unless it is none for a mistake in its text.
  const isQuiet = secret || (kind === undefined && source.value !== undefined);
  const findings = drafts.length === 0 ? [] : toFindings(source, drafts, options, secret, isQuiet);
  return {
    path: options.path,
    kind: kind ?? 'unknown',
    valid: findings.every(({ level }) => level !== 'error'),
    findings,
  };
}

/** Judges a JSON text that has no schema, by the rules of texts. `found` is what its reader says of it. */
export function textResult(
  bytes: Uint8Array,
  path: string,
  kind: string,
  found: readonly AlsoFound[],
  severity: Severity,
): DocumentResult {
  const drafts: Draft[] = [...found];
  const source = readSource(bytes, 'json', drafts);
  if (source.suspicious) inspect(source.text, false, drafts);
  const findings = toFindings(source, drafts, severity);
  return { path, kind, valid: findings.every(({ level }) => level !== 'error'), findings };
}

/**
 * The result of content that has no rules of its own: what was found is about the whole.
 */
export function foundResult(
  path: string,
  kind: string,
  found: readonly Omit<AlsoFound, 'pointer'>[],
  severity: Severity,
): DocumentResult {
  const drafts = found.map((draft) => ({ ...draft, pointer: '' }));
  const findings = toFindings({ text: '', value: undefined }, drafts, severity);
  return { path, kind, valid: findings.every(({ level }) => level !== 'error'), findings };
}

function readSource(bytes: Uint8Array, format: Format, drafts: Draft[]): Source {
  const bytesMax = format === 'json' ? documentBytesMax : configBytesMax;
  if (bytes.length > bytesMax) {
    const detail = `it has ${bytes.length} bytes, more than ${bytesMax}`;
    drafts.push({ rule: limits, pointer: '', detail });
    return { text: '', value: undefined };
  }
  const { text, hasBom, invalidAt } = decodeText(bytes);
  if (invalidAt !== undefined) {
    const detail = 'bytes that are not UTF-8 begin here';
    drafts.push({ rule: encodingRule, pointer: '', detail, offset: invalidAt });
  }
  if (format !== 'json') {
    return readConfig(text, format, drafts);
  }
  if (hasBom) {
    const detail = 'a byte order mark stands before the text';
    drafts.push({ rule: byteOrderMark, pointer: '', detail });
  }
  const scan = scanText(text);
  const excess = excessOf(scan);
  if (excess !== undefined) {
    drafts.push({ rule: limits, pointer: '', detail: excess });
    return { text, value: undefined };
  }
  const source = parse(text, invalidAt === undefined, drafts);
  return { ...source, suspicious: source.value !== undefined && isSuspicious(source, scan) };
}

function readConfig(text: string, format: 'toml' | 'yaml', drafts: Draft[]): Source {
  const { value, problems, locate: locateIn } = (format === 'toml' ? readToml : readYaml)(text);
  for (const problem of problems) {
    drafts.push({ ...problem, pointer: '' });
  }
  return { text, value, locate: locateIn };
}

/** The value of the text, or of what stands before trailing data. */
function parse(text: string, isUtf8: boolean, drafts: Draft[]): Source {
  try {
    return { text, value: JSON.parse(text) };
  } catch {
    // The walker refuses exactly what JSON.parse refuses, and knows where.
    const { offset, message: detail, trailing } = walkJson(text) as SyntaxProblem;
    // Bytes that are neither UTF-8 nor JSON are told of once.
    if (!isUtf8 && !trailing) {
      return { text, value: undefined };
    }
    drafts.push({ rule: trailing ? trailingRule : syntax, pointer: '', detail, offset });
    return { text, value: trailing ? JSON.parse(text.slice(0, offset)) : undefined };
  }
}

function inspect(text: string, secret: boolean, drafts: Draft[]): void {
  const report: Parameters<typeof inspectTokens>[1] = (rule, offset, pointer, detail) => {
    drafts.push({ rule, pointer, detail, offset });
  };
  inspectTokens(text, report, secret);
}

/** Whether the tokens have to be looked at: JSON.parse has dropped members or changed something. */
function isSuspicious({ text, value }: Source, scan: Scan): boolean {
  return scan.hasOddNumber || scan.members !== countMembers(value) || hasOddCharacter(text);
}

/** Runs the schema and the rules of the document's kind; returns that kind. */
function judge(
  { text, value }: Source,
  bytes: number,
  options: ValidateOptions,
  drafts: Draft[],
): Kind | undefined {
  const kind = options.kind ?? detectKind(value, options.contentType) ?? kindOfName(options.path);
  if (kind === undefined) {
    const detail = 'it is no document that pullproof knows';
    drafts.push({ rule: kindUnknown, pointer: '', detail });
    return undefined;
  }
  const validator = validators[kind];
  if (!validator(value)) {
    // One by one: there may be more of them than a call takes arguments.
    for (const draft of schemaDrafts(validator.errors ?? [], holdsSecrets(kind))) {
      drafts.push(draft);
    }
  }
  const root = asObject(value);
  if (root !== undefined) {
    const { path, contentType } = options;
    runRules({ ...partsOf(kind, root), path, kind, value: root, text, bytes, contentType }, drafts);
  }
  return kind;
}

/** One per rule and place: -0.5 is no size for two reasons, and still one finding. */
function schemaDrafts(errors: readonly SchemaError[], secret: boolean): Iterable<Draft> {
  const drafts = new Map<string, Draft>();
  for (const error of errors) {
    const draft = readSchemaError(error, secret);
    if (draft === undefined) continue;
    const key = `${draft.rule.id} ${draft.pointer}`;
    if (!drafts.has(key)) drafts.set(key, draft);
  }
  return drafts.values();
}

function runRules(document: JudgedDocument, drafts: Draft[]): void {
  for (const rule of valueRules) {
    if (rule.kinds.includes(document.kind)) {
      rule.check(document, (pointer, detail, mark) => drafts.push({ rule, pointer, detail, mark }));
    }
  }
}

/** Gives drafts their levels and places, sorts them, and caps them. */
function toFindings(
  source: Source,
  found: readonly Draft[],
  severity: Severity,
  secret = false,
  isQuiet = secret,
): Finding[] {
  const { text, locate: locateIn = locate } = source;
  const drafts = found.filter(({ rule }) => levelOf(rule, severity) !== 'off');
  const shown = drafts.slice(0, findingsMax);
  const pointers = shown.filter(({ offset }) => offset === undefined).map(({ pointer }) => pointer);
  const places = locateIn(text, pointers);
  const placed = shown
    .map((draft) => ({ draft, ...markedBy(draft, places.get(draft.pointer)) }))
    .sort((a, b) => a.start - b.start || compare(a.draft.rule.id, b.draft.rule.id));
  const lines = lineColumns(
    text,
    placed.map(({ start }) => start),
  );
  const showsSource = !isQuiet && !mayHoldSecrets(text);
  const findings = placed.map(({ draft, start, end }, at): Finding => {
    const { rule, pointer, detail } = draft;
    const excerpt = showsSource ? excerptOf(text, start, end) : undefined;
    return {
      ruleId: rule.id,
      level: levelOf(rule, severity) as Finding['level'],
      pointer: secret ? maskPointer(pointer) : pointer,
      ...(lines[at] ?? { line: 1, column: 1 }),
      message: `${maskUrls(detail)}. ${rule.fix}`,
      spec: rule.spec,
      ...(excerpt && { excerpt }),
    };
  });
  if (drafts.length > shown.length) findings.push(hiddenFinding(drafts, severity));
  return findings;
}

/** What a draft marks in the text; `end` is that of the token at `start` where it is not given. */
function markedBy(
  { offset, mark }: Draft,
  place: Place | undefined,
): { start: number; end?: number } {
  if (offset !== undefined) return { start: offset };
  const name = mark === 'name' ? place?.name : undefined;
  return name ?? { start: place?.value ?? 0 };
}

/** Says how many findings are not shown; an error when one of them is. */
function hiddenFinding(drafts: readonly Draft[], severity: Severity): Finding {
  const hidden = drafts.slice(findingsMax);
  const anyError = hidden.some(({ rule }) => levelOf(rule, severity) === 'error');
  return {
    ruleId: capped.id,
    level: anyError ? 'error' : 'note',
    pointer: '',
    line: 1,
    column: 1,
    message: `at least ${hidden.length} more findings are not shown. ${capped.fix}`,
    spec: capped.spec,
  };
}

function levelOf(rule: Rule, { strict = false, levels }: Severity): RuleLevel {
  const set = levels !== undefined && Object.hasOwn(levels, rule.id) ? levels[rule.id] : undefined;
  const level = set ?? rule.level;
  return strict && level === 'warning' ? 'error' : level;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
