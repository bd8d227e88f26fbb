// How the chapter of a load test looks; part of the sheet of the page (style.ts in the folder above).

export const loadStyle = `
:root {
  --c1: #0072b2; --c2: #cc5a0a; --c3: #00806b; --c4: #c9246a; --c5: #6a3d9a; --c6: #8a6a10; --c7: #78828f; --ok: #6b93e0;
  --heat-1: #c3d9f3; --heat-2: #a3c4eb; --heat-3: #7fabdf; --heat-4: #5690cf; --heat-5: #3273b5; --heat-6: #1b5391; --heat-7: #0b3163;
  --seg-dns: #8a93a3; --seg-connect: #b07a08; --seg-tls: #7b52ab; --seg-wait: #7d9be3; --seg-content: #1f4fbf;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --c1: #56b4f0; --c2: #f2954a; --c3: #3cc5b0; --c4: #f77fb3; --c5: #b79bf0; --c6: #dcbb5c; --c7: #98a2b3; --ok: #5279cc;
    --heat-1: #253f6a; --heat-2: #2b4f88; --heat-3: #3361a6; --heat-4: #4478c4; --heat-5: #6698dc; --heat-6: #98bff0; --heat-7: #d8e8fe;
    --seg-dns: #7d889b; --seg-connect: #d9a441; --seg-tls: #b08be0; --seg-wait: #5a78bd; --seg-content: #a3bfff;
  }
}
.answers { display: grid; gap: 0.75rem; grid-template-columns: 1.15fr 1fr 1.25fr; margin-bottom: 0.75rem; }
.answer { background: var(--surface); border: 1px solid var(--line); border-top: 4px solid var(--idle); border-radius: 10px; padding: 0.85rem 1.1rem 1rem; font-size: 0.9375rem; line-height: 1.5; min-width: 0; }
.answer.good { border-top-color: var(--good); } .answer.bad { border-top-color: var(--bad); } .answer.do { border-top-color: var(--accent); }
.answer h3 { margin: 0 0 0.3rem; font-size: 0.8125rem; font-weight: 600; color: var(--muted); }
.answer p + p { margin-top: 0.35rem; color: var(--muted); }
.answer .first { font-weight: 600; }
.flag { white-space: nowrap; }
.answer ol { list-style: decimal; padding-left: 1.15rem; }
.answer li + li { margin-top: 0.35rem; }
.answer li::marker { color: var(--muted); font-variant-numeric: tabular-nums; }
.answers + .cards dd { font-size: 1.5rem; white-space: nowrap; }
.answers + .cards dd small { white-space: normal; }
.part + .part > h3:first-child { margin-top: 2.5rem; }

.slos { display: grid; gap: 0.75rem; grid-template-columns: repeat(auto-fill, minmax(min(26rem, 100%), 1fr)); }
.slo { background: var(--surface); border: 1px solid var(--line); border-left: 4px solid var(--good); border-radius: 10px; padding: 0.8rem 1rem 0.6rem; min-width: 0; }
.slo.bad { border-left-color: var(--bad); }
.slo-head code { font-weight: 600; margin-left: 0.3rem; }
.slo dl { display: flex; flex-wrap: wrap; gap: 0.25rem 1.75rem; margin: 0.5rem 0 0.35rem; }
.slo dt { color: var(--muted); font-size: 0.8125rem; }
.slo dd { font-weight: 640; font-variant-numeric: tabular-nums; }
.slo.bad dl div:first-child dd { color: var(--bad-ink); }
.slo .chart { border: 0; padding: 0; background: none; }

.charts { display: grid; gap: 0.75rem; grid-template-columns: 1fr 1fr; margin-top: 0.75rem; }
.charts.one { grid-template-columns: 1fr; }
.charts > .tall, .charts > .wide, .charts > :last-child:nth-child(odd) { grid-column: 1 / -1; }
.chart { background: var(--surface); border: 1px solid var(--line); border-radius: 10px; padding: 0.9rem 1rem 0.5rem; min-width: 0; }
.charts > * { min-width: 0; }
.wide .chart + .fold { margin-top: 0.25rem; }
figcaption { font-size: 0.9375rem; min-height: 1.55em; margin-bottom: 0.3rem; }
figcaption b { font-weight: 600; margin-right: 0.6em; }
figcaption span { color: var(--muted); font-size: 0.875rem; font-variant-numeric: tabular-nums; }
.slo figcaption { font-size: 0.8125rem; }
.slo figcaption b { font-weight: 400; color: var(--muted); }
.slo figcaption span { font-size: 0.8125rem; }
.legend { display: flex; flex-wrap: wrap; gap: 0.1rem 1.1rem; font-size: 0.8125rem; color: var(--ink); margin-bottom: 0.35rem; }
.legend small { color: var(--muted); font-size: inherit; font-variant-numeric: tabular-nums; }
.legend a { color: inherit; }
.swatch { display: inline-block; width: 0.8rem; height: 0.8rem; border-radius: 3px; margin-right: 0.4rem; vertical-align: -0.08em; background: currentColor; }
.swatch.line { height: 0; border-radius: 0; background: none; border-top: 3px solid; vertical-align: 0.22em; }
.swatch.shade { background: var(--bad-soft); border: 1px solid var(--bad); }
.swatch.c1 { color: var(--c1); } .swatch.c2 { color: var(--c2); } .swatch.c3 { color: var(--c3); } .swatch.c4 { color: var(--c4); }
.swatch.c5 { color: var(--c5); } .swatch.c6 { color: var(--c6); } .swatch.c7 { color: var(--c7); }
.swatch.ok { color: var(--ok); } .swatch.accent { color: var(--accent); } .swatch.bad { color: var(--bad); }
.ramp { gap: 0.1rem 0.7rem; color: var(--muted); font-variant-numeric: tabular-nums; }
.swatch.heat-1 { background: var(--heat-1); } .swatch.heat-2 { background: var(--heat-2); } .swatch.heat-3 { background: var(--heat-3); }
.swatch.heat-4 { background: var(--heat-4); } .swatch.heat-5 { background: var(--heat-5); } .swatch.heat-6 { background: var(--heat-6); }
.swatch.heat-7 { background: var(--heat-7); }
.plot { height: 170px; overflow: hidden; contain: size layout; }
.tall > .plot { height: 240px; }
[data-chart="heat"] > .plot { height: 280px; }
.low > .plot { height: 110px; }
html:not(.js) .chart { display: none; }
.uplot { font: inherit; }
.u-cursor-x { border-color: var(--strong-line) !important; }
.u-cursor-pt { border-color: var(--accent) !important; background: var(--surface) !important; }

.pull { background: var(--surface); border: 1px solid var(--line); border-radius: 10px; padding: 0.7rem 1rem; }
.pull + .pull { margin-top: 0.6rem; }
.pull td, .pull th { padding-inline: 0.5rem; }
.pull > summary b { margin-left: 0.4rem; font-variant-numeric: tabular-nums; }
.flow-rows { margin-top: 0.5rem; font-size: 0.8125rem; line-height: 1.3; }
.flow-rows li { display: grid; grid-template-columns: 19rem 1fr 15rem; gap: 0 1rem; align-items: stretch; }
.flow-rows li:not(.flow-axis):hover { background: var(--sunken); }
.flow-rows .flow-name, .flow-rows .flow-came { align-self: center; }
.flow-name { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.flow-name.follows { padding-left: 1rem; }
.flow-name b { font-weight: 600; }
.flow-name small { color: var(--muted); font-size: inherit; }
.flow-came { display: grid; grid-template-columns: 1fr 2.6rem 4.2rem 4.4rem; gap: 0 0.4rem; text-align: right; font-variant-numeric: tabular-nums; color: var(--muted); white-space: nowrap; }
.flow-came b { font-weight: 600; overflow: hidden; text-overflow: ellipsis; }
.flow-came i { font-style: normal; overflow: hidden; text-overflow: ellipsis; }
.flow-rows .bad .flow-came, .flow-rows .bad .flow-name b { color: var(--bad-ink); }
.flow-line { display: block; width: 100%; height: 1.5rem; overflow: visible; }
.flow-axis .flow-line { height: 1rem; }
.flow-line text { fill: var(--muted); font-size: 11px; }
.flow-line line { stroke: var(--line); }
.flow-line .dns { fill: var(--seg-dns); } .flow-line .connect { fill: var(--seg-connect); } .flow-line .tls { fill: var(--seg-tls); }
.flow-line .wait { fill: var(--seg-wait); } .flow-line .content { fill: var(--seg-content); }
.flow-line .least { fill: var(--seg-wait); } .flow-line .ended { fill: var(--bad); }
.bar .dns, .key.dns { fill: var(--seg-dns); background: var(--seg-dns); }
.bar .connect, .key.connect { fill: var(--seg-connect); background: var(--seg-connect); }
.bar .tls, .key.tls { fill: var(--seg-tls); background: var(--seg-tls); }
.bar .wait, .key.wait { fill: var(--seg-wait); background: var(--seg-wait); }
.bar .content, .key.content { fill: var(--seg-content); background: var(--seg-content); }
.waterfall { max-width: 46rem; margin-top: 0.75rem; }
.waterfall .bar { height: 0.875rem; }
.hops { display: grid; gap: 0.75rem; grid-template-columns: minmax(0, auto) minmax(20rem, 1fr); margin-top: 0.75rem; }
.hops > .scroll:only-child { grid-column: 1 / -1; }
.hops .plot { height: 330px; }
.sides-by thead .wrap { min-width: 7rem; }
.part > .cards + .muted, .part > .errors + .scroll, .part > .scroll + .facts, .part > .fold + .facts { margin-top: 0.75rem; }
.part > h4 { margin: 1.25rem 0 0.5rem; }
.part > .curl { padding: 0.5rem 0; }

@media (max-width: 62rem) {
  .answers, .hops { grid-template-columns: minmax(0, 1fr); }
  .hops .plot { height: 200px; }
  .flow-rows li { grid-template-columns: 12rem 1fr 13rem; }
}
@media (max-width: 46rem) {
  .answers { gap: 0.5rem; }
  .answer { padding: 0.6rem 0.9rem 0.75rem; }
  /* With so little room what to do comes before what limited. */
  .answer.do { order: 1; }
  .answer.limit { order: 2; }
  .charts { grid-template-columns: 1fr; }
  .chart { padding-inline: 0.75rem; }
  figcaption { min-height: 3.1em; }
  figcaption b { display: block; }
  .flow-rows li { grid-template-columns: 1fr auto; gap: 0 0.5rem; padding: 0.15rem 0; }
  .flow-came { grid-template-columns: auto auto auto auto; }
  .flow-rows .flow-line { grid-column: 1 / -1; grid-row: 2; }
  .flow-axis span { display: none; }
  .pull { padding-inline: 0.75rem; }
}
@media print {
  .chart, .slo, .pull li, .answer { break-inside: avoid; }
  .u-over, .u-cursor-x, .u-cursor-pt { display: none; }
  .uplot, .u-wrap { width: 100% !important; height: auto !important; }
  .u-wrap canvas { position: static !important; width: 100% !important; height: auto !important; }
  .plot { height: auto !important; contain: none; }
}
`;
