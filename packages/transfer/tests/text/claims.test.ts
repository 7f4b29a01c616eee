import { describe, expect, test } from 'vitest'
import { openSealed, sealContext } from '../../src/index.ts'
import { codeOf, contextOf, opening, sealing } from '../deployment.ts'

describe('the claims of a text', () => {
  test('are its own: what a polluted Object.prototype adds is none', async () => {
    const text = await sealContext(contextOf('alice'), sealing)
    const polluted: Record<string, unknown> = {
      tid: 'acme',
      sid: 's-1',
      once: true,
      bind: 'x',
      agent: { admin: true },
      replay: {},
      owner: {},
    }
    const prototype = Object.prototype as Record<string, unknown>
    Object.assign(prototype, polluted)
    try {
      const opened = await openSealed(text, opening)
      expect([opened.tenantId, opened.sessionId, opened.agentContext]).toEqual([undefined, undefined, {}])
    } finally {
      for (const name of Object.keys(polluted)) delete prototype[name]
    }
    expect(await codeOf(openSealed(text, opening))).toMatch(/^let in/)
  })
})
