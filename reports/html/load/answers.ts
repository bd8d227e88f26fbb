// What a chapter of a load test begins with: three answers, then the figures that matter.

import { bytes, count, duration, rate } from '../../figures.ts';
import { loadAnswers } from '../../load-answers.ts';
import { byteRate } from '../../load-words.ts';
import type { LoadResult } from '../../results.ts';
import { figures } from '../bits.ts';
import { type Content, type Html, html } from '../markup.ts';

export function answersHtml(load: LoadResult): Html {
  const { happened, limited, todo } = loadAnswers(load);
  const isBroken = load.pulls.failed > 0 || load.slo.some(({ held }) => !held);
  return html`
<div class="answers">
${answer('What happened', happened, isBroken ? 'bad' : 'good')}
${answer('What limited', limited, 'limit')}
${todo.length > 1 ? html`<section class="answer do"><h3>What to do</h3><ol>${todo.map((step) => html`<li>${flagged(step)}</li>`)}</ol></section>` : answer('What to do', todo, 'do')}
</div>`;
}

function answer(title: string, [first = '', ...more]: readonly string[], tone = ''): Html {
  return html`<section class="answer ${tone}"><h3>${title}</h3><p class="first">${flagged(first)}</p>${more.map((line) => html`<p>${flagged(line)}</p>`)}</section>`;
}

/** Flags of the command line are not broken over lines, nor a figure from its sign. */
function flagged(text: string): Content {
  return text
    .replaceAll(' %', '\u00a0%')
    .split(/(--[a-z][a-z-]*)/)
    .map((part, at) => (at % 2 === 1 ? html`<code class="flag">${part}</code>` : part));
}

export function figureCards({
  pulls,
  requests,
  bytes: data,
  pullMs,
  knee,
  replay,
}: LoadResult): Html {
  const { ok, failed, dropped, retried = 0 } = pulls;
  const noun = replay === undefined ? 'pull' : 'request';
  const share = ok + failed === 0 ? 0 : (failed / (ok + failed)) * 100;
  // Of steps at many rates neither the mean rate nor the percentiles say anything.
  const atKnee = knee && {
    value: rate(knee.perSecond),
    label: 'pulls per second held',
    note: knee.brokeAt === null ? 'no rate broke' : `${rate(knee.brokeAt)} broke`,
  };
  const pullRate = {
    value: rate(pulls.perSecond),
    label: `${noun}s per second`,
    note: `${count(ok)} in all`,
  };
  const failures = {
    value: count(failed),
    label: `failed ${noun}s`,
    note: [
      failed > 0 ? `${rate(share)} % of all` : 'none at all',
      ...(dropped > 0 ? [`${count(dropped)} due never began`] : []),
    ].join(', '),
    tone: failed > 0 || dropped > 0 ? ('bad' as const) : ('good' as const),
  };
  const healed = {
    value: count(retried),
    label: `${noun}s needed retries`,
    note: `of ${count(ok + failed)}`,
    tone: 'warn' as const,
  };
  return figures([
    atKnee ?? pullRate,
    {
      value: duration(pullMs.p95),
      label: knee === undefined ? `p95 of a ${noun}` : `p95 of a ${noun}, all steps`,
      note: `median ${duration(pullMs.p50)}`,
    },
    { value: byteRate(data.perSecond), label: 'data', note: `${bytes(data.verified)} verified` },
    failures,
    ...(retried > 0 ? [healed] : []),
    {
      value: rate(requests.perSecond),
      label: 'requests per second',
      note: `${count(requests.failed)} failed`,
    },
  ]);
}
