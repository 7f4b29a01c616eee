/**
 * Duplicate definitions side by side with the single source, and the factories with their signatures.
 */
import { kindGuide } from '../../kind-guide.ts'
import type { DuplicateFact, FactoryFact, FieldFact } from '../../scan/scan-result.ts'
import { count } from '../report-words.ts'
import type { Report } from '../report.ts'
import { html, type Markup } from './markup.ts'

/** Both sections; an empty one is left out. */
export const definitionSections = ({ duplicates, factories, canonical, generatedDefinitions }: Report): Markup => html`
${duplicates.length > 0 ? duplicateSection(duplicates, canonical?.name ?? 'canonical') : ''}
${generatedDefinitions > 0 ? html`<p class="soft">${generatedDefinitions} in generated code (--generated).</p>` : ''}
${factories.length > 0 ? factorySection(factories) : ''}`

const duplicateSection = (duplicates: readonly DuplicateFact[], canonicalName: string): Markup =>
  html`<section><h2>Duplicate definitions</h2>${duplicates.map((one) => pair(one, canonicalName))}</section>`

const verdicts: Readonly<Record<DuplicateFact['difference'][number]['verdict'], string>> = {
  'same': 'same',
  'only-canonical': 'missing here',
  'only-here': 'only here',
  'type': 'other type',
  'optional': 'other optionality',
  'renamed': 'renamed',
}

const pair = ({ definition, kind, score, proof, difference }: DuplicateFact, canonicalName: string): Markup => {
  const differs = difference.filter(({ verdict }) => verdict !== 'same').length
  const words =
    `${kindGuide[kind].title}, score ${score.toFixed(2)}, ` +
    `${differs} of ${difference.length} fields differ${proofWords(proof)}`
  return html`<details>
<summary><code>${definition.name}</code> in <code>${definition.file}:${definition.line}</code>
<span class="soft">${words}</span></summary>
<table class="pair">
<thead><tr>
<th scope="col">field</th>
<th scope="col">${canonicalName} (single source)</th>
<th scope="col">${definition.name} (${definition.form})</th>
<th scope="col">verdict</th>
</tr></thead>
<tbody>
${difference.map(fieldRow)}
</tbody>
</table>
</details>`
}

const fieldRow = ({ field, verdict, canonical, here }: DuplicateFact['difference'][number]): Markup =>
  html`<tr class="verdict-${verdict}"><td><code>${field}</code></td>
<td>${fieldOf(canonical)}</td><td>${fieldOf(here)}</td><td>${verdicts[verdict]}</td></tr>
`

const proofWords = (proof: DuplicateFact['proof']): string => {
  if (proof === undefined) return ''
  if (proof.toCanonical && proof.fromCanonical) return ', mutually assignable by the checker’s proof'
  return proof.toCanonical || proof.fromCanonical ? ', assignable in one direction' : ', not assignable'
}

const fieldOf = (field: FieldFact | undefined): Markup =>
  field === undefined
    ? html`<span class="soft">absent</span>`
    : html`<code>${field.name}${field.optional ? '?' : ''}: ${field.type}</code>`

const factorySection = (factories: readonly FactoryFact[]): Markup => html`<section>
<h2>Factories</h2>
<div class="scroll" tabindex="0" role="region" aria-label="Factories">
<table class="factories">
<thead><tr>
<th scope="col">function</th>
<th scope="col">validates</th>
<th scope="col" class="number">callers</th>
<th scope="col">place</th>
</tr></thead>
<tbody>
${factories.toSorted((left, right) => right.callerCount - left.callerCount).map(factoryRow)}
</tbody>
</table>
</div>
</section>`

const factoryRow = ({ name, signature, inferred, validates, callerCount, file, line }: FactoryFact): Markup =>
  html`<tr>
<td><code>${name}${signature}</code>${inferred ? html` <span class="soft">return type inferred</span>` : ''}</td>
<td>${validates ? html`<span class="good">yes</span>` : html`<span class="bad">no</span>`}</td>
<td class="number">${count(callerCount)}</td>
<td><code>${file}:${line}</code></td>
</tr>
`
