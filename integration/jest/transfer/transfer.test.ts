import { expect, test } from '@jest/globals'
import { openSealed, sealContext, sealingKeys } from '@user-execution-context/transfer'
import { replayMemoryContract } from '@user-execution-context/transfer/contracts'
import { createForUser, isUserExecutionContext } from 'user-execution-context'
import { vouchForUser } from 'user-execution-context/restricted'

test('a sealed context opens as one of the core that this test loaded, and not for another audience', async () => {
  const context = createForUser(vouchForUser('user-1', { reason: 'Jest' }))
  const secret = 'BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc'
  const keys = [{ kty: 'oct' as const, alg: 'A256GCM' as const, kid: '1', k: secret }]
  const { sealer, opener } = sealingKeys({ workload: 'web', keys })
  const hop = { audience: 'worker', purpose: 'report', bind: new TextEncoder().encode('{}') }
  const text = await sealContext(context, { ...hop, sealer, ttlMs: 60_000 })
  const opened = await openSealed(text, { ...hop, opener, liveness: 'end-only' })
  expect([isUserExecutionContext(opened), opened.userId]).toEqual([true, 'user-1'])
  const elsewhere = openSealed(text, { ...hop, audience: 'web', opener, liveness: 'end-only' })
  await expect(elsewhere).rejects.toThrow(expect.objectContaining({ code: 'ERR_CONTEXT_SEAL_AUDIENCE' }))
  expect(typeof replayMemoryContract).toBe('function')
})
