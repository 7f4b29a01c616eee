/**
 * The kind-by-directory table of the page. Each figure is a button that filters the list of sites.
 */
import { isViolationKind } from '../../kind-guide.ts'
import { toDirectoryTable } from '../directory-table.ts'
import { count } from '../report-words.ts'
import type { ReportSite } from '../report.ts'
import { html, type Markup } from './markup.ts'

/** The section, or a sentence when nothing is left. */
export const directorySection = (sites: readonly ReportSite[]): Markup => {
  const open = sites.filter(({ kind, status }) => isViolationKind(kind) && status !== 'suppressed')
  if (open.length === 0)
    return html`<section><h2>Where</h2>
<p class="good">No direct construction and no duplicate definition is left.</p></section>`
  const { columns, rows, totals } = toDirectoryTable(open, (kind) => kind, 60)
  const most = Math.max(...rows.flatMap((row) => row.counts))
  return html`<section>
<h2>Where</h2>
<div class="scroll" tabindex="0" role="region" aria-label="Sites by directory and kind">
<table class="directories">
<thead><tr>
<th scope="col">directory</th><th scope="col" class="kind">total</th>
${columns.map((kind) => html`<th scope="col" class="kind">${kind.replace('-', ' ')}</th>`)}
</tr></thead>
<tbody>
${rows.map(
  ({ directory, counts, total }) => html`<tr>
<th scope="row"><code>${directory}</code></th><td class="number">${count(total)}</td>
${counts.map((one, index) => cell(one, most, directory, columns[index] ?? ''))}
</tr>
`,
)}
</tbody>
<tfoot><tr>
<th scope="row">total</th><td class="number">${count(open.length)}</td>
${totals.map((one) => html`<td class="number">${count(one)}</td>`)}
</tr></tfoot>
</table>
</div>
</section>`
}

const cell = (one: number, most: number, directory: string, kind: string): Markup => {
  if (one === 0) return html`<td class="number soft">·</td>`
  // Four steps on a logarithmic scale: one directory with a thousand sites must not make the others look empty.
  const heat = Math.max(1, Math.ceil((4 * Math.log(one + 1)) / Math.log(most + 1)))
  const label = `${kind} in ${directory}: ${one}`
  return html`<td class="heat heat-${heat}">
<button type="button" data-directory="${directory}" data-kind="${kind}" aria-label="${label}">${count(one)}</button>
</td>`
}
