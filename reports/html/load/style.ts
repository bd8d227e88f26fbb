// How the chapter of a load test looks; joined to the sheet of the page by style.ts above this folder.

export const loadStyle = `
.charts { display: grid; gap: 0.75rem; grid-template-columns: 1fr 1fr; }
.chart { background: var(--surface); border: 1px solid var(--line); border-radius: 10px; padding: 0.9rem 1rem 0.5rem; min-width: 0; }
.chart:first-of-type { grid-column: 1 / -1; }
figcaption { font-size: 0.9375rem; min-height: 1.55em; margin-bottom: 0.4rem; }
figcaption b { font-weight: 600; margin-right: 0.6em; }
figcaption span { color: var(--muted); font-size: 0.875rem; font-variant-numeric: tabular-nums; }
.plot { height: 170px; overflow: hidden; }
[data-chart="pulls"] .plot { height: 220px; }
html:not(.js) .charts { display: none; }
.uplot { font: inherit; }
.u-cursor-x { border-color: var(--strong-line) !important; }
.u-cursor-pt { border-color: var(--accent) !important; background: var(--surface) !important; }

.waterfall { max-width: 46rem; margin-top: 0.75rem; }
.waterfall .bar { height: 0.875rem; }

@media (max-width: 46rem) {
  .charts { grid-template-columns: 1fr; }
  .chart { padding-inline: 0.75rem; }
  figcaption { min-height: 4.2em; }
  figcaption b { display: block; }
}
@media print {
  .chart { break-inside: avoid; }
}
`;
