// How the page of a comparison looks, on top of the sheet of all pages.

export const comparisonStyle = `
.compared { display: grid; gap: 0.1rem 0.9rem; grid-template-columns: auto 1fr; margin: 0; font-size: 0.9375rem; }
.compared dt { color: var(--muted); }
.compared dd { margin: 0; overflow-wrap: anywhere; }
.compared small { color: var(--muted); margin-left: 0.4rem; }
.remarks { border-left: 4px solid var(--warn); background: var(--warn-soft); color: var(--warn-ink); padding: 0.75rem 1rem; border-radius: 0 8px 8px 0; margin: 0 0 1.25rem; }
.remarks li { list-style: disc; margin-left: 1.1rem; }
.remarks.plain { border-left-color: var(--strong-line); background: var(--sunken); color: var(--ink); }
.forest { display: block; width: 16rem; height: 1.5rem; overflow: visible; }
.forest .band { fill: var(--sunken); }
.forest .none { fill: var(--strong-line); }
.forest .range { fill: var(--idle); }
.forest .point { fill: var(--ink); }
.forest .bad { fill: var(--bad); } .forest .good { fill: var(--good); } .forest .warn { fill: var(--warn); }
.chapter > h2 { margin: 2.5rem 0 0.75rem; }
.chapter > h2 + .lede { margin-top: -0.5rem; }
.changes td small { white-space: normal; }
.changes tbody td, .changes tbody th { vertical-align: middle; }
.worse { color: var(--bad-ink); font-weight: 600; }
.better { color: var(--good-ink); font-weight: 600; }
.said td { white-space: normal; min-width: 16rem; vertical-align: top; overflow-wrap: anywhere; }
.said td:nth-child(2), .said td:nth-child(3) { min-width: 6rem; white-space: nowrap; }
.method li { list-style: disc; margin-left: 1.1rem; }
.chapter > .fold { margin-top: 1.5rem; }
@media (max-width: 46rem) {
  .forest { width: 9rem; }
  .changes th, .changes td { padding-inline: 0.6rem; }
  .changes tbody th { white-space: normal; min-width: 7.5rem; overflow-wrap: anywhere; }
  .compared { grid-template-columns: 1fr; }
  .compared dd + dt { margin-top: 0.4rem; }
}
`;
