/**
 * The target's expression with its places filled, on as many lines as the literal had, each field with its comments.
 */
import type { PrintEdit } from './change-unit.ts'
import { toInlineComment } from './field-comments.ts'
import type { FieldComments, LiteralLayout } from './field-comments.ts'
import type { ImportedName, MigrateTarget } from './migrate-options.ts'
import { quoteText } from './source-style.ts'
import type { SourceStyle } from './source-style.ts'

/** Where the new expression stands: `origin` is `file:line`. */
export type TemplatePlace = { readonly origin: string; readonly style: SourceStyle; readonly layout: LiteralLayout }

/** What goes to one destination. */
export type Value = {
  readonly print: PrintEdit
  readonly names: readonly string[]
  readonly types: readonly ImportedName[]
  readonly comments?: FieldComments | undefined
}

/** The template with its places filled. */
type Filling = {
  readonly given: ReadonlyMap<string, Value>
  readonly place: TemplatePlace
  readonly slice: Parameters<PrintEdit>[0]
  readonly local: Parameters<PrintEdit>[1]
}

export function fillTemplate(target: MigrateTarget, filling: Filling): string {
  const { given, place, slice, local } = filling
  const filled = target.expression.replace(
    /(,\s*)?\{(\.\.\.)?(\w+)\}/g,
    (_whole, comma: string | undefined, dots: string | undefined, name: string) => {
      const lead = comma ?? ''
      if (name === 'reason') return `${lead}${quoteText(reasonOf(place.origin), place.style)}`
      const exact = given.get(name)
      if (exact) return `${lead}${inlineComments(exact)}${exact.print(slice, local)}`
      const properties = propertiesBelow(filling, name)
      if (properties.length === 0) return ''
      if (!dots && place.layout.isMultiLine) return `${lead}${printLines(properties, place)}`
      const line = properties.map(({ text, value }) => `${value ? inlineComments(value) : ''}${text}`).join(', ')
      return dots ? `${lead}${line}` : `${lead}{ ${line} }`
    },
  )
  return target.imports.reduce(
    (text, { name }) =>
      local(name) === name ? text : text.replace(new RegExp(`(?<![.\\w'"])${name}(?=\\()`), local(name)),
    filled,
  )
}

/** At most 200 characters, the far end kept: the file's name and line matter most. */
const reasonOf = (origin: string): string =>
  `migrated from ${origin.length > 180 ? `…${origin.slice(-179)}` : origin}`.replace('…', '...')

type PrintedProperty = { readonly text: string; readonly value: Value | undefined }

/**
 * `threadId: …, auditMetadata: { … }`: fields below one destination; a record with single fields too gets them added.
 */
function propertiesBelow(filling: Filling, prefix: string): PrintedProperty[] {
  const { given, slice, local } = filling
  const below = [...given.keys()].filter((to) => to.startsWith(`${prefix}.`))
  const keys = [...new Set(below.map((to) => to.slice(prefix.length + 1).split('.')[0]!))]
  return keys.map((key) => {
    const value = given.get(`${prefix}.${key}`)
    const record = value?.print(slice, local)
    const inner = propertiesBelow(filling, `${prefix}.${key}`)
    if (inner.length === 0) return { text: record === key ? key : `${key}: ${record}`, value }
    const line = inner.map((one) => `${one.value ? inlineComments(one.value) : ''}${one.text}`).join(', ')
    return { text: `${key}: { ${record === undefined ? '' : `...${record}, `}${line} }`, value }
  })
}

/** A record on as many lines as the literal had, each field with its comments. */
function printLines(properties: readonly PrintedProperty[], { style, layout }: TemplatePlace): string {
  const lines = properties.flatMap(({ text, value }, index) => {
    const comma = index < properties.length - 1 || layout.hasTrailingComma ? ',' : ''
    const { lead, trail } = value?.comments ?? { lead: [], trail: [] }
    const behind = trail.length > 0 ? ` ${trail.join(' ')}` : ''
    return [...lead, `${text}${comma}${behind}`].map((line) => `${layout.inner}${line}`)
  })
  return ['{', ...lines, `${layout.base}}`].join(style.lineEnd)
}

const inlineComments = ({ comments }: Value): string =>
  [...(comments?.lead ?? []), ...(comments?.trail ?? [])].map(toInlineComment).join('')
