// How to repeat a run: its command, its plan, what the references named, and what it ran on.

import type { LoadResult, Results } from '../../results.ts';
import { dataTable, facts } from '../bits.ts';
import { type Html, html } from '../markup.ts';

const digestsMax = 100;

export function repeatHtml({ environment, tool }: Results, load: LoadResult): Html {
  const { planFile, digests = {}, k6, plan, segment } = load;
  const { command, seed, machine, cpu, cpus, os, node } = environment;
  const known = Object.entries(digests).slice(0, digestsMax);
  return html`
<h3>Repeat this run</h3>
<p class="muted">The same command with the same seed makes the same random choices.${/\s--out[\s=]/.test(command) && html` It writes over this run: give <code>--out</code> another folder to keep both.`}</p>
${copied(withSeed(command, seed))}
${planFile !== undefined && html`<details class="fold"><summary>The plan, <code>${planFile.path}</code></summary>${copied(planFile.text)}</details>`}
${
  known.length > 0 &&
  html`<h4>What the references named</h4>
${dataTable(
  'What the references named',
  [{ title: 'Image' }, { title: 'Digest' }],
  known.map(([image, digest]) => [html`<code>${image}</code>`, html`<code>${digest}</code>`]),
)}`
}
${facts([
  ['Seed', seed],
  ['pullproof', tool.version],
  ['k6', k6],
  ['Node', node],
  ['System', `${os}, ${cpus} processors`],
  ['Processor', cpu],
  ['Machine', machine],
  ['Plan', plan === undefined ? undefined : html`<code>${plan.slice(0, 19)}</code>`],
  ['Segment', segment?.part],
])}`;
}

/** Credentials were never in it. */
function withSeed(command: string, seed: number): string {
  return /\s--seed[\s=]/.test(command) || !command.includes(' load ')
    ? command
    : `${command} --seed ${seed}`;
}

function copied(text: string): Html {
  return html`<div class="curl"><pre>${text}</pre><button type="button" data-copy>Copy</button></div>`;
}
