// How the page looks: one calm sheet for screens light and dark, narrow and wide, and for paper.

import { conformStyle } from './conform/style.ts';
import { loadStyle } from './load/style.ts';

const frame = `
:root {
  --page: #f7f8fa; --surface: #ffffff; --sunken: #f1f3f6; --line: #dfe3e9; --strong-line: #8b95a5;
  --ink: #171c26; --muted: #566072; --accent: #2f5fd0; --accent-soft: #2f5fd01f; --pale: #9db6ee;
  --paler: #d9e2f8; --good: #1a7f4b; --good-ink: #10613a; --good-soft: #e2f3e9; --bad: #c5362b;
  --bad-ink: #a3231a; --bad-soft: #fce9e7; --warn: #c58a13; --warn-ink: #7a5204; --warn-soft: #fbf0d9;
  --idle: #98a2b3; --idle-ink: #4a5568; --idle-soft: #e9ecf1;
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "Liberation Mono", monospace;
  --side: max(1.25rem, calc((100vw - 68rem) / 2));
  color-scheme: light dark;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --page: #0f1218; --surface: #171b23; --sunken: #1e242e; --line: #2b323e; --strong-line: #66738a;
    --ink: #e8ebf1; --muted: #9ba6b8; --accent: #86a9ff; --accent-soft: #86a9ff26; --pale: #44598f;
    --paler: #2a3553; --good: #4cc38a; --good-ink: #7fdcae; --good-soft: #14301f; --bad: #f2685c;
    --bad-ink: #ffa49b; --bad-soft: #3a1a18; --warn: #e0a93b; --warn-ink: #f3c977; --warn-soft: #35270d;
    --idle: #6b778c; --idle-ink: #b6c0cf; --idle-soft: #262d39;
  }
}
*, *::before, *::after { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; scroll-padding-top: 4rem; }
body {
  margin: 0; background: var(--page); color: var(--ink); overflow-wrap: anywhere;
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
}
h1, h2, h3, h4, h5, h6, p, ul, ol, dl, dd, figure, pre { margin: 0; padding: 0; }
ul, ol { list-style: none; }
a { color: var(--accent); text-underline-offset: 0.15em; }
code, pre { font-family: var(--mono); font-size: 0.875em; }
[hidden] { display: none !important; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.muted, .source { color: var(--muted); font-size: 0.875rem; }
.skip { position: absolute; left: -99rem; padding: 0.5rem 1rem; background: var(--surface); }
.skip:focus { left: 1rem; top: 1rem; z-index: 1; }
.icon { width: 1em; height: 1em; fill: none; stroke: currentColor; stroke-width: 3; stroke-linecap: round; stroke-linejoin: round; flex: none; }

.masthead { padding: 1.1rem var(--side) 1.25rem; background: var(--surface); border-bottom: 1px solid var(--line); border-top: 6px solid var(--idle); }
.masthead.good { border-top-color: var(--good); }
.masthead.bad { border-top-color: var(--bad); }
.masthead.warn { border-top-color: var(--warn); }
.brand { color: var(--muted); font-size: 0.9375rem; }
.brand b { color: var(--ink); letter-spacing: -0.01em; margin-right: 0.35em; }
.verdict { display: flex; gap: 1rem; align-items: center; margin: 0.9rem 0 0.8rem; }
.verdict .icon { width: 3rem; height: 3rem; padding: 0.7rem; border-radius: 50%; background: var(--idle-soft); color: var(--idle-ink); }
.good .verdict .icon, .contents .good .icon { background: var(--good-soft); color: var(--good-ink); }
.bad .verdict .icon, .contents .bad .icon { background: var(--bad-soft); color: var(--bad-ink); }
.warn .verdict .icon, .contents .warn .icon { background: var(--warn-soft); color: var(--warn-ink); }
.word { font-weight: 600; color: var(--muted); }
.good .word { color: var(--good-ink); }
.bad .word { color: var(--bad-ink); }
.warn .word { color: var(--warn-ink); }
h1 { font-size: clamp(1.375rem, 1.1rem + 1.1vw, 1.875rem); line-height: 1.2; letter-spacing: -0.022em; font-weight: 680; text-wrap: balance; max-width: 46ch; }
.targets code { font-size: 0.9375rem; }
.when { color: var(--muted); font-size: 0.9375rem; }
.targets { display: flex; flex-wrap: wrap; gap: 0.1rem 0.75rem; align-items: baseline; }

.contents { padding: 1.5rem var(--side) 0; }
.contents ul { display: grid; gap: 0.75rem; grid-template-columns: repeat(auto-fit, minmax(min(16rem, 100%), 1fr)); }
.contents a { display: grid; grid-template-columns: auto 1fr; gap: 0.1rem 0.75rem; align-items: center; height: 100%; align-content: start; padding: 0.9rem 1rem; background: var(--surface); border: 1px solid var(--line); border-radius: 10px; color: var(--ink); text-decoration: none; }
.contents a:hover { border-color: var(--strong-line); }
.contents .icon { width: 1.6rem; height: 1.6rem; padding: 0.35rem; border-radius: 50%; }
.contents span { grid-column: 2; color: var(--muted); font-size: 0.9375rem; line-height: 1.4; }

.bar-top { position: sticky; top: 0; z-index: 2; display: flex; flex-wrap: wrap; gap: 0 1.5rem; align-items: center; justify-content: space-between; min-height: 3.25rem; padding: 0.35rem var(--side); background: var(--surface); border-bottom: 1px solid var(--line); }
.bar-top nav { min-width: 0; }
.bar-top nav ul { display: flex; gap: 1.25rem; overflow-x: auto; scrollbar-width: none; }
.bar-top nav a { color: var(--muted); text-decoration: none; font-size: 0.9375rem; white-space: nowrap; padding: 0.4rem 0; display: block; }
.bar-top nav a:hover { color: var(--ink); text-decoration: underline; }
.search { display: flex; gap: 0.5rem; align-items: center; position: relative; margin-left: auto; }
html:not(.js) .search { visibility: hidden; }
.search input { font: inherit; font-size: 0.9375rem; width: 17rem; max-width: 100%; color: var(--ink); background: var(--page); border: 1px solid var(--strong-line); border-radius: 99px; padding: 0.3rem 0.9rem; }
.search input::placeholder { color: var(--muted); opacity: 1; }
.search [role="status"] { color: var(--muted); font-size: 0.875rem; white-space: nowrap; font-variant-numeric: tabular-nums; }
.search .quiet { padding: 0.3rem 0.5rem; white-space: nowrap; }
.help > summary { list-style: none; width: 1.6rem; height: 1.6rem; border: 1px solid var(--line); border-radius: 50%; text-align: center; color: var(--muted); font-size: 0.875rem; line-height: 1.5rem; }
.help > summary::-webkit-details-marker { display: none; }
.help > div { position: absolute; right: 0; top: 100%; width: min(28rem, 92vw); margin-top: 0.5rem; padding: 0.85rem 1rem; background: var(--surface); border: 1px solid var(--strong-line); border-radius: 10px; font-size: 0.875rem; }
.help p + p { margin-top: 0.5rem; }
.searching [data-rest], .searching .bar-top nav { display: none; }

.lead { display: grid; gap: 0.75rem; grid-template-columns: repeat(auto-fit, minmax(min(17rem, 100%), 1fr)); margin-bottom: 1.25rem; }
.lead > div { background: var(--surface); border: 1px solid var(--line); border-top: 3px solid var(--strong-line); border-radius: 10px; padding: 0.8rem 1.1rem 0.95rem; font-size: 0.9375rem; min-width: 0; }
.lead > .good { border-top-color: var(--good); } .lead > .bad { border-top-color: var(--bad); } .lead > .warn { border-top-color: var(--warn); }
.lead h3 { margin: 0 0 0.3rem; font-size: 0.875rem; font-weight: 600; color: var(--muted); }
.lead p + p { margin-top: 0.3rem; }
.lead .big { font-size: 1.75rem; line-height: 1.3; font-weight: 660; letter-spacing: -0.02em; font-variant-numeric: tabular-nums; }
.lead .big small { font-size: 0.9375rem; font-weight: 400; letter-spacing: 0; color: var(--muted); }
.lead .steps li + li { margin-top: 0.3rem; }

.words > div { padding: 0.5rem 0; display: grid; grid-template-columns: minmax(9rem, 15rem) 1fr; gap: 0.1rem 1.25rem; }
.words > div + div { border-top: 1px solid var(--line); }
.words dt { font-weight: 600; }
.words > :target { background: var(--accent-soft); border-radius: 6px; box-shadow: 0 0 0 0.5rem var(--accent-soft); }
.word-link { color: inherit; text-decoration: underline dotted; }

main { padding: 0 var(--side); }
.chapter { padding: 1.5rem 0 1rem; }
.chapter:target, :target { scroll-margin-top: 4rem; }
.chapter + .chapter { border-top: 1px solid var(--line); margin-top: 2.5rem; }
.chapter-head { margin-bottom: 1rem; }
h2 { font-size: 1.5rem; line-height: 1.3; letter-spacing: -0.015em; font-weight: 660; }
h2::first-letter { text-transform: uppercase; }
h3 { font-size: 1.125rem; line-height: 1.35; font-weight: 640; margin: 2.5rem 0 0.75rem; }
.lede { color: var(--muted); margin-top: 0.25rem; }
.cards + .lede { margin-top: 1rem; color: var(--ink); }
.dot { display: inline-block; width: 0.7rem; height: 0.7rem; border-radius: 50%; background: var(--idle); margin-right: 0.6rem; vertical-align: 0.06em; }
.dot.good { background: var(--good); } .dot.bad { background: var(--bad); } .dot.warn { background: var(--warn); }
.notice { border-left: 4px solid var(--bad); background: var(--bad-soft); color: var(--bad-ink); padding: 0.75rem 1rem; border-radius: 0 8px 8px 0; margin-bottom: 1.25rem; }

.cards { display: grid; gap: 0.75rem; grid-template-columns: repeat(auto-fit, minmax(min(9.75rem, 100%), 1fr)); }
.card { background: var(--surface); border: 1px solid var(--line); border-radius: 10px; padding: 0.85rem 1.1rem 1rem; }
.card dt { color: var(--muted); font-size: 0.875rem; line-height: 1.4; }
.card dd { font-size: 1.75rem; line-height: 1.3; font-weight: 660; letter-spacing: -0.02em; font-variant-numeric: tabular-nums; }
.card dd small { display: block; font-size: 0.8125rem; font-weight: 400; letter-spacing: 0; line-height: 1.4; color: var(--muted); }
.card.good dd { color: var(--good-ink); } .card.bad dd { color: var(--bad-ink); } .card.warn dd { color: var(--warn-ink); }

.pill { display: inline-flex; align-items: center; gap: 0.35em; padding: 0.1rem 0.6rem 0.1rem 0.45rem; border-radius: 99px; font-size: 0.8125rem; line-height: 1.5; font-weight: 600; white-space: nowrap; background: var(--idle-soft); color: var(--idle-ink); }
.pill.good { background: var(--good-soft); color: var(--good-ink); }
.pill.bad { background: var(--bad-soft); color: var(--bad-ink); }
.pill.warn { background: var(--warn-soft); color: var(--warn-ink); }
.bad-text { color: var(--bad-ink); }

.columns { display: grid; gap: 0 3rem; grid-template-columns: repeat(auto-fit, minmax(min(22rem, 100%), 1fr)); }
.totals li { display: grid; grid-template-columns: minmax(5.5rem, 10rem) 1fr minmax(4.75rem, auto); gap: 1rem; align-items: center; padding: 0.3rem 0; font-size: 0.9375rem; }
.tally { text-align: right; color: var(--muted); font-variant-numeric: tabular-nums; font-size: 0.875rem; }
.bar { display: block; width: 100%; height: 0.625rem; border-radius: 3px; background: var(--sunken); }
.bar .good { fill: var(--good); } .bar .bad { fill: var(--bad); } .bar .warn { fill: var(--warn); } .bar .idle { fill: var(--idle); }
.bar .strong { fill: var(--accent); } .bar .pale { fill: var(--pale); } .bar .paler { fill: var(--paler); }
.keys { display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; color: var(--muted); font-size: 0.875rem; margin-bottom: 0.75rem; }
.key { display: inline-block; width: 0.8rem; height: 0.8rem; border-radius: 3px; margin-right: 0.4rem; vertical-align: -0.08em; }
.flow { width: 10rem; }
.came { display: block; min-width: 9rem; }
.asked { min-width: 14rem; }
.wrap { white-space: normal; overflow-wrap: anywhere; }
.wrap.long { display: block; min-width: 18rem; }
.causes > li.warn { border-left-color: var(--warn); }
.causes .versus { margin: 0.5rem 0; }
.causes .pill { margin-right: 0.4rem; }
.steps { list-style: decimal; padding-left: 1.25rem; }
.says { margin-top: 1rem; }
.route h4 { margin-top: 1.25rem; overflow-wrap: anywhere; }
.route p { margin-bottom: 0.5rem; }
.route td, .route th { vertical-align: top; min-width: 11rem; }

button { font: inherit; font-size: 0.9375rem; color: var(--ink); background: var(--surface); border: 1px solid var(--strong-line); border-radius: 99px; padding: 0.3rem 0.9rem; cursor: pointer; }
button:hover { background: var(--sunken); }
button[aria-pressed="true"] { background: var(--ink); border-color: var(--ink); color: var(--page); }
button span { font-variant-numeric: tabular-nums; opacity: 0.85; }
.quiet { border-color: transparent; background: none; color: var(--accent); }
h4 { font-size: 1rem; font-weight: 640; }
.checks, .findings, .errors, .objectives { background: var(--surface); border: 1px solid var(--line); border-radius: 10px; overflow: hidden; }
.checks > li + li, .findings > li + li, .errors > li + li, .objectives > li + li { border-top: 1px solid var(--line); }
summary { cursor: pointer; }
.check > summary { display: grid; grid-template-columns: 8.75rem 1fr auto; gap: 0.25rem 1rem; align-items: baseline; padding: 0.7rem 1rem; list-style: none; }
.check > summary::-webkit-details-marker { display: none; }
.check > summary:hover { background: var(--sunken); }
.check > summary:focus-visible { outline-offset: -3px; border-radius: 10px; }
.check .pill { justify-self: start; }
.got { display: block; color: var(--muted); font-size: 0.875rem; }
.check.bad .got { color: var(--bad-ink); }
.which { display: flex; gap: 0.75rem; align-items: baseline; color: var(--muted); font-size: 0.875rem; text-align: right; }
.level { font-size: 0.75rem; font-weight: 600; letter-spacing: 0.02em; min-width: 4.2rem; text-align: left; }
.which::after { content: ""; flex: none; width: 0.45rem; height: 0.45rem; border: solid var(--strong-line); border-width: 0 2px 2px 0; transform: translateY(-0.2em) rotate(45deg); }
.check[open] > summary .which::after { transform: rotate(225deg); }
.body { padding: 0.25rem 1rem 1.25rem 10.75rem; }
h5, .small { font-size: 0.8125rem; font-weight: 600; color: var(--muted); margin: 1rem 0 0.25rem; }
h5 .muted { font-weight: 400; font-size: inherit; margin-left: 0.5em; }
.versus { display: grid; gap: 0.75rem; grid-template-columns: repeat(auto-fit, minmax(min(16rem, 100%), 1fr)); }
.versus > div { background: var(--sunken); border-radius: 8px; padding: 0.6rem 0.9rem 0.75rem; }
.versus h5, .versus .small { margin: 0 0 0.15rem; }
.versus .bad { background: var(--bad-soft); color: var(--bad-ink); }
.versus .warn { background: var(--warn-soft); color: var(--warn-ink); }
.versus .bad .small, .versus .warn .small { color: inherit; }
.exchanges > li + li { margin-top: 0.4rem; }
.exchange { border: 1px solid var(--line); border-radius: 8px; }
.exchange > summary { padding: 0.45rem 0.75rem; font-size: 0.875rem; }
.exchange[open] > summary { border-bottom: 1px solid var(--line); }
.exchange .url { font-family: var(--mono); font-size: 0.8125rem; }
.exchange > :not(summary) { margin-inline: 0.75rem; }
.status { font-weight: 600; margin: 0 0.35rem; }
.status.good { color: var(--good-ink); } .status.bad { color: var(--bad-ink); }
.sides { display: grid; gap: 0 1rem; grid-template-columns: repeat(auto-fit, minmax(min(18rem, 100%), 1fr)); }
.sides > div { min-width: 0; }
pre { background: var(--sunken); border-radius: 6px; padding: 0.6rem 0.75rem; white-space: pre-wrap; font-size: 0.8125rem; line-height: 1.5; }
pre b { font-weight: 600; }
pre + pre { margin-top: 0.4rem; }
.sides .muted { margin-top: 0.4rem; font-size: 0.8125rem; }
.curl { display: flex; gap: 0.5rem; align-items: start; padding-bottom: 0.75rem; }
.curl pre { flex: 1; min-width: 0; }
.curl button { display: none; min-width: 5.5rem; }
.js .curl button { display: block; }

.document { margin-top: 1.75rem; }
.document-head { display: flex; flex-wrap: wrap; gap: 0.25rem 0.75rem; align-items: baseline; margin-bottom: 0.5rem; }
.document-head h3 { margin: 0; font: 600 0.9375rem/1.5 var(--mono); }
.findings > li, .errors > li { padding: 0.8rem 1rem; }
.findings .pill { margin-right: 0.4rem; }
.excerpt { margin: 0.4rem 0; padding: 0.4rem 0.7rem; background: var(--sunken); border-radius: 6px; white-space: pre-wrap; }
.excerpt mark { background: var(--bad-soft); color: var(--bad-ink); font-weight: 600; }
.fold { margin-top: 1rem; }
.fold > summary { color: var(--accent); padding: 0.35rem 0; width: fit-content; }
.plain-list li { padding: 0.1rem 0; }
.errors > li { border-left: 4px solid var(--bad); }
.errors.warn > li { border-left-color: var(--warn); }
.errors .facts { margin: 0.4rem 0; gap: 0.2rem; grid-template-columns: 1fr; }
.errors .facts dd { overflow-wrap: anywhere; }
.objectives.notes > li { grid-template-columns: 9rem 1fr; overflow-wrap: anywhere; }
.error-head { font-weight: 600; }
.objectives > li { display: grid; grid-template-columns: 6rem 1fr auto; gap: 0.25rem 1rem; align-items: baseline; padding: 0.6rem 1rem; }
.objectives .pill { justify-self: start; }

.scroll { position: relative; overflow-x: auto; background: var(--surface); border: 1px solid var(--line); border-radius: 10px; }
table { border-collapse: collapse; width: 100%; font-size: 0.9375rem; font-variant-numeric: tabular-nums; overflow-wrap: normal; }
th, td { text-align: left; padding: 0.55rem 0.75rem; white-space: nowrap; }
thead th { color: var(--muted); font-size: 0.8125rem; font-weight: 600; border-bottom: 1px solid var(--line); }
tbody tr + tr > * { border-top: 1px solid var(--line); }
/* Names are as long as others make them: they give way, figures do not. */
tbody th { font-weight: 560; }
tbody .name { white-space: normal; overflow-wrap: anywhere; min-width: min(12rem, 40vw); }
tbody small { display: block; color: var(--muted); font-weight: 400; font-size: 0.8125rem; }
.number { text-align: right; }
.sort { font: inherit; color: inherit; background: none; border: 0; border-radius: 4px; padding: 0.15rem 0.25rem; margin: -0.15rem -0.25rem; white-space: nowrap; }
.sort::after { content: "↕"; display: inline-block; width: 1.1em; text-align: center; opacity: 0.55; }
th[aria-sort="ascending"] .sort::after { content: "↑"; opacity: 1; }
th[aria-sort="descending"] .sort::after { content: "↓"; opacity: 1; }
td .bar { min-width: 6rem; }

.facts { display: grid; gap: 0.75rem 2rem; grid-template-columns: repeat(auto-fill, minmax(min(15rem, 100%), 1fr)); font-size: 0.9375rem; }
.facts dt { color: var(--muted); font-size: 0.8125rem; }
footer { margin-top: 3rem; padding: 2rem var(--side) 3rem; border-top: 1px solid var(--line); background: var(--surface); }
footer h2 { font-size: 1.125rem; margin-bottom: 1rem; }
footer .facts + .facts { margin-top: 1.25rem; padding-top: 1.25rem; border-top: 1px solid var(--line); }
`;

const narrow = `
@media (max-width: 46rem) {
  .masthead { padding-block: 0.7rem 0.8rem; }
  .verdict { gap: 0.75rem; align-items: start; margin: 0.5rem 0; }
  .verdict .icon { width: 2.25rem; height: 2.25rem; padding: 0.55rem; }
  h1 { font-size: 1.25rem; }
  .chapter { padding-top: 1rem; }
  .lead { gap: 0.5rem; }
  .lead > div { padding: 0.5rem 0.85rem 0.6rem; }
  .lead .big { font-size: 1.375rem; }
  /* It stands again with the first failure. */
  .lead .got { display: none; }
  .cards { grid-template-columns: 1fr 1fr; }
  .check > summary { grid-template-columns: 1fr; }
  .which { text-align: left; }
  .which::after { margin-left: auto; }
  .facts { grid-template-columns: 1fr 1fr; }
  .body { padding-left: 1rem; }
  .totals li { grid-template-columns: 6rem 1fr 4.75rem; gap: 0.6rem; }
  .objectives > li, .objectives.notes > li { grid-template-columns: 1fr; }
  .bar-top { gap: 0.25rem; }
  .bar-top nav, .search { flex-basis: 100%; }
  .search { flex-wrap: wrap; max-width: 100%; }
  .search input { flex: 1 1 12rem; width: auto; min-width: 0; }
  .search [role="status"]:not(:empty) ~ [data-share] { display: none; }
  html { scroll-padding-top: 6.5rem; }
  .words > div { grid-template-columns: 1fr; }
  .curl { flex-direction: column; }
  .curl pre { width: 100%; }
}
@media print {
  :root { color-scheme: light; print-color-adjust: exact; }
  body { background: #ffffff; font-size: 10pt; }
  .toolbar, .skip, .contents, .curl button, .bar-top, .anchor, .tile-hint { display: none !important; }
  .masthead, footer { padding-inline: 0; }
  .card, .check, .document, .tile, tr { break-inside: avoid; }
  .failure-head, .versus, h3 { break-after: avoid; }
  .results > details.group:not([open]) { display: none; }
  [id$="-rest"] { display: none; }
  main, .masthead, .contents { --side: 0; }
  .scroll { overflow: visible; }
}
`;

/** What is of a chapter alone comes before the rules for small screens and paper. */
export const style = `${frame}${conformStyle}${loadStyle}${narrow}`;
