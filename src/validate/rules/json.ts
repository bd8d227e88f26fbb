// Rules about the text itself: what I-JSON (RFC 7493) and plain caution ask of every document,
// whatever its kind. The exact ones read the tokens again and run only on suspicion.

import { tokenText } from '../../formats/json-places.ts';
import { type JsonVisitor, walkJson } from '../../formats/json-walk.ts';
import { childPointer } from '../../formats/places.ts';
import { maskUserinfo } from '../secrets.ts';
import { quote, type Rule } from './rule.ts';

const iJson = 'image-spec/considerations.md#json';

export const limits: Rule = {
  id: 'document-limits',
  level: 'error',
  spec: 'rfc8259#section-9',
  summary:
    'A document stays within 32 MiB, 250,000 values, 512 levels and 4 Mi characters a string.',
  fix: 'No client reads such a document; check what wrote it.',
};
export const encodingRule: Rule = {
  id: 'json-utf8',
  level: 'error',
  spec: iJson,
  summary: 'The encoding is UTF-8.',
  fix: 'Write the file as UTF-8; compressed or binary files are not documents.',
};
export const byteOrderMark: Rule = {
  id: 'json-bom',
  level: 'error',
  spec: 'rfc8259#section-8.1',
  summary: 'No byte order mark stands before the JSON text.',
  fix: 'Remove the first three bytes, EF BB BF; Go clients refuse them.',
};
export const syntax: Rule = {
  id: 'json-syntax',
  level: 'error',
  spec: 'rfc8259#section-2',
  summary: 'The text is JSON.',
  fix: 'Correct the JSON here.',
};
/** Mistakes that people make often, by the text where JSON ends, and how to mend them. */
const commonMistakes: readonly (readonly [found: RegExp, fix: string])[] = [
  [
    /[\u201c-\u201f\u00ab\u00bb\uff02]/y,
    'Write " in its place: a chat or a word processor has changed it.',
  ],
  [/['\u2018\u2019`]/y, 'Write strings and names in double quotes.'],
  [/\/[/*]|#/y, 'Remove the comment: JSON has none.'],
  [/<<<<<<<|=======|>>>>>>>/y, 'Resolve the merge conflict.'],
  [/[\u00a0\u200b\u3000\ufeff]/y, 'Remove it, or write a common space.'],
  [/(?:None|True|False)\b/y, 'Write null, true or false: this is how Python prints them.'],
  [
    /(?:NaN|-?Infinity|undefined)\b/y,
    'Write null, or leave the member out: JSON has no such value.',
  ],
  [/\{\{|\$\{|\{%/y, 'Fill in the template first.'],
  [/[A-Za-z_$]/y, 'Write strings and names in double quotes.'],
];
const leadingZero = /(?<![\w.+-])-?0$/;
const trailingComma = /,\s{0,256}$/;

/** The rule about a text that stops being JSON at an offset, with what is to be done there. */
export function syntaxRuleAt(text: string, offset: number): Rule {
  const mistake = commonMistakes.find(([found]) => {
    found.lastIndex = offset;
    return found.test(text);
  });
  const isClosing = /[}\]]/.test(text[offset] ?? '');
  if (isClosing && trailingComma.test(text.slice(Math.max(0, offset - 300), offset))) {
    return { ...syntax, fix: 'Remove the comma before it.' };
  }
  if (
    /[0-9]/.test(text[offset] ?? '') &&
    leadingZero.test(text.slice(Math.max(0, offset - 3), offset))
  ) {
    return { ...syntax, fix: 'Remove the zero before it: numbers in JSON begin with none.' };
  }
  return mistake === undefined ? syntax : { ...syntax, fix: mistake[1] };
}

const trailingRule: Rule = {
  id: 'json-trailing-data',
  level: 'error',
  spec: 'rfc8259#section-2',
  summary: 'Nothing but blanks follows the JSON value.',
  fix: 'Remove everything after the value; the digest covers it, but no client reads it.',
};

const excessFix = 'Remove this bracket, or an earlier one that closes too much.';

/** The rule about what follows a value, at an offset. */
export function trailingRuleAt(text: string, offset: number): Rule {
  const isBracket = /[}\]]/.test(text[offset] ?? '');
  return isBracket ? { ...trailingRule, fix: excessFix } : trailingRule;
}

const duplicate: Rule = {
  id: 'json-duplicate-key',
  level: 'error',
  spec: iJson,
  summary: 'No object has two members of the same name.',
  fix: 'Remove one of them: some clients read the first, others the last.',
};
const precision: Rule = {
  id: 'json-number-precision',
  level: 'warning',
  spec: iJson,
  summary: 'Numbers fit a double without loss.',
  fix: 'Use a number within 2^53, or a string; many parsers change this one.',
};
const spellingRule: Rule = {
  id: 'json-integer-spelling',
  level: 'warning',
  spec: 'rfc7493#section-2.2',
  summary: 'Integers are written without fraction and exponent.',
  fix: 'Write it with digits only; Go clients refuse other spellings of an integer.',
};
const surrogatePattern: Rule = {
  id: 'json-surrogate',
  level: 'error',
  spec: 'rfc7493#section-2.1',
  summary: 'Strings are made of Unicode characters: no half surrogate pairs, no noncharacters.',
  fix: 'Write surrogates in pairs, or the character itself; U+FFFE and its kin stand for none.',
};

export const jsonRules: readonly Rule[] = [
  limits,
  encodingRule,
  byteOrderMark,
  syntax,
  trailingRule,
  duplicate,
  precision,
  spellingRule,
  surrogatePattern,
];

/** As `Report`, with the offset in the text that the finding is about. */
type ReportAt = (rule: Rule, offset: number, pointer: string, detail: string) => void;

/** Escapes of surrogates, paired or not, and of noncharacters in the first plane. */
const oddEscape = /\\u(?:[dD][89a-fA-F]|[fF]{3}[eEfF]|[fF][dD][dDeE])/;
const noncharacter = /\p{Noncharacter_Code_Point}/u;
/** Noncharacters of the first plane, and what every one beyond ends with: fast, and sure to find them. */
const maybeNoncharacter = /[\ufdd0-\ufdef\ufffe\uffff\udffe\udfff]/;

/** Whether strings of the text may hold what is no character; cheap. */
export function hasOddCharacter(text: string): boolean {
  return (text.includes('\\') && oddEscape.test(text)) || maybeNoncharacter.test(text);
}

/** A double holds any decimal of 15 digits and prints back at most 17. */
const significantDigitsMax = 17;

function judgeNumber(
  token: string,
  offset: number,
  pointer: string,
  report: ReportAt,
  secret: boolean,
): void {
  const value = Number(token);
  const isPlain = /^-?[0-9]+$/.test(token);
  const mantissa = token
    .replace(/[eE].*$/, '')
    .replace(/[-.]/g, '')
    .replace(/^0+/, '');
  const isLossy = isPlain
    ? !Number.isSafeInteger(value)
    : !Number.isFinite(value) || mantissa.length > significantDigitsMax;
  const shown = secret ? 'the number' : token.length > 40 ? `${token.slice(0, 40)}…` : token;
  if (isLossy) {
    report(precision, offset, pointer, `${shown} does not fit a double without loss`);
  }
  if (!isPlain && Number.isInteger(value)) {
    report(spellingRule, offset, pointer, `${shown} is an integer in the spelling of a fraction`);
  }
}

/**
 * The exact look at a text that is JSON: every duplicate, odd number and lone surrogate. Of documents
 * with secrets no value is repeated; strings never are.
 */
export function inspectTokens(text: string, report: ReportAt, secret = false): void {
  const open: { names: Set<string> | undefined; step: string; index: number }[] = [];
  const pointer = () => open.reduce((parent, { step }) => childPointer(parent, step), '');
  function beginValue(): void {
    const parent = open.at(-1);
    if (parent !== undefined && parent.names === undefined) {
      parent.step = String(parent.index++);
    }
  }
  function judgeString(start: number, end: number): string {
    const value = tokenText(text, start, end);
    if (!value.isWellFormed()) {
      report(surrogatePattern, start, pointer(), 'the string has half a surrogate pair');
    } else if (noncharacter.test(value)) {
      report(surrogatePattern, start, pointer(), 'the string has a noncharacter');
    }
    return value;
  }
  const visitor: JsonVisitor = {
    key(start, end) {
      const parent = open.at(-1) as (typeof open)[number];
      parent.step = tokenText(text, start, end);
      judgeString(start, end);
      if (parent.names?.has(parent.step)) {
        const name = secret ? maskUserinfo(parent.step) : parent.step;
        report(duplicate, start, pointer(), `${quote(name)} is here a second time`);
      }
      parent.names?.add(parent.step);
    },
    scalar(start, end) {
      beginValue();
      const first = text[start] as string;
      if (first === '"') {
        judgeString(start, end);
      } else if (first === '-' || (first >= '0' && first <= '9')) {
        judgeNumber(text.slice(start, end), start, pointer(), report, secret);
      }
    },
    open(_start, isObject) {
      beginValue();
      open.push({ names: isObject ? new Set() : undefined, step: '', index: 0 });
    },
    close() {
      open.pop();
    },
  };
  walkJson(text, visitor);
}
