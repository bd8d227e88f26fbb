// What a rule is: data that `list rules` and `explain` can show, and for rules in code a small
// function over a document that is JSON already.

import type { Finding } from '../../../reports/results.ts';
import { escapeHidden, escapeUnits } from '../../formats/characters.ts';
import type { JsonObject } from '../../lib/json.ts';
import type { Kind, SchemaKind } from '../kinds.ts';

export interface Rule {
  /** Stable slug, for ever. */
  readonly id: string;
  /** `error`: a MUST of the spec; `warning`: a SHOULD, or what clients are known to refuse. */
  readonly level: Finding['level'];
  /** Section of the spec that decides, as in `Finding.spec`. */
  readonly spec: string;
  /** The requirement in our own words, one sentence. */
  readonly summary: string;
  /** What to do about a finding, one sentence; ends every message. */
  readonly fix: string;
  /** Of a rule that not every client holds to: from which version of which on. */
  readonly since?: Since;
}

export interface Since {
  /** The first version, by client or library. */
  readonly clients: Readonly<Record<string, string>>;
  /** What findings count as for older ones. */
  readonly before: Finding['level'] | 'off';
}

/**
 * What to write instead, where that is plain and safe: another name for the member, another value, or the
 * same member above all tables of a TOML file.
 */
export type Fix =
  | { readonly name: string }
  | { readonly value: string | boolean }
  | { readonly toTop: true };

/** What a finding marks: the value that its pointer leads to, or the name of that member. */
export type Mark = 'value' | 'name';

/** Says that a rule is broken at a pointer; `detail` is one sentence without its full stop. */
export type Report = (pointer: string, detail: string, mark?: Mark, fix?: Fix) => void;

/** A descriptor of a document, with the pointer to it. Its members may still be anything. */
export interface DescriptorAt {
  readonly pointer: string;
  readonly descriptor: JsonObject;
}

/** Names and values that are under the annotation rules. The values may still be anything. */
export interface AnnotationsAt {
  readonly pointer: string;
  readonly annotations: JsonObject;
}

export interface JudgedDocument {
  /** Its name: a path, a URL, an image and digest. */
  readonly path: string;
  readonly kind: SchemaKind;
  readonly value: JsonObject;
  /** The source, decoded, without byte order mark and trailing data included. */
  readonly text: string;
  /** Length of the source. */
  readonly bytes: number;
  /** Content-Type of the transport, if there was one. */
  readonly contentType: string | undefined;
  /** config, layers, manifests and the document itself when it is a descriptor; not subject. */
  readonly parts: readonly DescriptorAt[];
  /** The descriptor under `subject`, if there is one. */
  readonly subject: DescriptorAt | undefined;
  /** Every annotations object, and the labels of a configuration. */
  readonly annotations: readonly AnnotationsAt[];
}

/** A rule over the value. It must bear any shape: what the schema refuses is not its concern. */
export interface ValueRule extends Rule {
  readonly kinds: readonly Kind[];
  readonly check: (document: JudgedDocument, report: Report) => void;
}

/** To end a sentence: the right text, where it can be told. */
export function writeInstead(text: string | undefined): string {
  return text === undefined ? '' : `; write ${quote(text)}`;
}

const quotedCharsMax = 80;

/** Words in which letters of ASCII stand beside others, and words of letters that all look like them. */
const mixedWord =
  /(?=\p{L}*[A-Za-z])\p{L}*(?![A-Za-z])[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}\p{Script=Cherokee}]\p{L}*/gu;
const lookAlikes =
  /(?<!\p{L})[\u0410\u0412\u0415\u041a\u041c-\u041e\u0420-\u0422\u0425\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0455\u0456\u0458\u04bb\u0501\u051b\u051d\u0391\u0392\u0395-\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7\u03bf\u03bd]+(?!\p{L})/gu;
const fullWidth = /[\uff01-\uff5e]/g;

/** A value of an untrusted document for a message: as JSON, cut when long. What deceives is escaped. */
export function quote(value: unknown): string {
  if (typeof value === 'object' && value !== null) {
    return Array.isArray(value) ? 'an array' : 'an object';
  }
  // JSON.parse makes these of numbers such as 1e400.
  if (value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY) {
    return 'a number beyond all doubles';
  }
  const source = typeof value === 'string' ? value.slice(0, quotedCharsMax + 1) : value;
  const json = JSON.stringify(source);
  const shown = /^[\x20-\x7e]*$/.test(json) ? json : withoutDeceit(json);
  if (shown.length <= quotedCharsMax) return shown;
  // Half a pair at the end is no character.
  return `${shown.slice(0, quotedCharsMax - 4).replace(/[\ud800-\udbff]$/, '')}…"`;
}

/** With what nobody sees, and letters that pass for those of ASCII, by their code points. */
function withoutDeceit(text: string): string {
  return escapeHidden(text)
    .replace(fullWidth, escapeUnits)
    .replace(lookAlikes, escapeUnits)
    .replace(mixedWord, (word) => word.replace(/[^A-Za-z]/g, escapeUnits));
}
