import { describe, expect, test } from 'vitest'
import { findGrowth, matchBaseline, toEntry } from '../../src/check/match-baseline.ts'
import { makeFinding } from './findings.ts'

const site = makeFinding()
const baseline = [toEntry(site)]

describe('matchBaseline', () => {
  test.each([
    ['exact', makeFinding({ line: 900, column: 1, start: 9_000, end: 9_020 })],
    ['exact', makeFinding({ text: '{userId,threadId,}' })],
    ['other file', makeFinding({ file: 'src/moved.ts' })],
    ['other enclosing symbol', makeFinding({ enclosing: 'ChatService.renamed' })],
    ['other text', makeFinding({ text: '{ userId, threadId, runId }' })],
  ])('recognises a site by tier "%s"', (tier, finding) => {
    const { known, fresh, gone } = matchBaseline([finding], baseline)
    expect(known.map((one) => one.tier)).toEqual([tier])
    expect(known.map((one) => one.entry)).toEqual([toEntry(finding)])
    expect([fresh, gone]).toEqual([[], []])
  })

  test.each([
    ['another kind', makeFinding({ kind: 'cast' })],
    ['another type', makeFinding({ type: 'OtherContext' })],
    ['file and enclosing symbol', makeFinding({ file: 'src/b.ts', enclosing: 'run' })],
    ['enclosing symbol and text', makeFinding({ enclosing: 'run', text: '{}' })],
    ['file and text', makeFinding({ file: 'src/b.ts', text: '{}' })],
  ])('takes a site that differs in %s for new', (_what, finding) => {
    expect(matchBaseline([finding], baseline).fresh).toEqual([finding])
    expect(matchBaseline([finding], baseline).gone).toEqual(baseline)
  })

  test.each([
    ['{ userId: req.user.id, threadId }', '{ userId: req.body.as, threadId }'],
    ['{ userId, threadId }', '{ userId: input.userId, threadId }'],
    ['{ userId, threadId }', '{ threadId, ...body }'],
    ['{ ...session, threadId }', '{ ...body, threadId }'],
    ['{ user: { id: req.user.id } }', '{ user: { id: req.body.as } }'],
    ['Object.freeze({ actorId: me })', 'Object.freeze({ actorId: you })'],
    ['{ userId, threadId }', '{ [key]: body, userId, threadId }'],
    ['{ threadId: key }', '{ threadId: body.thread }'],
  ])('sees that a literal in the same function names another user: %s', (before, after) => {
    const swapped = makeFinding({ text: after })
    expect(matchBaseline([swapped], [toEntry(makeFinding({ text: before }))]).fresh).toEqual([swapped])
  })

  test.each([
    ['{ userId: req.user.id, threadId }', '{ threadId: next, userId: req.user.id }'],
    ['{ ...session, threadId }', '{ ...session, threadId, runId }'],
    ['Object.freeze({ actorId: me })', '{ actorId: me, runId } satisfies Context'],
  ])('follows a literal in the same function that names the same user: %s', (before, after) => {
    const { known } = matchBaseline([makeFinding({ text: after })], [toEntry(makeFinding({ text: before }))])
    expect(known.map(({ tier }) => tier)).toEqual(['other text'])
  })

  test('takes an edited literal for new where the entry does not say which user it was', () => {
    const { user, ...entry } = toEntry(site)
    expect(user).toBeDefined()
    const edited = makeFinding({ text: '{ userId, threadId, runId }' })
    expect(matchBaseline([edited], [entry]).fresh).toEqual([edited])
  })

  test.each(['cast', 'cast-double', 'any-flow', 'new', 'generic-result'] as const)(
    'sees one %s swapped for another in the same function',
    (kind) => {
      const accepted = [toEntry(makeFinding({ kind, text: 'payload as Context' }))]
      const swapped = makeFinding({ kind, text: 'other as Context' })
      expect(matchBaseline([swapped], accepted)).toEqual({ known: [], fresh: [swapped], gone: accepted })
    },
  )

  test('lets one entry accept one finding, so a copied violation is new', () => {
    const { known, fresh } = matchBaseline([site, makeFinding({ line: 8 })], baseline)
    expect([known.length, fresh.length]).toEqual([1, 1])
  })

  test('gives the exact site its entry before a moved copy can take it', () => {
    const copy = makeFinding({ file: 'src/a-copy.ts' })
    const { known, fresh } = matchBaseline([copy, site], baseline)
    expect(known.map((one) => one.finding)).toEqual([site])
    expect(fresh).toEqual([copy])
  })

  test('sees a swap at module level, where the text is all there is', () => {
    const before = makeFinding({ enclosing: '', text: '{ userId }' })
    const after = makeFinding({ enclosing: '', text: '{ adminId }' })
    expect(matchBaseline([after], [toEntry(before)]).fresh).toEqual([after])
  })

  test('keeps the written reason when an entry moves', () => {
    const moved = makeFinding({ file: 'src/moved.ts' })
    expect(matchBaseline([moved], [toEntry(site, 'cron')]).known[0]?.entry).toEqual(toEntry(moved, 'cron'))
  })
})

describe('findGrowth', () => {
  test('finds the entries that the older baseline does not account for', () => {
    const added = toEntry(makeFinding({ file: 'src/new.ts', enclosing: 'fresh' }))
    expect(findGrowth([toEntry(makeFinding({ enclosing: 'renamed' })), added], baseline)).toEqual([added])
  })
})
