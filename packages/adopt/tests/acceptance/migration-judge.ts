// What became of each planted site, read from the migrated text alone.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Planted } from '../fixtures/legacy-app/generate.mjs'
import type { LegacyApp } from './legacy-app.ts'

export type Fate = { readonly site: Planted; readonly fate: 'moved' | 'todo' | 'gone' | 'untouched' }

/**
 * `moved`: a vouched user names this very site. `todo`: a marked comment stands in its block. `gone`: its block is no
 * longer there.
 */
export function fatesOf({ root, truth }: LegacyApp): Fate[] {
  const texts = new Map<string, string>()
  const textOf = (file: string): string => {
    const known = texts.get(file) ?? readFileSync(join(root, file), 'utf8')
    texts.set(file, known)
    return known
  }
  return truth.sites.map((site) => ({ site, fate: fateOf(site, textOf(site.file)) }))
}

const mark = /TODO\(user-execution-context\): \S.*/

function fateOf({ file, line, marker }: Planted, text: string): Fate['fate'] {
  if (new RegExp(`migrated from ${escape(file)}:${line}(?!\\d)`).test(text)) return 'moved'
  const blocks = text.split(/\r?\n\r?\n/)
  const own = marker === undefined ? [] : blocks.filter((block) => block.includes(marker))
  if (own.length === 0) return 'gone'
  return own.some((block) => mark.test(block)) ? 'todo' : 'untouched'
}

function escape(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
