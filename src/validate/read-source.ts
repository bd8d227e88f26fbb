// From bytes to the value of a document, whatever its format, with what is wrong with the text itself.

import { configBytesMax } from '../formats/config-limits.ts';
import type { Locate } from '../formats/json-places.ts';
import { type SyntaxProblem, walkJson } from '../formats/json-walk.ts';
import { encodingOf } from './looks/bytes.ts';
import type { Look } from './looks/look.ts';
import { lookOfForeign, lookOfStranger } from './looks/looks.ts';
import type { Format } from './other-kinds.ts';
import { readToml, tomlBom, tomlSyntax, tomlVersion } from './read-toml.ts';
import { readYaml, yamlSyntax } from './read-yaml.ts';
import { kindUnknown } from './rules/document.ts';
import {
  byteOrderMark,
  encodingRule,
  hasOddCharacter,
  inspectTokens,
  limits,
  syntax,
  syntaxRuleAt,
  trailingRuleAt,
} from './rules/json.ts';
import type { Fix, Mark, Rule } from './rules/rule.ts';
import {
  countMembers,
  type DecodedText,
  decodeText,
  documentBytesMax,
  excessOf,
  type Scan,
  scanText,
} from './source.ts';

/** A rule that is broken at a pointer of a document; `detail` is one sentence without its full stop. */
export interface AlsoFound {
  readonly rule: Rule;
  readonly pointer: string;
  readonly detail: string;
  /** Default `value`. */
  readonly mark?: Mark | undefined;
  readonly fix?: Fix | undefined;
}

/** A finding whose place is still a pointer, or an offset where the pointer does not lead there. */
export interface Draft extends AlsoFound {
  readonly offset?: number;
}

export interface Source {
  readonly text: string;
  /** Undefined when the text is not of its format, or not one that we judge. */
  readonly value: unknown;
  /** The tokens have to be looked at, see `isSuspicious`. */
  readonly suspicious?: boolean;
  /** The text is none of its format at all, so nothing of it is shown. */
  readonly isStranger?: boolean;
  /** What follows the value. */
  readonly trailing?: Draft;
  /** For what is not JSON. */
  readonly format?: Format;
  readonly locate?: Locate;
}

/** `isKnown`: the bytes have to be of a kind, by what the user says or by their name. */
export function readSource(
  bytes: Uint8Array,
  format: Format,
  isKnown: boolean,
  drafts: Draft[],
): Source {
  const bytesMax = format === 'json' ? documentBytesMax : configBytesMax;
  if (bytes.length > bytesMax) {
    const detail = `it has ${bytes.length} bytes, more than ${bytesMax}`;
    drafts.push({ rule: limits, pointer: '', detail });
    return { text: '', value: undefined };
  }
  const encoding = encodingOf(bytes);
  if (encoding !== undefined) {
    drafts.push(lookDraft(encodingRules[format], encoding));
    return { text: '', value: undefined, isStranger: true };
  }
  const decoded = decodeText(bytes);
  return format === 'json'
    ? readJson(bytes, decoded, isKnown, drafts)
    : readConfig(bytes, decoded, format, drafts);
}

/** Who speaks of an encoding that is not UTF-8. */
const encodingRules: Readonly<Record<Format, Rule>> = {
  json: encodingRule,
  toml: tomlSyntax,
  yaml: yamlSyntax,
};

const asUtf8 = 'Write the file in UTF-8: clients refuse the whole file.';

/** What bytes are in place of what they should be, and what to do about that. */
function lookDraft(rule: Rule, { detail, fix }: Look): Draft {
  return { rule: { ...rule, fix }, pointer: '', detail, offset: 0 };
}

function encodingDraft(rule: Rule, offset: number): Draft {
  return { rule, pointer: '', detail: 'bytes that are not UTF-8 begin here', offset };
}

function readJson(
  bytes: Uint8Array,
  decoded: DecodedText,
  isKnown: boolean,
  drafts: Draft[],
): Source {
  const { text, hasBom, invalidAt } = decoded;
  const scan = scanText(text);
  const excess = excessOf(scan);
  if (excess !== undefined) {
    drafts.push({ rule: limits, pointer: '', detail: excess });
    return { text, value: undefined };
  }
  let value: unknown;
  let trailing: Draft | undefined;
  try {
    value = JSON.parse(text);
  } catch {
    const look = lookOfStranger(bytes, text);
    if (look !== undefined) {
      const asked = invalidAt === undefined ? syntax : encodingRule;
      drafts.push(lookDraft(isKnown ? asked : kindUnknown, look));
      return { text, value: undefined, isStranger: true };
    }
    // The walker refuses exactly what JSON.parse refuses, and knows where.
    const problem = walkJson(text) as SyntaxProblem;
    const { offset, message: detail } = problem;
    if (problem.trailing) {
      value = JSON.parse(text.slice(0, offset));
      trailing = { rule: trailingRuleAt(text, offset), pointer: '', detail, offset };
    } else if (invalidAt === undefined) {
      // Bytes that are neither UTF-8 nor JSON are told of once.
      drafts.push({ rule: syntaxRuleAt(text, offset), pointer: '', detail, offset });
    }
  }
  if (invalidAt !== undefined) drafts.push(encodingDraft(encodingRule, invalidAt));
  if (hasBom) {
    drafts.push({ rule: byteOrderMark, pointer: '', detail: bomDetail });
  }
  const suspicious = value !== undefined && isSuspicious(text, value, scan);
  return { text, value, suspicious, ...(trailing && { trailing }) };
}

const bomDetail = 'a byte order mark stands before the text';

function readConfig(
  bytes: Uint8Array,
  { text, hasBom, invalidAt }: DecodedText,
  format: 'toml' | 'yaml',
  drafts: Draft[],
): Source {
  const { value, problems, locate } = (format === 'toml' ? readToml : readYaml)(text);
  const isWrong = problems.some(({ rule }) => rule !== tomlVersion);
  const look = isWrong ? lookOfForeign(bytes, text) : undefined;
  if (look !== undefined) {
    drafts.push(lookDraft(encodingRules[format], look));
    return { text, value: undefined, isStranger: true };
  }
  if (invalidAt !== undefined)
    drafts.push(encodingDraft({ ...encodingRules[format], fix: asUtf8 }, invalidAt));
  if (hasBom && format === 'toml') {
    drafts.push({ rule: tomlBom, pointer: '', detail: bomDetail });
  }
  for (const problem of problems) drafts.push({ ...problem, pointer: '' });
  return { text, value, format, locate };
}

export function inspect(text: string, secret: boolean, drafts: Draft[]): void {
  const report: Parameters<typeof inspectTokens>[1] = (rule, offset, pointer, detail) => {
    drafts.push({ rule, pointer, detail, offset });
  };
  inspectTokens(text, report, secret);
}

/** Whether the tokens have to be looked at: JSON.parse has dropped members or changed something. */
function isSuspicious(text: string, value: unknown, scan: Scan): boolean {
  return scan.hasOddNumber || scan.members !== countMembers(value) || hasOddCharacter(text);
}
