import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { toIssuePath } from '../../src/errors/issue.ts'

describe('toIssuePath', () => {
  test('joins short identifiers by dots and indexes by brackets', () => {
    expect(toIssuePath('', 'agentContext')).toBe('agentContext')
    expect(toIssuePath('agentContext', 'list')).toBe('agentContext.list')
    expect(toIssuePath('agentContext.list', 3)).toBe('agentContext.list[3]')
  })

  test.each([['line\nbreak'], [''], ['a b'], ['9lives'], ['\u001b[31m'], ['k'.repeat(65)]])(
    'shows a key that is no short identifier by its position (%j)',
    (key) => {
      expect(toIssuePath('root', key, 1)).toBe('root[key 2]')
    },
  )

  test('never lets a key write a control character, a quote or a line break into a log', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.nat(99), (key, position) => {
        expect(toIssuePath('root', key, position)).toMatch(/^root(\.[\w$-]+|\[key \d+\])$/)
      }),
    )
  })
})
