// What ends a run whose agent is no generator, and what its developer and its user are told.
import { describe, expect, it, onTestFinished } from 'vitest'
import { runWithContext } from 'user-execution-context/ambient'
import type { Agent } from '../../../src/index.ts'
import { runAgent } from '../run-agent.ts'

describe('an agent that gives no events', () => {
  it.each([
    ['a text in a promise', async () => 'x'],
    ['a promise that fails', async () => Promise.reject(new Error('canary'))],
    ['a text', () => 'x'],
    ['nothing', () => undefined],
    ['null', () => null],
    ['a list of events', () => [{ type: 'agent_message_delta', text: 'x' }]],
  ])('but %s ends its run, and says how an agent is written', async (_what, agent) => {
    const unhandled: unknown[] = []
    const note = (error: unknown): void => void unhandled.push(error)
    process.on('unhandledRejection', note)
    onTestFinished(() => void process.off('unhandledRejection', note))
    for (const options of [{}, { ambient: runWithContext }]) {
      const { goldenPath, last, errors } = await runAgent(agent as unknown as Agent, options)
      expect(last).toMatchObject({ type: 'agent_failed' })
      expect(JSON.stringify(last)).not.toMatch(/generator|Symbol|canary/)
      expect(errors).toEqual([expect.objectContaining({ code: 'ERR_CONTEXT_AGENT_EVENT_INVALID' })])
      expect((errors[0] as Error).message).toContain('write it as an async generator')
      await goldenPath.close()
    }
    await new Promise((resolve) => setImmediate(resolve))
    expect(unhandled).toEqual([])
  })
})
