/**
 * The report as ONE page without any request: style, script and data are in it, and its policy allows nothing else.
 */
import { createHash } from 'node:crypto'
import { count, countHeld, toHeadline, toTrustSentence, toUnresolvedSentence } from '../report-words.ts'
import type { Report } from '../report.ts'
import { burnDownSection } from './burn-down-chart.ts'
import { definitionSections } from './definition-sections.ts'
import { directorySection } from './directory-section.ts'
import { html, raw, toScriptJson, type Markup } from './markup.ts'
import { startPage } from './page-client.ts'
import { toPageData } from './page-data.ts'
import { pageStyle } from './page-style.ts'

/**
 * Prints the page. It says the same as the other formats; without JavaScript everything but the list of sites is there.
 */
export const printHtml = (report: Report): string => {
  const script = `(${startPage.toString()})()`
  const name = report.canonical?.name ?? 'context'
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${toPolicy(script, pageStyle)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${name}: ${toHeadline(report)}</title>
<style>${raw(pageStyle)}</style>
</head>
<body>
<main>
${headSection(report)}
${burnDownSection(report.burnDown)}
${remarkSection(report)}
${directorySection(report.sites)}
${definitionSections(report)}
${siteSection(report)}
</main>
<script type="application/json" id="data">${raw(toScriptJson(toPageData(report.sites)))}</script>
<script>${raw(script)}</script>
</body>
</html>
`
  return page.toString()
}

// Hashes, not 'unsafe-inline': a name that broke out of its place could still run nothing. Trusted Types forbid
// innerHTML.
const toPolicy = (script: string, style: string): string =>
  [
    "default-src 'none'",
    `script-src 'sha256-${hash(script)}'`,
    `style-src 'sha256-${hash(style)}'`,
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ')

const hash = (text: string): string => createHash('sha256').update(text).digest('base64')

const headSection = (report: Report): Markup => {
  const { headline, canonical, vouched, factories } = report
  const { byTsc, byCheck } = countHeld(report)
  const validating = factories.filter(({ validates }) => validates).length
  const source = canonical
    ? html`Single source: <code>${canonical.name}</code> in <code>${canonical.file}:${canonical.line}</code>`
    : 'No definition of the context type was found.'
  const questions = report.questions === 'fast' ? 'definitions, new and casts only' : 'every question'
  return html`<header>
<h1>${toHeadline(report)}</h1>
<p>${source}</p>
<p class="soft">${report.canonicalEvidence}</p>
<progress value="${headline.moved}" max="${Math.max(1, headline.total)}" aria-label="Sites moved"></progress>
<div class="cards">
${card(count(byTsc), 'found by plain tsc once the type is sealed')}
${card(count(byCheck), 'held by check only')}
${card(count(headline.fresh), 'new in this run', headline.fresh > 0 ? 'bad' : 'good')}
${card(count(vouched.total), 'calls of vouchForUser() to burn down', vouched.total > 0 ? 'warn' : 'good')}
${card(count(report.duplicates.length), 'duplicate or similar definitions')}
${card(`${count(validating)} of ${count(factories.length)}`, 'factories that validate')}
</div>
<p class="${report.trust.figure < 1 ? 'warn' : 'soft'}">${toTrustSentence(report)} ${toUnresolvedSentence(report)}</p>
<p class="soft">${report.tool}, ${report.compiler ?? 'no compiler'}, ${questions}</p>
${report.partial ? html`<p class="bad"><strong>The analysis is partial.</strong></p>` : ''}
${report.reasons.map((reason) => html`<p class="bad">${reason}</p>`)}
</header>`
}

const card = (figure: string, words: string, mood = ''): Markup =>
  html`<div class="card"><strong class="${mood}">${figure}</strong><span>${words}</span></div>`

const remarkSection = ({ remarks, notes }: Report): Markup =>
  html`${remarks.map(({ file, line, message, fails }) => {
    const place = line === undefined ? file : `${file}:${line}`
    return html`<p class="${fails ? 'bad' : 'warn'}"><code>${place}</code> ${message}</p>`
  })}
${notes.map((note) => html`<p><strong>${note}</strong></p>`)}`

const siteSection = ({ sites }: Report): Markup => html`<section id="sites">
<h2>Sites</h2>
<noscript><p class="warn">The list of sites needs JavaScript. The same list is in --format json.</p></noscript>
<div class="tools">
<input id="query" type="search" placeholder="Filter: words of path, kind, type, symbol or code"
aria-label="Filter sites" autocomplete="off" spellcheck="false">
${select(
  'kind',
  'All kinds',
  sites.map(({ kind }) => kind),
)}
${select(
  'status',
  'All states',
  sites.map(({ status }) => status),
)}
${select(
  'held',
  'Held by either',
  sites.map(({ heldBy }) => heldBy),
)}
<button type="button" id="reset" hidden>Show all</button>
<span id="shown" class="soft" role="status"></span>
</div>
<div id="list" role="listbox" tabindex="0" aria-label="Sites"><div id="canvas" role="presentation"></div></div>
<div id="detail" aria-live="polite">
<p class="soft">Choose a site to see its code, what is wrong with it and the fix.</p>
</div>
</section>`

const select = (id: string, all: string, values: readonly string[]): Markup =>
  html`<select id="${id}" aria-label="${all}"><option value="">${all}</option>
${[...new Set(values)].sort().map((value) => html`<option value="${value}">${value}</option>`)}
</select>`
