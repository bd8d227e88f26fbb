// How checks look: failures unfolded, warnings a line each, sections small and alike.

export const conformStyle = `
.toolbar { display: none; flex-wrap: wrap; gap: 0.75rem; justify-content: space-between; align-items: center; margin-bottom: 1rem; }
.js .toolbar { display: flex; }
.toolbar [role="group"] { display: flex; flex-wrap: wrap; gap: 0.4rem; }
.results h3 { margin-top: 1.5rem; }
.group { margin-bottom: 1.25rem; }
.failures > li { background: var(--surface); border: 1px solid var(--line); border-left: 4px solid var(--bad); border-radius: 10px; padding: 0.9rem 1.1rem 1rem; }
.failures > li + li { margin-top: 0.9rem; }
.failure-head { display: flex; flex-wrap: wrap; gap: 0.1rem 0.75rem; align-items: baseline; margin-bottom: 0.6rem; }
.failure-head .level { min-width: 0; }
.failure-head code { color: var(--muted); }
.demand { flex-basis: 100%; font-weight: 600; font-size: 1.0625rem; }
.anchor { color: var(--muted); text-decoration: none; padding: 0 0.25rem; }
.anchor:hover { color: var(--accent); }
.why { margin: 0.6rem 0 0.3rem; font-size: 0.9375rem; }
.why b { font-weight: 600; }
.exchange.open { margin-top: 0.6rem; }
.exchange .line { padding-top: 0.45rem; font-size: 0.875rem; }
.exchange pre { max-height: none; }
.all { margin-top: 0.5rem; }
.all .exchanges { margin-top: 0.4rem; }
.body .all { margin-top: 0.25rem; }
li:target > .check > summary, .failures > li:target { background: var(--accent-soft); }
.section .check.good > summary { display: block; padding: 0.5rem 1rem 0.5rem 2.6rem; position: relative; color: var(--ink); }
.section .check.good > summary::before { content: "✓" / "holds"; position: absolute; left: 1rem; color: var(--good-ink); font-weight: 700; }
.section .check.good > summary > code { color: var(--muted); margin-left: 0.4rem; }
.section .check.good > :not(summary) { margin: 0.3rem 1rem 0.3rem 2.6rem; }
.section .check.good > :last-child { margin-bottom: 1rem; }

.tiles { display: grid; gap: 0.5rem; grid-template-columns: repeat(auto-fill, minmax(min(12.5rem, 100%), 1fr)); }
.tiles.levels { margin-bottom: 0.9rem; }
.tile { display: grid; grid-template-columns: 1fr auto; gap: 0.2rem 0.6rem; height: 100%; align-content: start; align-items: baseline; padding: 0.5rem 0.75rem 0.6rem; background: var(--surface); border: 1px solid var(--line); border-radius: 8px; color: var(--ink); text-decoration: none; font-size: 0.875rem; line-height: 1.35; }
.tile:hover { border-color: var(--strong-line); }
.tile b { font-weight: 600; }
.tile .tally { font-size: 0.8125rem; }
.tile .bar { grid-column: 1 / -1; height: 0.375rem; }
.tile .more { grid-column: 1 / -1; font-size: 0.8125rem; }
.tile.bad .more { color: var(--bad-ink); } .tile.warn .more { color: var(--warn-ink); }
.legend { margin-top: 0.75rem; }
.section { margin-bottom: 0.4rem; }
.section > summary { display: flex; flex-wrap: wrap; gap: 0 0.75rem; align-items: baseline; padding: 0.45rem 0.9rem; background: var(--surface); border: 1px solid var(--line); border-radius: 8px; list-style: none; }
.section > summary::-webkit-details-marker { display: none; }
.section > summary::before { content: ""; flex: none; width: 0.4rem; height: 0.4rem; border: solid var(--strong-line); border-width: 0 2px 2px 0; transform: translateY(-0.1em) rotate(-45deg); }
.section[open] > summary::before { transform: translateY(-0.2em) rotate(45deg); }
.section > summary:hover { background: var(--sunken); }
.section .source { margin: 0.4rem 0.9rem; }
.section .checks { margin-top: 0.4rem; }
.searching .section > summary { border-color: transparent; background: none; }
@media (max-width: 46rem) {
  .tiles { grid-template-columns: 1fr 1fr; }
  .failures > li { padding-inline: 0.85rem; }
}
`;
