// Rules that the JSON Schemas in schemas/ carry: what ajv reports is turned into a rule, a pointer
// and words. The schemas say which rule speaks at each constraint; nothing of that is repeated here.

import { schemaRules } from '../generated/validators.js';
import { childPointer, pointerSteps } from '../pointer.ts';
import { quote, type Rule } from './rule.ts';

export type SchemaRule = Rule;

/** One error of a generated validator (ajv in verbose mode). */
export interface SchemaError {
  readonly keyword: string;
  /** JSON pointer. */
  readonly instancePath: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** The value that the keyword judged. */
  readonly data?: unknown;
  /** The schema node that holds the keyword. */
  readonly parentSchema?: SchemaNode;
  /** Set when a member's name was judged, not its value. */
  readonly propertyName?: string;
}

interface SchemaNode {
  readonly 'x-rule'?: string;
  readonly 'x-complaint'?: string;
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
}

/** What an error means to the user; undefined for one that only repeats another. */
export function readSchemaError(error: SchemaError): SchemaFinding | undefined {
  if (wrappers.has(error.keyword)) {
    return undefined;
  }
  const node = error.parentSchema ?? {};
  let id = node['x-rule'];
  if (error.keyword === 'required') {
    id = node.properties?.[String(error.params.missingProperty)]?.['x-rule'] ?? id;
  }
  // The generator made sure that every constraint has a rule.
  const rule = ruleById.get(id as string) as Rule;
  const pointer =
    error.propertyName === undefined
      ? error.instancePath
      : childPointer(error.instancePath, error.propertyName);
  return { rule, pointer, detail: detailOf(error, node, pointer) };
}

function detailOf(error: SchemaError, node: SchemaNode, pointer: string): string {
  const { params, data } = error;
  const name = nameOf(pointer);
  switch (error.keyword) {
    case 'required':
      return `${name} has no ${quote(params.missingProperty)}`;
    case 'type':
      return `${name} is ${quote(data)}, not ${typeNames(params.type)}`;
    case 'const':
      return `${name} is ${quote(data)}, not ${quote(params.allowedValue)}`;
    case 'minimum':
      return `${name} is ${data}, less than ${params.limit}`;
    case 'maximum':
      return `${name} is ${data}, more than 64 bits with a sign can hold`;
    case 'minItems':
      return `${name} is empty`;
    default:
      return `${quote(data)} ${node['x-complaint']}${encodingDetail(node, data)}`;
  }
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
  return names.map((name) => (/^[aeio]/.test(name) ? `an ${name}` : `a ${name}`)).join(' or ');
}

const hexDigits: Readonly<Record<string, number>> = { sha256: 64, sha512: 128, blake3: 64 };

/** For the digest of a registered algorithm: in which way it does not fit. */
function encodingDetail(node: SchemaNode, data: unknown): string {
  if (node['x-rule'] !== 'digest-encoding') {
    return '';
  }
  const [algorithm = '', encoded = ''] = String(data).split(':');
  const wanted = hexDigits[algorithm];
  if (encoded.length !== wanted) {
    return `: ${encoded.length} digits instead of ${wanted}`;
  }
  return /^[a-fA-F0-9]+$/.test(encoded) ? ': upper-case hex' : ': not hex';
}
