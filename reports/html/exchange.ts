// One request and its reply, as evidence: folded to a line, opened to headers, body and a curl line. The page's script
// builds the same from packed evidence: reports/html/script/evidence.ts.

import { bytes, duration } from '../figures.ts';
import type { Exchange } from '../results.ts';
import type { Tone } from '../summary.ts';
import { type Html, html } from './markup.ts';

/** A reply of 4xx is often what was asked for, so only a missing reply and 5xx are alarming. */
export function statusTone(status: number): Tone {
  if (status === 0 || status >= 500) return 'bad';
  return status >= 400 ? 'idle' : 'good';
}

export function statusWord({ status, failure }: Exchange['reply']): string {
  return status === 0 ? (failure ?? 'no reply') : String(status);
}

/** `open`: at once, without the line that unfolds it. */
export function exchangeHtml(exchange: Exchange, open = false): Html {
  const { request, reply, ms } = exchange;
  const line = html`<b>${request.method}</b> <span class="url">${request.url}</span> <span class="status ${statusTone(reply.status)}">${statusWord(reply)}</span> <span class="muted">${bytes(reply.bytes)}, ${duration(ms)}</span>`;
  if (open)
    return html`<div class="exchange open"><p class="line">${line}</p>${sides(exchange)}</div>`;
  return html`
<details class="exchange">
<summary>${line}</summary>
${sides(exchange)}
</details>`;
}

function sides({ request, reply, curl }: Exchange): Html {
  return html`<div class="sides">
<div><h5>Request</h5>${message(`${request.method} ${request.url}`, request.headers)}${body(request.body)}</div>
<div><h5>Reply</h5>${message(replyLine(reply), reply.headers)}${body(reply.body)}${digest(reply.digest)}</div>
</div>
<h5>Repeat it</h5>
<div class="curl"><pre>${curl}</pre><button type="button" class="quiet" data-copy>Copy</button></div>`;
}

export function replyLine(reply: Exchange['reply']): string {
  const failure = [reply.failure, reply.failureMessage].filter(Boolean).join(': ');
  if (reply.status === 0) return failure || 'no reply';
  return failure === '' ? `HTTP ${reply.status}` : `HTTP ${reply.status}, then ${failure}`;
}

function message(start: string, headers: readonly (readonly [string, string])[]): Html {
  const lines = headers.map(
    ([name, value]) => html`
<b>${name}:</b> ${value}`,
  );
  return html`<pre>${start}${lines}</pre>`;
}

function body(text: string | undefined): Html | false {
  return text !== undefined && text !== '' && html`<pre class="content">${text}</pre>`;
}

function digest(value: string | undefined): Html | false {
  return (
    value !== undefined && html`<p class="muted">Digest of the body: <code>${value}</code></p>`
  );
}
