// The evidence of checks as the page carries it: packed, outside of what is shown. Most of it nobody looks at, and as
// elements it makes a page slow. The page's script unpacks what is opened (reports/html/script/evidence.ts), by text alone.

import { deflateRawSync } from 'node:zlib';
import { bytes, count, duration, plural } from '../../figures.ts';
import type { CheckResult, Exchange } from '../../results.ts';
import { visible } from '../../untrusted.ts';
import { exchangeHtml, replyLine, statusTone, statusWord } from '../exchange.ts';
import { type Html, html, trusted } from '../markup.ts';

const exchangesMax = 50;
/** Of JSON in one piece: little to unpack for one check, much to find alike. */
const pieceCharsMax = 256 * 1024;
/** Packed, of one chapter: what a registry sends may be as good as random. */
const packedCharsMax = 6_000_000;

/** One exchange, ready to be shown; every text harmless already. Lists are cheaper than names. */
type Packed = readonly [
  method: string,
  url: string,
  status: string,
  tone: string,
  said: string,
  sent: readonly (readonly [string, string])[],
  sentBody: string,
  replyLine: string,
  headers: readonly (readonly [string, string])[],
  body: string,
  digest: string,
  curl: string,
];

function pack({ request, reply, curl, ms }: Exchange): Packed {
  const lines = (list: readonly (readonly [string, string])[]) =>
    list.map(([name, value]) => [visible(name), visible(value)] as const);
  return [
    visible(request.method),
    visible(request.url),
    visible(statusWord(reply)),
    statusTone(reply.status),
    `${bytes(reply.bytes)}, ${duration(ms)}`,
    lines(request.headers),
    visible(request.body ?? ''),
    visible(replyLine(reply)),
    lines(reply.headers),
    visible(reply.body ?? ''),
    visible(reply.digest ?? ''),
    visible(curl),
  ];
}

/** Evidence of many checks, packed in pieces; add the gravest first, they are kept when there is too much. */
export class EvidenceStore {
  readonly #id: string;
  readonly #pieces: string[] = [];
  #open: string[] = [];
  #openChars = 0;
  #packedChars = 0;

  /** `id`: of the chapter, in front of the ids of its pieces. */
  constructor(id: string) {
    this.#id = id;
  }

  /** Where the script finds the evidence of the check: `piece place`; undefined where there is no room for it. */
  add(evidence: readonly Exchange[]): string | undefined {
    if (this.#packedChars >= packedCharsMax) return undefined;
    const place = `${this.#pieceId()} ${this.#open.length}`;
    const text = JSON.stringify(evidence.slice(0, exchangesMax).map(pack));
    this.#open.push(text);
    this.#openChars += text.length;
    if (this.#openChars >= pieceCharsMax) this.#close();
    return place;
  }

  /** All of it, as elements that show nothing. */
  html(): Html {
    if (this.#open.length > 0) this.#close();
    const pieces = this.#pieces.map(
      (packed, at) =>
        html`<script type="text/plain" id="${this.#id}-evidence-${at}">${trusted(packed)}</script>`,
    );
    return html`${pieces}`;
  }

  #pieceId(): string {
    return `${this.#id}-evidence-${this.#pieces.length}`;
  }

  #close(): void {
    const packed = deflateRawSync(`[${this.#open.join(',')}]`).toString('base64');
    this.#pieces.push(packed);
    this.#packedChars += packed.length;
    this.#open = [];
    this.#openChars = 0;
  }
}

/** Where the evidence of a check unfolds. */
export function evidenceHtml(check: CheckResult, store: EvidenceStore): Html {
  const { length } = check.evidence;
  const place = length === 0 ? undefined : store.add(check.evidence);
  if (place === undefined) return html`<p class="muted">${without(check)}</p>`;
  const more = length - exchangesMax;
  return html`
<details class="fold all" data-evidence="${place}"><summary>All evidence <span class="muted">${requests(check)}</span></summary>
<p class="muted unpacked">Unfolding needs JavaScript; results.json has it as well.</p>
${more > 0 && html`<p class="muted">and ${count(more)} more in results.json</p>`}</details>`;
}

/** The same as one line, which the script replaces when the check is opened. */
export function evidenceLine(check: CheckResult, store: EvidenceStore): Html {
  const place = check.evidence.length === 0 ? undefined : store.add(check.evidence);
  if (place === undefined) return html`<p class="muted">${without(check)}</p>`;
  return html`<p class="muted" data-evidence="${place}">${requests(check)}: in results.json</p>`;
}

function requests({ evidence, durationMs }: CheckResult): string {
  return `${plural(evidence.length, 'request')}, ${duration(durationMs)}`;
}

function without(check: CheckResult): string {
  if (check.evidence.length === 0) return 'No request was made for this check.';
  return `${requests(check)}: in results.json; there is more evidence than a page can hold.`;
}

const briefLinesMax = 16;
const briefCharsMax = 600;
const briefHeaderCharsMax = 300;

/** The exchange that decides, at once to be seen: its long texts cut, as the evidence has them whole. */
export function decidingHtml(exchange: Exchange): Html {
  const { request, reply } = exchange;
  const headers = (list: readonly [string, string][]) =>
    list
      .slice(0, briefLinesMax)
      .map(([name, value]): [string, string] => [name, cut(value, briefHeaderCharsMax)]);
  const bodyOf = (body: string | undefined) => {
    if (body === undefined) return undefined;
    const lines = body.slice(0, briefCharsMax).split('\n').slice(0, briefLinesMax).join('\n');
    return lines.length < body.length ? `${lines}\n…` : body;
  };
  const [sent, came] = [bodyOf(request.body), bodyOf(reply.body)];
  const brief: Exchange = {
    ...exchange,
    request: {
      ...request,
      url: cut(request.url, briefCharsMax),
      headers: headers(request.headers),
      ...(sent !== undefined && { body: sent }),
    },
    reply: { ...reply, headers: headers(reply.headers), ...(came !== undefined && { body: came }) },
  };
  return exchangeHtml(brief, true);
}

function cut(text: string, charsMax: number): string {
  return text.length <= charsMax ? text : `${text.slice(0, charsMax)}…`;
}
