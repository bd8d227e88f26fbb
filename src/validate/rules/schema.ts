// Rules that the JSON Schemas in schemas/ carry: what ajv reports is turned into a rule, a pointer
// and words. The schemas say which rule speaks at each constraint; nothing of that is repeated here.

import { childPointer, pointerSteps } from '../../formats/places.ts';
import { plural } from '../../lib/plural.ts';
import { memberTables, schemaRules } from '../generated/validators.js';
import type { SchemaKind } from '../kinds.ts';
import { maskPointer } from '../secrets.ts';
import { guessName } from './member-table.ts';
import { type Fix, type Mark, quote, type Rule, writeInstead } from './rule.ts';
import {
  corrected,
  fixOf,
  guessedWord,
  insteadOf,
  isReadAnyway,
  keyInOtherLetters,
  strayMember,
} from './schema-guess.ts';

/** A rule, and the schema that has it, such as `schemas/oci-index.schema.json`. */
export type SchemaRule = Rule & { readonly file: string };

/** One error of a generated validator (ajv in verbose mode). */
export interface SchemaError {
  readonly keyword: string;
  /** JSON pointer. */
  readonly instancePath: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** The value that the keyword judged. */
  readonly data?: unknown;
  /** What the keyword says. */
  readonly schema?: unknown;
  /** The schema node that holds the keyword. */
  readonly parentSchema?: SchemaNode;
  /** Set when a member's name was judged, not its value. */
  readonly propertyName?: string;
}

export interface SchemaNode {
  readonly 'x-rule'?: string;
  readonly 'x-complaint'?: string;
  /** The rule about members that the node does not name. */
  readonly 'x-unknown'?: string;
  readonly pattern?: string;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
}

export const rulesOfSchemas: readonly SchemaRule[] = schemaRules;

const ruleById: ReadonlyMap<string, Rule> = new Map(rulesOfSchemas.map((rule) => [rule.id, rule]));

/** Errors that only wrap others. */
const wrappers = new Set(['if', 'propertyNames']);

interface SchemaFinding {
  readonly rule: Rule;
  readonly pointer: string;
  readonly detail: string;
  readonly mark: Mark;
  readonly fix?: Fix | undefined;
}

/**
 * What an error means to the user; undefined for one that only repeats another. Of documents with
 * secrets the words repeat no value.
 */
export function readSchemaError(
  error: SchemaError,
  kind: SchemaKind,
  secret = false,
): SchemaFinding | undefined {
  if (wrappers.has(error.keyword)) {
    return undefined;
  }
  const node = error.parentSchema ?? {};
  let id = node['x-rule'];
  if (isReadAnyway(error, kind)) return undefined;
  if (error.keyword === 'required') {
    id = node.properties?.[String(error.params.missingProperty)]?.['x-rule'] ?? id;
  }
  if (error.keyword === 'additionalProperties') {
    id = node['x-unknown'];
  }
  // The generator made sure that every constraint has a rule.
  const rule = ruleById.get(id as string) as Rule;
  const member = error.propertyName ?? error.params.additionalProperty;
  const pointer =
    member === undefined ? error.instancePath : childPointer(error.instancePath, String(member));
  const shown = secret ? maskPointer(pointer) : pointer;
  const fix = fixOf(error, node, kind);
  const mark = member !== undefined || refusesAll(error) ? 'name' : 'value';
  const other = keyInOtherLetters(error, node, kind);
  return {
    // What differs in case alone is known to clients after all.
    rule: other === undefined ? rule : { ...rule, fix: readAnyway(other) },
    pointer,
    detail: detailOf(error, { node, kind, pointer: shown, secret }),
    mark,
    fix,
  };
}

/** Whether no value at all may stand there, so that the member itself is too much. */
function refusesAll({ keyword, schema }: SchemaError): boolean {
  return keyword === 'not' && Object.keys(schema ?? {}).length === 0;
}

interface Told {
  readonly node: SchemaNode;
  readonly kind: SchemaKind;
  /** As it may be shown. */
  readonly pointer: string;
  readonly secret: boolean;
}

function detailOf(error: SchemaError, { node, kind, pointer, secret }: Told): string {
  const { params, data } = error;
  const name = nameOf(pointer);
  const shown = secret ? typeNames(typeOf(data)) : quote(data);
  switch (error.keyword) {
    case 'required':
      return `${name} has no ${quote(params.missingProperty)}${insteadOf(error, node)}`;
    case 'type':
      return `${name} is ${shown}, not ${typeNames(params.type)}${strayMember(error, kind)}`;
    case 'const':
      return `${name} is ${shown}, not ${quote(params.allowedValue)}`;
    case 'enum':
      return `${name} is ${shown}, not one of ${wordsOf(params.allowedValues)}${secret ? '' : guessedWord(error)}`;
    case 'not':
      return `${name} ${node['x-complaint']}`;
    case 'additionalProperties':
      return unknownDetail(name, node, kind);
    case 'minimum':
      return `${name} is ${data}, less than ${params.limit}`;
    case 'maximum':
      return `${name} is ${data}, more than 64 bits with a sign can hold`;
    case 'minItems':
      return `${name} is empty`;
    default:
      if (secret) return `${name} ${node['x-complaint']}`;
      return `${quote(data)} ${node['x-complaint']}${fault(node, data)}${writeInstead(corrected(data, node))}`;
  }
}

const readAnyway = (name: string) =>
  `Write ${name}: clients in Go read both, other programs do not.`;

function unknownDetail(name: string, { properties = {} }: SchemaNode, kind: SchemaKind): string {
  const here = { members: properties as Record<string, object> };
  const guess = guessName(name, here, memberTables[kind]);
  if (guess?.kind === 'place') return `${name} ${guess.words}`;
  if (guess?.kind === 'case') return `${name} is ${guess.name} in other letters`;
  return `${name} is not known here${guess === undefined ? '' : `, ${guess.words}`}`;
}

/** The words of an enum; an empty one stands for nothing and needs no telling. */
function wordsOf(values: unknown): string {
  return (values as unknown[]).filter((value) => value !== '').join(', ');
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

/** The last step of a pointer, for a sentence: `digest`, `layers[2]`, `the document`. */
function nameOf(pointer: string): string {
  const steps = pointerSteps(pointer);
  const last = steps.at(-1);
  const parent = steps.at(-2);
  if (last === undefined) {
    return 'the document';
  }
  const isItem = parent !== undefined && /^[0-9]+$/.test(last);
  return isItem ? `${quote(parent).slice(1, -1)}[${last}]` : quote(last).slice(1, -1);
}

function typeNames(type: unknown): string {
  const names = Array.isArray(type) ? type : [type];
  const phrase = (name: string) => (/^[aeio]/.test(name) ? `an ${name}` : `a ${name}`);
  return names.map((name) => (name === 'null' ? name : phrase(name))).join(' or ');
}

const hexDigits: Readonly<Record<string, number>> = { sha256: 64, sha512: 128, blake3: 64 };

/** In which way a value does not fit its pattern, where more can be said of that. */
function fault(node: SchemaNode, data: unknown): string {
  switch (node['x-rule']) {
    case 'digest-encoding':
      return encodingFault(data);
    case 'media-type-grammar':
      return mediaTypeFault(String(data));
    default:
      return '';
  }
}

function mediaTypeFault(data: string): string {
  const [type = '', ...parameters] = data.split(';');
  if (parameters.length > 0) {
    const found = quote(parameters.join(';').trim());
    return `: it has the parameter ${found}, and parameters are not allowed`;
  }
  if (data.trim() !== data) return ': there are blanks around it';
  const slashes = type.split('/').length - 1;
  if (slashes !== 1) return slashes === 0 ? ': it has no slash' : ': it has more than one slash';
  return '';
}

/** For the digest of a registered algorithm. */
function encodingFault(data: unknown): string {
  const [algorithm = '', encoded = ''] = String(data).split(':');
  const wanted = hexDigits[algorithm];
  if (encoded.length !== wanted) {
    return `: ${plural(encoded.length, 'digit')} instead of ${wanted}`;
  }
  return /^[a-fA-F0-9]+$/.test(encoded) ? ': upper-case hex' : ': not hex';
}
