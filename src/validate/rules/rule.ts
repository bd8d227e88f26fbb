// What a rule is: data that `list rules` and `explain` can show, and for rules in code a small
// function over a document that is JSON already.

import type { Finding } from '../../../reports/results.ts';
import type { JsonObject } from '../../lib/json.ts';
import type { Kind } from '../kinds.ts';

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
}

/** What a finding marks: the value that its pointer leads to, or the name of that member. */
export type Mark = 'value' | 'name';

/** Says that a rule is broken at a pointer; `detail` is one sentence without its full stop. */
export type Report = (pointer: string, detail: string, mark?: Mark) => void;

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
  readonly kind: Kind;
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

const quotedCharsMax = 80;

/** A value of an untrusted document for a message: as JSON in ASCII, cut when long. */
export function quote(value: unknown): string {
  if (typeof value === 'object' && value !== null) {
    return Array.isArray(value) ? 'an array' : 'an object';
  }
  // JSON.parse makes these of numbers such as 1e400.
  if (value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY) {
    return 'a number beyond all doubles';
  }
  const source = typeof value === 'string' ? value.slice(0, quotedCharsMax + 1) : value;
  const json = JSON.stringify(source).replace(
    /[^\x20-\x7e]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return json.length > quotedCharsMax ? `${json.slice(0, quotedCharsMax - 4)}…"` : json;
}
