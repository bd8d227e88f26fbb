// What the page of a trend has besides the common style.

export const trendStyle = `
.chapter-head h2::first-letter { text-transform: none; }
.trends { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fill, minmax(min(20rem, 100%), 1fr)); }
.trend-card { background: var(--surface); border: 1px solid var(--line); border-radius: 10px; padding: 0.9rem 1.1rem 1rem; break-inside: avoid; min-width: 0; }
.trend-card figcaption { display: flex; gap: 0.25rem 1rem; justify-content: space-between; align-items: baseline; flex-wrap: wrap; }
.trend-card h3 { font-size: 1rem; margin: 0; }
.trend-card h3::first-letter { text-transform: uppercase; }
.trend-card figcaption p { color: var(--muted); font-size: 0.875rem; font-variant-numeric: tabular-nums; }
.trend-card figcaption b { color: var(--ink); font-size: 1.125rem; }
.axis { display: flex; justify-content: space-between; color: var(--muted); font-size: 0.75rem; font-variant-numeric: tabular-nums; line-height: 1.5; }
svg.trend { display: block; width: 100%; height: 7rem; }
svg.trend path { fill: none; vector-effect: non-scaling-stroke; }
svg.trend rect { fill: transparent; }
svg.trend rect:hover { fill: var(--accent-soft); }
.trend .ground { stroke: var(--line); }
.trend .dots { stroke: var(--accent); stroke-width: 4.5; stroke-linecap: round; }
.trend .level { stroke: var(--strong-line); stroke-width: 1.5; }
.trend .mark { stroke: var(--idle); stroke-width: 2; stroke-dasharray: 5 3; }
.trend .mark.bad { stroke: var(--bad); }
.trend .mark.good { stroke: var(--good); }
.changes { margin-top: 0.6rem; font-size: 0.875rem; }
.changes li + li { margin-top: 0.35rem; }
.runs { margin-top: 1.5rem; }
.runs summary { font-weight: 600; padding: 0.25rem 0; }
.left-out li { padding: 0.2rem 0; }
@media print { .trends { grid-template-columns: 1fr 1fr; } svg.trend rect { display: none; } }
`;
