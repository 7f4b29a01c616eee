// What a peer does in one line takes at most two with ours: the same program with each, run with two users at once, its
// lines counted by one rule.
import { readFileSync } from 'node:fs'
import type { Server } from 'node:http'
import type { RequestIdentity } from '@user-execution-context/http'
import { describe, expect, test } from 'vitest'
import { countGlue } from '../../../../scripts/count-glue.mjs'
import { expectPageRow, versionOf } from '../../../../scripts/page-row.ts'
import { ask } from '../frameworks/client.ts'
import { closeAfterEach, identity } from '../frameworks/two-users.ts'

type Program = { readonly open: (identity: RequestIdentity) => Promise<Server> }
const peers = [
  ['@fastify/request-context', '@fastify/request-context', 'fastify-request-context', 'fastify'],
  ['hono/context-storage', 'hono', 'hono-context-storage', 'hono'],
  ['nestjs-cls', 'nestjs-cls', 'nestjs-cls', 'nestjs'],
] as const
const portOf = closeAfterEach()

describe.each(peers)('beside %s', (peer, library, program, ours) => {
  test.each([program, ours])('%s keeps two users apart, and serves no stranger', async (name) => {
    const { open } = (await import(`./programs/${name}.ts`)) as Program
    const port = await portOf(await open(identity))
    const tokens = Array.from({ length: 40 }, (_, index) => (index % 2 === 0 ? 'ada' : 'bob'))
    const answers = await Promise.all(tokens.map((token) => ask(port, { path: '/', token })))
    expect(answers.map(({ text }) => text)).toEqual(tokens)
    expect((await ask(port, { path: '/', token: 'eve' })).status).toBeGreaterThanOrEqual(400)
  })

  test('takes at most two lines of ours for one of its own', () => {
    const linesOf = (name: string, ofPackage: string): number =>
      countGlue(readFileSync(new URL(`./programs/${name}.ts`, import.meta.url), 'utf8'), ofPackage)
    const [theirs, own] = [linesOf(program, peer), linesOf(ours, `http/${ours}`)]
    expect(own).toBeLessThanOrEqual(2 * theirs)
    // A rule that counts nothing would let everything through.
    expect(Math.min(theirs, own)).toBeGreaterThanOrEqual(3)
    const files = 'packages/http/tests/peers/programs'
    const linked = [program, ours].map((name) => `[${name}.ts](../${files}/${name}.ts)`)
    expectPageRow('docs/http.md', peer, versionOf(library, import.meta.url), [linked[0], theirs, linked[1], own])
  })
})
