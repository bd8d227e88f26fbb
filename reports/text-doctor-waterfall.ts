// A pull as a waterfall on a terminal: a line a request, drawn from the begin of the run to its end.

import { type HopPart, hopParts, isFailed, outcomeOf, pullsOf, spanOf } from './doctor-words.ts';
import { count, duration } from './figures.ts';
import type { DoctorHop, DoctorResult } from './results.ts';
import { cellsOf, cutToCells, type Terminal, wrap } from './text-layout.ts';
import { oneLine } from './untrusted.ts';

const hopsMax = 60;
const glyphs: Readonly<Record<HopPart, string>> = {
  dns: '▁',
  connect: '▃',
  tls: '▅',
  wait: '░',
  body: '█',
};
const legend = `${glyphs.dns} DNS  ${glyphs.connect} connect  ${glyphs.tls} TLS  ${glyphs.wait} wait  ${glyphs.body} body`;

export function waterfallLines(doctor: DoctorResult, terminal: Terminal): string[] {
  const { hops } = doctor;
  if (hops.length === 0) return [];
  const { paint, width } = terminal;
  const shown = hops.slice(0, hopsMax);
  const widest = Math.max(...shown.map((hop) => cellsOf(nameOf(hop))));
  const nameCells = Math.min(widest, Math.floor((width - 14) * 0.6));
  const left = hops.length - shown.length;
  return [
    '',
    `${paint('strong', 'The pull, hop by hop')}   ${paint('dim', legend)}`,
    ...pullsOf({ ...doctor, hops: shown }).flatMap(([pull, ofPull]) =>
      pullLines(pull, ofPull, nameCells, terminal),
    ),
    ...(left > 0 ? [paint('dim', `and ${count(left)} more requests`)] : []),
  ];
}

/** Each pull has its own scale, so that a slow repeat does not flatten the rest. */
function pullLines(
  pull: number,
  hops: readonly DoctorHop[],
  nameCells: number,
  terminal: Terminal,
): string[] {
  const { paint, width } = terminal;
  const span = spanOf(hops);
  const barCells = Math.max(8, width - nameCells - 17);
  const head = `${pull > 1 ? `repeat ${pull - 1}` : 'the pull'}, ${duration(span.ms)} in all`;
  const lines = hops.flatMap((hop) => {
    const name = padded(cutToCells(nameOf(hop), nameCells), nameCells);
    const bad = isFailed(hop);
    const tone = bad ? 'bad' : hop.status >= 300 ? 'idle' : 'good';
    const status = (hop.status === 0 ? '✗' : String(hop.status)).padStart(4);
    return [
      `${name} ${paint(tone, status)} ${paint(tone, barOf(hop, span, barCells))} ${duration(hop.totalMs).padStart(9)}`,
      ...(bad && hop.failure !== undefined ? failureLines(hop, terminal) : []),
    ];
  });
  return [paint('dim', head), ...lines];
}

function failureLines(hop: DoctorHop, { paint, width }: Terminal): string[] {
  return wrap(oneLine(outcomeOf(hop), 300), width - 4).map((line) => paint('bad', `    ${line}`));
}

/** What it is for and who is asked: of paths, the host and the phase say enough. */
function nameOf({ method, phase, host, authorization }: DoctorHop): string {
  const shown = authorization === '' ? '' : ` +${authorization}`;
  return oneLine(`${method} ${phase} ${host.replace(/:443$/, '')}${shown}`, 120);
}

function padded(text: string, cells: number): string {
  return text + ' '.repeat(Math.max(0, cells - cellsOf(text)));
}

/** Each part in its own glyph; what happened at all takes a cell. */
function barOf(hop: DoctorHop, span: { fromMs: number; ms: number }, cells: number): string {
  const at = (ms: number) => Math.round(((ms - span.fromMs) / span.ms) * cells);
  const from = Math.min(at(hop.startMs), cells - 1);
  let bar = '';
  let clock = hop.startMs;
  for (const [part, ms] of hopParts(hop)) {
    clock += ms;
    const to = Math.min(cells, Math.max(at(clock), from));
    bar += glyphs[part].repeat(Math.max(0, to - from - bar.length));
  }
  if (bar === '') bar = glyphs.body;
  return (' '.repeat(from) + bar).padEnd(cells).slice(0, cells);
}
