// What makes the page answer: plain JavaScript for browsers, carried inside the page; without it everything that was
// judged is still there to be read. Each file beside this holds the text of one piece, which pushes to `wirings` what it
// does to a part of the page: to all of it at first, and to each part that is put in later (a live page).

import { charts } from './charts.ts';
import { copying } from './copying.ts';
import { evidence } from './evidence.ts';
import { later } from './later.ts';
import { printing } from './printing.ts';
import { query } from './query.ts';
import { search } from './search.ts';
import { tables } from './tables.ts';

const pieces = [later, query, search, evidence, tables, copying, printing, charts];

/** The whole script, with further pieces at its end. */
export function scriptOf(more: readonly string[] = []): string {
  return `
(() => {
'use strict';
const root = document.documentElement;
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const wirings = [];
const wire = (within) => { for (const one of wirings) one(within); };
root.classList.add('js');
${[...pieces, ...more].join('\n')}
wire(document);
if (form && location.hash !== '') arrive();
})();
`;
}
