// What is asked of the compiler, counted: each message costs as much as checking some lines of code.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { scan } from '../../src/scan/scan.ts'
import { type Message, recordMessages, type Sent } from '../engine/sent-messages.ts'

const siteFiles = 5
const contextText = 'export interface Ctx { readonly userId: string; readonly requestId: string }\n'
const callback = (at: number): string => `export const ids${at} = rows.map((row) => row.id + ${at})\n`
/** Two candidates a file: a literal that is returned, and an `any` that is passed. */
const siteText = (callbacks: number, lineAt: (at: number) => string): string => `import type { Ctx } from './context.js'
declare const rows: { id: number }[]
declare const names: string[]
const take = (context: Ctx): string => context.userId
export const make = (): Ctx => ({ userId: 'u', requestId: 'r' })
export const handle = (body: any): string => take(body) + take(make())
${Array.from({ length: callbacks }, (_, at) => lineAt(at)).join('')}`

describe('the messages to the compiler', () => {
  let sent: Sent
  const roots: string[] = []
  beforeAll(async () => {
    sent = await recordMessages()
  })
  afterEach(() => roots.splice(0).forEach((root) => rmSync(root, { recursive: true, force: true })))

  const messagesOf = async (
    callbacks: number,
    otherFiles = 0,
    lineAt = callback,
    sites = siteFiles,
  ): Promise<readonly Message[]> => {
    const root = mkdtempSync(join(tmpdir(), 'messages-'))
    roots.push(root)
    mkdirSync(join(root, 'src'))
    writeFileSync(join(root, 'package.json'), '{ "type": "module" }\n')
    const compilerOptions = { target: 'es2022', lib: ['es2022'], module: 'nodenext', strict: true, types: [] }
    writeFileSync(join(root, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['src'] }))
    writeFileSync(join(root, 'src/context.ts'), contextText)
    for (let at = 0; at < sites; at++) writeFileSync(join(root, `src/site-${at}.ts`), siteText(callbacks, lineAt))
    for (let at = 0; at < otherFiles; at++) writeFileSync(join(root, `src/other-${at}.ts`), callbackFile)
    sent.messages.length = 0
    sent.writes.length = 0
    const { findings } = await scan({ root, types: ['Ctx'] })
    expect(findings.filter(({ kind }) => kind === 'any-flow' || kind === 'literal-return')).toHaveLength(sites * 2)
    return [...sent.messages]
  }
  const callbackFile = `declare const rows: { id: number }[]\n${callback(0)}`

  test('are the same number for files that the type does not reach', async () => {
    const [few, many] = [await messagesOf(2), await messagesOf(2, 40)]
    expect(few.length).toBeGreaterThan(0)
    expect(many.length).toBe(few.length)
  })

  test('are bounded by the candidates of a file, not by its callbacks', async () => {
    const [few, many] = [await messagesOf(2), await messagesOf(42)]
    // One message for each callback of each file would be this many.
    expect(many.length - few.length).toBeLessThan(siteFiles * 40)
  })

  test('ask what is expected of no list that spreads what holds no any', async () => {
    const spread = (at: number): string => `export const list${at}: string[] = ['a', ...names]\n`
    const asked = async (lists: number): Promise<number> =>
      (await messagesOf(lists, 0, spread)).filter(({ method }) => method === 'getContextualType').length
    expect(await asked(42)).toBe(await asked(2))
  })

  test('wait for the compiler no oftener when more files ask the same', async () => {
    const waitsOf = async (files: number): Promise<number> => {
      await messagesOf(8, 0, callback, files)
      return sent.writes.length
    }
    const [few, many] = [await waitsOf(5), await waitsOf(35)]
    // A file is fetched, and its diagnostics are asked for, by itself: both kinds. What is asked of types is not.
    expect(many - few).toBeLessThan(30 * 6)
  })

  test('ask for the type of no node twice', async () => {
    const locations = (await messagesOf(2))
      .filter(({ method }) => method === 'getTypeAtLocations')
      .flatMap(({ payload }) => {
        const { snapshot, locations } = JSON.parse(payload) as { snapshot: number; locations: string[] }
        return locations.map((location) => `${snapshot} ${location}`)
      })
    expect(locations.length).toBeGreaterThan(siteFiles)
    expect(new Set(locations).size).toBe(locations.length)
  })
})
