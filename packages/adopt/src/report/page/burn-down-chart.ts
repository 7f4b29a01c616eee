/**
 * The burn-down of the baseline from git history, as a drawing in the page itself.
 */
import { count, toBurnDownSentence } from '../report-words.ts'
import type { BurnDownStep } from '../report.ts'
import { html, type Markup } from './markup.ts'

const width = 1000
const height = 160

/** The chart. Nothing when the history has fewer than two steps: one point is no direction. */
export const burnDownSection = (steps: readonly BurnDownStep[]): Markup => {
  const [first, last] = [steps[0], steps.at(-1)]
  if (first === undefined || last === undefined || steps.length < 2) return html``
  const most = Math.max(...steps.map(({ left }) => left), 1)
  const span = Math.max(1, last.atMs - first.atMs)
  const x = (step: BurnDownStep): string => (((step.atMs - first.atMs) / span) * width).toFixed(1)
  const y = (step: BurnDownStep): string => (height - (step.left / most) * (height - 8)).toFixed(1)
  // Steps, not slopes: between two commits nothing moved.
  const line = steps
    .map((step, index) => (index === 0 ? `M${x(step)} ${y(step)}` : `H${x(step)} V${y(step)}`))
    .join(' ')
  const label =
    `Violations in the baseline: ${count(first.left)} on ${day(first)}, ` + `${count(last.left)} on ${day(last)}`
  return html`<section>
<h2>Burn-down</h2>
<svg class="chart" viewBox="0 0 ${width} ${height}" preserveAspectRatio="none" role="img" aria-label="${label}">
<path class="grid" d="M0 8 H${width} M0 ${height / 2} H${width} M0 ${height} H${width}" fill="none"/>
<path class="area" d="${line} V${height} H0 Z"/>
<path class="lead" d="${line}"/>
</svg>
<p class="axis">
<span>${day(first)}: ${count(first.left)} left</span>
<span>${count(steps.length)} steps</span>
<span>${day(last)}: ${count(last.left)} left</span>
</p>
<p>${toBurnDownSentence(last)}</p>
</section>`
}

const day = ({ atMs }: BurnDownStep): string => new Date(atMs).toISOString().slice(0, 10)
