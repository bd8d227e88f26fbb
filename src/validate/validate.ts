// Judges one document: bytes in, a DocumentResult out. Never throws for what a document holds. Valid
// documents take the short way: no token is read twice and no position is worked out.

import type { DocumentResult, Finding } from '../../reports/results.ts';
import { asArray, asObject, type JsonObject } from '../protocol/json.ts';
import { validators } from './generated/validators.js';
import { type SyntaxProblem, walkJson } from './json-walk.ts';
import { detectKind, type Kind } from './kinds.ts';
import { lineColumns, locate } from './pointer.ts';
import { kindUnknown } from './rules/document.ts';
import { capped, valueRules } from './rules/index.ts';
import {
  byteOrderMark,
  encodingRule,
  hasSurrogateEscape,
  inspectTokens,
  limits,
  syntax,
  trailingRule,
} from './rules/json.ts';
import type { DescriptorAt, JudgedDocument, Rule } from './rules/rule.ts';
import { readSchemaError, type SchemaError } from './rules/schema.ts';
import {
  countMembers,
  decodeText,
  documentBytesMax,
  excessOf,
  type Scan,
  scanText,
} from './source.ts';

export interface ValidateOptions {
  /** Name of the document in the result: a path, a URL, an image and digest. */
  readonly path: string;
  /** What the document has to be; found from its content when absent. */
  readonly kind?: Kind;
  /** Warnings count as errors. */
  readonly strict?: boolean;
  /** Content-Type that the document was transported with. */
  readonly contentType?: string;
}

/** Findings of one document that are shown; what comes after is only counted. */
const findingsMax = 1_000;

/** A finding whose place is still a pointer, or an offset where the pointer does not lead there. */
interface Draft {
  readonly rule: Rule;
  readonly pointer: string;
  readonly detail: string;
  readonly offset?: number;
}

interface Source {
  readonly text: string;
  /** Undefined when the text is not JSON, or not one that we judge. */
  readonly value: unknown;
}

/** Judges a document. Findings are sorted by place, and none is told twice. */
export function validateDocument(bytes: Uint8Array, options: ValidateOptions): DocumentResult {
  const drafts: Draft[] = [];
  const { text, value } = readSource(bytes, drafts);
  const kind = value === undefined ? options.kind : judge(value, bytes.length, options, drafts);
  const findings = drafts.length === 0 ? [] : toFindings(text, drafts, options.strict ?? false);
  return {
    path: options.path,
    kind: kind ?? 'unknown',
    valid: findings.every(({ level }) => level !== 'error'),
    findings,
  };
}

function readSource(bytes: Uint8Array, drafts: Draft[]): Source {
  if (bytes.length > documentBytesMax) {
    const detail = `it has ${bytes.length} bytes, more than ${documentBytesMax}`;
    drafts.push({ rule: limits, pointer: '', detail });
    return { text: '', value: undefined };
  }
  const { text, hasBom, invalidAt } = decodeText(bytes);
  if (invalidAt !== undefined) {
    const detail = 'bytes that are not UTF-8 begin here';
    drafts.push({ rule: encodingRule, pointer: '', detail, offset: invalidAt });
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
  if (source.value !== undefined && isSuspicious(source, scan)) {
    inspectTokens(source.text, (rule, offset, pointer, detail) => {
      drafts.push({ rule, pointer, detail, offset });
    });
  }
  return source;
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

/** Whether the tokens have to be looked at: JSON.parse has dropped members or changed something. */
function isSuspicious({ text, value }: Source, scan: Scan): boolean {
  return scan.hasOddNumber || scan.members !== countMembers(value) || hasSurrogateEscape(text);
}

/** Runs the schema and the rules of the document's kind; returns that kind. */
function judge(
  value: unknown,
  bytes: number,
  options: ValidateOptions,
  drafts: Draft[],
): Kind | undefined {
  const kind = options.kind ?? detectKind(value, options.contentType);
  if (kind === undefined) {
    const detail = 'it is no document that pullproof knows';
    drafts.push({ rule: kindUnknown, pointer: '', detail });
    return undefined;
  }
  if (kind !== 'docker-schema1') {
    const validator = validators[kind];
    if (!validator(value)) {
      drafts.push(...schemaDrafts(validator.errors ?? []));
    }
  }
  const root = asObject(value);
  if (root !== undefined) {
    runRules(
      { ...partsOf(kind, root), kind, value: root, bytes, contentType: options.contentType },
      drafts,
    );
  }
  return kind;
}

/** One per rule and place: -0.5 is no size for two reasons, and still one finding. */
function schemaDrafts(errors: readonly SchemaError[]): Iterable<Draft> {
  const drafts = new Map<string, Draft>();
  for (const error of errors) {
    const draft = readSchemaError(error);
    if (draft === undefined) continue;
    const key = `${draft.rule.id} ${draft.pointer}`;
    if (!drafts.has(key)) drafts.set(key, draft);
  }
  return drafts.values();
}

function runRules(document: JudgedDocument, drafts: Draft[]): void {
  for (const rule of valueRules) {
    if (rule.kinds.includes(document.kind)) {
      rule.check(document, (pointer, detail) => drafts.push({ rule, pointer, detail }));
    }
  }
}

function partsOf(kind: Kind, root: JsonObject): Pick<JudgedDocument, 'parts' | 'subject'> {
  const parts: DescriptorAt[] = [];
  function add(value: unknown, pointer: string): void {
    const descriptor = asObject(value);
    if (descriptor !== undefined) {
      parts.push({ pointer, descriptor });
    }
  }
  function addAll(list: unknown, pointer: string): void {
    for (const [at, value] of (asArray(list) ?? []).entries()) {
      add(value, `${pointer}/${at}`);
    }
  }
  if (kind === 'descriptor') {
    add(root, '');
  } else if (kind === 'manifest' || kind === 'docker-manifest') {
    add(root.config, '/config');
    addAll(root.layers, '/layers');
  } else if (kind === 'index' || kind === 'docker-manifest-list') {
    addAll(root.manifests, '/manifests');
  }
  const subject = asObject(root.subject);
  return { parts, subject: subject && { pointer: '/subject', descriptor: subject } };
}

/** Gives drafts their places, sorts them, and caps them. */
function toFindings(text: string, drafts: readonly Draft[], strict: boolean): Finding[] {
  const shown = drafts.slice(0, findingsMax);
  const pointers = shown.filter(({ offset }) => offset === undefined).map(({ pointer }) => pointer);
  const offsets = locate(text, pointers);
  const placed = shown
    .map((draft) => ({ draft, offset: draft.offset ?? offsets.get(draft.pointer) ?? 0 }))
    .sort((a, b) => a.offset - b.offset || compare(a.draft.rule.id, b.draft.rule.id));
  const places = lineColumns(
    text,
    placed.map(({ offset }) => offset),
  );
  const findings = placed.map(({ draft }, at): Finding => {
    const { rule, pointer, detail } = draft;
    return {
      ruleId: rule.id,
      level: strict && rule.level === 'warning' ? 'error' : rule.level,
      pointer,
      ...(places[at] ?? { line: 1, column: 1 }),
      message: `${detail}. ${rule.fix}`,
      spec: rule.spec,
    };
  });
  const hidden = drafts.length - shown.length;
  if (hidden > 0) {
    findings.push({
      ruleId: capped.id,
      level: drafts.slice(findingsMax).some(({ rule }) => rule.level === 'error')
        ? 'error'
        : 'note',
      pointer: '',
      line: 1,
      column: 1,
      message: `at least ${hidden} more findings are not shown. ${capped.fix}`,
      spec: capped.spec,
    });
  }
  return findings;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
