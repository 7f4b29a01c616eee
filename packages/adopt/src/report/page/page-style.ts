/**
 * The page's style sheet: system fonts, light and dark, from a phone to a wide screen. No class carries data.
 */
export const pageStyle = `
:root {
  color-scheme: light dark;
  --paper: #fbfbfa; --card: #ffffff; --ink: #1d1f23; --soft: #5d636d; --line: #e1e3e7;
  --accent: #2458c5; --good: #1c7a43; --bad: #b3261e; --warn: #8a5a00; --mark: #eef3ff;
  --heat-1: #eef3ff; --heat-2: #d9e5ff; --heat-3: #b6cdff; --heat-4: #86acff; --heat-ink: #10234f;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #141619; --card: #1c1f24; --ink: #e7e9ec; --soft: #a0a7b2; --line: #32363d;
    --accent: #8fb2ff; --good: #6fd394; --bad: #ff8f86; --warn: #e8bd6a; --mark: #24304a;
    --heat-1: #1f2940; --heat-2: #263866; --heat-3: #2f4a8f; --heat-4: #3d61bd; --heat-ink: #eef3ff;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 1280px; margin: 0 auto; padding: 24px 24px 64px; }
h1 { font-size: 28px; line-height: 1.2; margin: 0 0 4px; letter-spacing: -0.01em; font-variant-numeric: tabular-nums; }
h2 { font-size: 18px; margin: 40px 0 8px; }
p { margin: 4px 0; max-width: 80ch; }
a { color: var(--accent); }
code, pre, .place, .mono {
  font-family: ui-monospace, 'SF Mono', Menlo, Consolas, 'Liberation Mono', monospace; font-size: 13px;
}
code, .place { overflow-wrap: anywhere; }
.soft { color: var(--soft); }
.bad { color: var(--bad); }
.good { color: var(--good); }
.warn { color: var(--warn); }
progress {
  width: 100%; height: 12px; margin: 12px 0; border: 0; border-radius: 6px; overflow: hidden; background: var(--line);
  accent-color: var(--good); appearance: none;
}
progress::-webkit-progress-bar { background: var(--line); }
progress::-webkit-progress-value { background: var(--good); }
progress::-moz-progress-bar { background: var(--good); }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(160px, 1fr)); gap: 12px; margin: 16px 0; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 12px 16px; }
.card strong { display: block; font-size: 22px; font-variant-numeric: tabular-nums; }
.card span { color: var(--soft); font-size: 13px; }
.scroll {
  overflow: auto; max-height: 70vh; border: 1px solid var(--line); border-radius: 8px; background: var(--card);
}
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: 6px 10px; text-align: left; border-bottom: 1px solid var(--line); vertical-align: top; }
tr:last-child > * { border-bottom: 0; }
thead th {
  position: sticky; top: 0; background: var(--card); font-weight: 600; font-size: 12px; color: var(--soft);
  z-index: 1; vertical-align: bottom;
}
tbody th { font-weight: 400; }
tfoot td, tfoot th { font-weight: 600; border-top: 1px solid var(--line); }
.number { text-align: right; white-space: nowrap; }
thead .kind { text-align: right; min-width: 60px; }
.directories th:first-child { position: sticky; left: 0; background: var(--card); white-space: nowrap; z-index: 1; }
.directories thead th:first-child { z-index: 2; }
.directories code { overflow-wrap: normal; }
.factories td:last-child code { white-space: nowrap; }
.factories td:first-child { min-width: 280px; }
.heat { padding: 2px; text-align: right; }
.heat button {
  width: 100%; min-width: 40px; padding: 4px 8px; border: 0; border-radius: 4px; background: none; color: inherit;
  font: inherit; text-align: right; cursor: pointer;
}
.heat-1 button { background: var(--heat-1); } .heat-2 button { background: var(--heat-2); }
.heat-3 button { background: var(--heat-3); color: var(--heat-ink); }
.heat-4 button { background: var(--heat-4); color: var(--heat-ink); }
.heat button:hover { outline: 1px solid var(--accent); }
details { border: 1px solid var(--line); border-radius: 8px; background: var(--card); margin: 8px 0; overflow: hidden; }
summary { padding: 8px 16px; cursor: pointer; overflow-wrap: anywhere; }
details table { border-top: 1px solid var(--line); }
.pair { table-layout: fixed; }
.pair td, .pair th { overflow-wrap: anywhere; }
.verdict-same { color: var(--soft); }
.verdict-only-canonical td:nth-child(2),
.verdict-only-here td:nth-child(3),
.verdict-type td,
.verdict-optional td,
.verdict-renamed td {
  background: var(--mark);
}
.tools {
  display: flex; flex-wrap: wrap; gap: 8px; align-items: center; margin: 8px 0; position: sticky; top: 0;
  background: var(--paper); padding: 8px 0; z-index: 2;
}
input, select, .tools button {
  font: inherit; color: inherit; background: var(--card); border: 1px solid var(--line); border-radius: 6px;
  padding: 6px 10px;
}
input { flex: 1 1 260px; min-width: 0; }
select { max-width: 100%; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }
#list {
  height: 60vh; overflow: auto; border: 1px solid var(--line); border-radius: 8px; background: var(--card);
  contain: strict;
}
#canvas { position: relative; overflow: hidden; }
.row {
  position: absolute; left: 0; right: 0; height: 32px; padding: 0 12px; display: grid;
  grid-template-columns: 164px minmax(0, 2fr) minmax(0, 1fr) minmax(0, 2fr); gap: 12px; align-items: center;
  cursor: pointer; border-bottom: 1px solid var(--line);
}
.row > * { overflow: hidden; white-space: nowrap; text-overflow: ellipsis; }
.row .place { display: flex; }
.row .directory { min-width: 0; overflow: hidden; text-overflow: ellipsis; flex: 0 1 auto; }
.row .file { flex: 0 0 auto; }
.row .enclosing { color: var(--soft); font-size: 13px; }
.row.chosen, .row:hover { background: var(--mark); }
.status-new .place { color: var(--bad); font-weight: 600; }
.status-known .place, .status-suppressed .place, .status-shown .place { color: var(--soft); }
.badge {
  justify-self: start; max-width: 100%; border: 1px solid var(--line); border-radius: 10px; padding: 0 8px;
  font-size: 12px; line-height: 20px; color: var(--soft);
}
.family-cast, .family-any { border-color: var(--bad); color: var(--bad); }
.family-new, .family-literal { border-color: var(--accent); color: var(--accent); }
.family-definition, .family-factory { border-color: var(--warn); color: var(--warn); }
#detail {
  margin-top: 8px; border: 1px solid var(--line); border-radius: 8px; background: var(--card); padding: 12px 16px;
  min-height: 72px;
}
#detail pre {
  white-space: pre-wrap; overflow-wrap: anywhere; background: var(--paper); border: 1px solid var(--line);
  border-radius: 6px; padding: 8px 12px; margin: 8px 0;
}
.fix::before { content: 'Fix: '; font-weight: 600; }
.chart { width: 100%; height: auto; display: block; }
.chart .area { fill: var(--accent); opacity: 0.12; }
.chart .lead { fill: none; stroke: var(--accent); stroke-width: 2; vector-effect: non-scaling-stroke; }
.chart .grid { stroke: var(--line); vector-effect: non-scaling-stroke; }
.axis { max-width: none; display: flex; justify-content: space-between; color: var(--soft); font-size: 12px; }
@media (max-width: 719px) {
  main { padding: 16px 12px 48px; }
  h1 { font-size: 22px; }
  th, td { padding: 6px; }
  .row {
    height: 64px; grid-template-columns: auto minmax(0, 1fr); grid-template-rows: 1fr 1fr; gap: 0 8px;
    padding: 4px 12px;
  }
  .row .place { grid-column: 1 / -1; grid-row: 1; align-self: end; }
  .cards { grid-template-columns: 1fr 1fr; }
  .directories th:first-child { max-width: 42vw; white-space: normal; }
  .directories th:first-child code { overflow-wrap: anywhere; }
  .row .badge { grid-row: 2; grid-column: 1; }
  .row .enclosing { grid-row: 2; grid-column: 2; }
  .row .text { display: none; }
  .tools { position: static; }
  input { flex-basis: 100%; }
}
@media print { .tools, #list, #detail { display: none; } .scroll { max-height: none; } }
`
