// Small pieces that several parts of the page share.

import type { Tone } from '../summary.ts';
import { type Content, type Html, html, trusted } from './markup.ts';

const paths: Record<Tone, string> = {
  good: 'M5 12.5l4.5 4.5L19 7.5',
  bad: 'M7 7l10 10M17 7L7 17',
  warn: 'M12 6v7.5M12 17.6v.4',
  idle: 'M7 12h10',
};

/** A mark for a tone: never the only carrier of a meaning, so it is hidden from screen readers. */
export function icon(tone: Tone): Html {
  const path = trusted(`<path d="${paths[tone]}"/>`);
  return html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">${path}</svg>`;
}

export function pill(tone: Tone, text: string): Html {
  return html`<span class="pill ${tone}">${icon(tone)}${text}</span>`;
}

export interface Figure {
  value: string;
  label: string;
  /** A second line in small print. */
  note?: string | undefined;
  tone?: Tone | undefined;
}

/** Key figures as cards. */
export function figures(list: readonly Figure[]): Html {
  const cards = list.map(
    ({ value, label, note, tone }) => html`
<div class="card ${tone ?? 'plain'}"><dt>${label}</dt><dd>${value}${note && html`<small>${note}</small>`}</dd></div>`,
  );
  return html`<dl class="cards">${cards}</dl>`;
}

export interface Segment {
  /** Where it begins and how long it is, from 0 to 1. */
  from: number;
  length: number;
  className: string;
}

const barUnits = 1000;

/** Segments on one line, drawn in order. The figures stand beside it, so it is decoration. */
export function bar(segments: readonly Segment[]): Html {
  const rects = segments
    .filter(({ from, length }) => Number.isFinite(from) && length > 0)
    .map(({ from, length, className }) => {
      const x = Math.round(clamp(from) * barUnits);
      const width = Math.max(4, Math.round(clamp(length) * barUnits));
      return html`<rect class="${className}" x="${x}" y="0" width="${width}" height="10"/>`;
    });
  return html`<svg class="bar" viewBox="0 0 ${barUnits} 10" preserveAspectRatio="none" aria-hidden="true">${rects}</svg>`;
}

function clamp(value: number): number {
  return Math.min(1, Math.max(0, value));
}

export interface TableColumn {
  title: string;
  numeric?: boolean;
  /** Of the first: names of others, which may be longer than there is room. */
  names?: boolean;
}

/** A cell whose column can be put in order by `value`, which is not what is shown. */
export interface ValueCell {
  value: number | string;
  content: Content;
}

/** Not finite: comes last, in either order. */
export function cell(value: number | string, content: Content): ValueCell {
  return { value, content };
}

export type TableCell = Content | ValueCell;

function isValueCell(one: TableCell): one is ValueCell {
  return typeof one === 'object' && 'value' in one;
}

/**
 * The first cell of each row is its heading. Scrolls sideways by itself where it does not fit. The page's script
 * puts buttons for the order into the headings: of texts, and of numbers whose cells are made by `cell`.
 */
export function dataTable(
  label: string,
  columns: readonly TableColumn[],
  rows: readonly (readonly TableCell[])[],
  /** Attributes of a row. */
  attributes: (row: number) => Html | false = () => false,
): Html {
  const head = columns.map(({ title, numeric }, index) => {
    if (title === '') return html`<th scope="col"><span class="unseen">Diagram</span></th>`;
    const order = orderOf(index, numeric === true, rows);
    return html`<th scope="col"${numeric && trusted(' class="number"')}${order !== undefined && trusted(` data-sort="${order}"`)}>${title}</th>`;
  });
  const body = rows.map(
    (cells, row) =>
      html`<tr${attributes(row)}>${cells.map((one, index) => cellHtml(one, index, columns[index] ?? { title: '' }))}</tr>`,
  );
  return html`
<div class="scroll" role="region" tabindex="0" aria-label="${label}">
<table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table>
</div>`;
}

function orderOf(
  index: number,
  numeric: boolean,
  rows: readonly (readonly TableCell[])[],
): 'number' | 'text' | undefined {
  if (rows.length < 2) return undefined;
  const values = rows.flatMap((cells) => {
    const one = cells[index];
    return isValueCell(one) ? [one.value] : [];
  });
  if (values.length > 0) return typeof values[0] === 'number' ? 'number' : 'text';
  return numeric ? undefined : 'text';
}

function cellHtml(one: TableCell, index: number, { numeric, names }: TableColumn): Html {
  const content = isValueCell(one) ? one.content : one;
  const value = isValueCell(one) && html` data-value="${one.value}"`;
  if (index === 0)
    return html`<th scope="row"${names && trusted(' class="name"')}${value}>${content}</th>`;
  return html`<td${numeric && trusted(' class="number"')}${value}>${content}</td>`;
}

/** What a reader wants to know first: in short what happened, what is gravest, what to do. */
export interface LeadPart {
  title: string;
  tone?: Tone | undefined;
  content: Content;
}

export function lead(list: readonly LeadPart[]): Html {
  const shown = list.map(
    ({ title, tone, content }) => html`
<div class="${tone ?? 'plain'}"><h3>${title}</h3>${content}</div>`,
  );
  return html`<div class="lead" data-rest>${shown}</div>`;
}

/** Pairs of a term and its value; a value that is undefined is left out with its term. */
export function facts(pairs: readonly (readonly [term: string, value: Content])[]): Html {
  const shown = pairs.filter(([, value]) => value !== undefined);
  return html`<dl class="facts">${shown.map(
    ([term, value]) => html`<div><dt>${term}</dt><dd>${value}</dd></div>`,
  )}</dl>`;
}
