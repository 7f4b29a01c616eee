/**
 * HTML from values: everything put in is escaped, unless it is already markup made here.
 * The page shows code, names and paths of others, so there is no way around the escape.
 */
import { toPrintable } from '../paint.ts'

/** Finished markup. Only `html` and `raw` of this file make one. */
export class Markup {
  readonly #text: string
  constructor(text: string) {
    this.#text = text
  }
  toString(): string {
    return this.#text
  }
}

/** What may stand in a hole of a template: markup goes in as it is, lists are joined, anything else is escaped. */
export type Hole = Markup | string | number | readonly Hole[]

/** Template tag: `html\`<td>${name}</td>\``. Every attribute must be quoted in the template. */
export const html = (parts: TemplateStringsArray, ...holes: readonly Hole[]): Markup =>
  new Markup(parts.map((part, index) => part + (index < holes.length ? fill(holes[index]!) : '')).join(''))

/** Text of this package that is no data: style sheet, script and the escaped JSON. */
export const raw = (text: string): Markup => new Markup(text)

/** JSON for a data block: no `<`, so it can end neither the block nor open a comment. */
export const toScriptJson = (value: unknown): string => JSON.stringify(value).replaceAll('<', '\\u003c')

const fill = (hole: Hole): string => {
  if (hole instanceof Markup) return hole.toString()
  if (typeof hole === 'string' || typeof hole === 'number') return escape(String(hole))
  return hole.map(fill).join('')
}

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

const escape = (text: string): string => toPrintable(text).replace(/[&<>"']/g, (sign) => escapes[sign] ?? sign)
