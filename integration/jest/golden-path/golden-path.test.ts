import { expect, test } from '@jest/globals'
import { openGoldenPath } from '@user-execution-context/golden-path'
import { jwtIdentity } from '@user-execution-context/golden-path/login'
import { openGoldenPathServer } from '@user-execution-context/golden-path/server'
import { createForUser } from 'user-execution-context'
import { vouchForUser } from 'user-execution-context/restricted'

test('the golden path loads and takes a context of the core that this test loaded', async () => {
  const context = createForUser(vouchForUser('user-1', { reason: 'Jest' }))
  const goldenPath = openGoldenPath({
    agent: async function* () {
      yield { type: 'agent_thinking', text: 'hello' } as const
    },
  })
  expect(await goldenPath.listRuns(context)).toEqual([])
  await expect(goldenPath.listRuns({ ...context } as never)).rejects.toThrow(/createForUser/)
  expect([typeof jwtIdentity, typeof openGoldenPathServer]).toEqual(['function', 'function'])
})
