// Judges one document: bytes in, a DocumentResult out. Never throws for what a document holds. Valid
// documents take the short way: no token is read twice and no position is worked out.

import type { DocumentResult, Finding } from '../../reports/results.ts';
import { locate } from '../formats/json-places.ts';
import { type Place, pointerSteps } from '../formats/places.ts';
import { asObject, type JsonObject } from '../lib/json.ts';
import { lineColumns } from '../lib/line-columns.ts';
import { editsOf } from './edits.ts';
import { excerptOf } from './excerpt.ts';
import { validators } from './generated/validators.js';
import { judgeSaveList } from './image/save-list.ts';
import { detectKind, type Kind, type SchemaKind } from './kinds.ts';
import { knownLook, lookOfJson } from './looks/json.ts';
import { formatOf, holdsSecrets, kindOfName, kindOfText } from './other-kinds.ts';
import { type AlsoFound, type Draft, inspect, readSource, type Source } from './read-source.ts';
import { kindUnknown } from './rules/document.ts';
import { capped, valueRules } from './rules/index.ts';
import { partsOf } from './rules/parts.ts';
import type { JudgedDocument, Rule } from './rules/rule.ts';
import { readSchemaError, type SchemaError } from './rules/schema.ts';
import { isFreeAtTop } from './rules/schema-guess.ts';
import { maskPointer, maskUrls, mayHoldSecrets } from './secrets.ts';

export type { AlsoFound } from './read-source.ts';

/** What a finding of a rule counts as; `off`: nothing. */
export type RuleLevel = Finding['level'] | 'off';

/** How grave findings are taken. */
export interface Severity {
  /** Warnings count as errors. */
  readonly strict?: boolean | undefined;
  /** Levels by rule id, in place of the rules' own, the same everywhere or by path; `strict` comes after. */
  readonly levels?: Levels | ((path: string) => Levels) | undefined;
}

export type Levels = Readonly<Record<string, RuleLevel>>;

/** The levels that hold for a document. */
export function levelsAt(levels: Severity['levels'], path: string): Levels | undefined {
  return typeof levels === 'function' ? levels(path) : levels;
}

function severityAt({ strict, levels }: Severity, path: string): SeverityThere {
  return { strict, levels: levelsAt(levels, path) };
}

interface SeverityThere extends Severity {
  readonly levels: Levels | undefined;
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

/** Findings of one document that are shown; what comes after is only counted. */
const findingsMax = 1_000;

/** Judges a document. Findings are sorted by place, and none is told twice. */
export function validateDocument(bytes: Uint8Array, options: ValidateOptions): DocumentResult {
  const drafts: Draft[] = [...(options.also ?? [])];
  const asked = options.kind ?? kindOfText(options.path, bytes);
  const named = asked ?? kindOfName(options.path);
  const source = readSource(bytes, formatOf(asked), named !== undefined, drafts);
  const judged = asked === undefined ? options : { ...options, kind: asked };
  const kind = source.value === undefined ? named : judge(source, bytes.length, judged, drafts);
  const secret = holdsSecrets(kind);
  if (source.suspicious) {
    inspect(source.text, secret, drafts);
  }
  // A document that nobody knows shows nothing of itself, unless it is none for a mistake in its text.
  const isUnknown = kind === undefined && source.value !== undefined;
  const isQuiet = secret || isUnknown || source.isStranger === true;
  const there = severityAt(options, options.path);
  const findings = drafts.length === 0 ? [] : toFindings(source, drafts, there, secret, isQuiet);
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
  const source = readSource(bytes, 'json', true, drafts);
  if (source.trailing !== undefined) drafts.push(source.trailing);
  if (source.suspicious) inspect(source.text, false, drafts);
  const findings = toFindings(source, drafts, severityAt(severity, path));
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
  const nothing: Source = { text: '', value: undefined };
  const findings = toFindings(nothing, drafts, severityAt(severity, path));
  return { path, kind, valid: findings.every(({ level }) => level !== 'error'), findings };
}

/** Runs the schema and the rules of the document's kind; returns that kind. */
function judge(
  { text, value, trailing }: Source,
  bytes: number,
  options: ValidateOptions,
  drafts: Draft[],
): Kind | undefined {
  const { path, contentType } = options;
  const kind = options.kind ?? ownKindOf(value, contentType) ?? kindOfName(path);
  if (kind === undefined) {
    // A bracket too many makes no second value.
    const isExcess = trailing !== undefined && /[}\]]/.test(text[trailing.offset ?? 0] ?? '');
    if (isExcess) drafts.push(trailing);
    const { detail, fix } = lookOfJson(value, contentType, trailing !== undefined && !isExcess);
    drafts.push({ rule: { ...kindUnknown, fix }, pointer: '', detail });
    return undefined;
  }
  if (trailing !== undefined) drafts.push(trailing);
  if (kind === 'docker-save') {
    judgeSaveList(value, (rule, pointer, detail) => drafts.push({ rule, pointer, detail }));
    return kind;
  }
  const validator = validators[kind];
  if (!validator(value)) {
    // One by one: there may be more of them than a call takes arguments.
    for (const draft of schemaDrafts(validator.errors ?? [], kind, asObject(value) ?? {})) {
      drafts.push(draft);
    }
  }
  const root = asObject(value);
  if (root !== undefined) {
    runRules({ ...partsOf(kind, root), path, kind, value: root, text, bytes, contentType }, drafts);
  }
  return kind;
}

/** Kinds whose members other documents have as well, where they say nothing of their version. */
const commonKinds: readonly (Kind | undefined)[] = ['index', 'descriptor', 'tag-list', 'config'];

/** The kind that a value shows, unless it is known for the output of some tool. */
function ownKindOf(value: unknown, contentType: string | undefined): Kind | undefined {
  const kind = detectKind(value, contentType);
  if (!commonKinds.includes(kind) || asObject(value)?.schemaVersion !== undefined) return kind;
  return knownLook(value) === undefined ? kind : undefined;
}

/** One per rule and place: -0.5 is no size for two reasons, and still one finding. */
function schemaDrafts(
  errors: readonly SchemaError[],
  kind: SchemaKind,
  top: JsonObject,
): Iterable<Draft> {
  const drafts = new Map<string, Draft>();
  for (const error of errors) {
    const draft = readSchemaError(error, kind, holdsSecrets(kind));
    if (draft === undefined) continue;
    const key = `${draft.rule.id} ${draft.pointer}`;
    if (drafts.has(key)) continue;
    drafts.set(key, isMoveOnto(draft, top) ? { ...draft, fix: undefined } : draft);
  }
  return drafts.values();
}

/** Whether the fix would move a member to where one of its name is. */
function isMoveOnto({ fix, pointer }: Draft, top: JsonObject): boolean {
  const isMove = fix !== undefined && 'toTop' in fix;
  return isMove && !isFreeAtTop(pointerSteps(pointer).at(-1) ?? '', top);
}

function runRules(document: JudgedDocument, drafts: Draft[]): void {
  for (const rule of valueRules) {
    if (rule.kinds.includes(document.kind)) {
      rule.check(document, (pointer, detail, mark, fix) =>
        drafts.push({ rule, pointer, detail, mark, fix }),
      );
    }
  }
}

/** Gives drafts their levels and places, sorts them, and caps them. */
function toFindings(
  source: Source,
  found: readonly Draft[],
  severity: SeverityThere,
  secret = false,
  isQuiet = secret,
): Finding[] {
  const { text, locate: locateIn = locate } = source;
  const all = found.filter(({ rule }) => levelOf(rule, severity) !== 'off');
  const drafts = all.length > findingsMax ? gravestFirst(all, severity) : all;
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
    const place = places.get(pointer);
    const edits = draft.fix && editsOf(text, place, draft.fix, source.format ?? 'json');
    return {
      ruleId: rule.id,
      level: levelOf(rule, severity) as Finding['level'],
      pointer: secret ? maskPointer(pointer) : pointer,
      ...(lines[at] ?? { line: 1, column: 1 }),
      message: `${maskUrls(detail)}. ${rule.fix}`,
      spec: rule.spec,
      ...(excerpt && { excerpt }),
      ...(edits && { edits }),
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

/** What is cut off is to be the least of it. */
function gravestFirst(drafts: readonly Draft[], severity: SeverityThere): Draft[] {
  const rank = ({ rule }: Draft) => ['error', 'warning', 'note'].indexOf(levelOf(rule, severity));
  return drafts.toSorted((a, b) => rank(a) - rank(b));
}

/** Says how many findings are not shown; an error when one of them is. */
function hiddenFinding(drafts: readonly Draft[], severity: SeverityThere): Finding {
  const hidden = drafts.slice(findingsMax);
  const errors = hidden.filter(({ rule }) => levelOf(rule, severity) === 'error').length;
  const graver = errors > 0 ? `, ${errors} errors among them` : '';
  return {
    ruleId: capped.id,
    level: errors > 0 ? 'error' : 'note',
    pointer: '',
    line: 1,
    column: 1,
    message: `at least ${hidden.length} more findings are not shown${graver}. ${capped.fix}`,
    spec: capped.spec,
  };
}

function levelOf(rule: Rule, { strict = false, levels }: SeverityThere): RuleLevel {
  const set = levels !== undefined && Object.hasOwn(levels, rule.id) ? levels[rule.id] : undefined;
  const level = set ?? rule.level;
  return strict && level === 'warning' ? 'error' : level;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
