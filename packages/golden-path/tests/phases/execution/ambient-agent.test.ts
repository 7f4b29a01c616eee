// The agent runs with the context of its run ambient, where runWithContext() is given.
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { createForUser, requireContext, type Scope, type UserExecutionContext } from 'user-execution-context'
import { runWithContext, tryCurrentContext } from 'user-execution-context/ambient'
import { vouchForUser } from 'user-execution-context/restricted'
import { openGoldenPath, type Agent } from '../../../src/index.ts'

const newContext = (userId: string): UserExecutionContext =>
  createForUser(vouchForUser(userId, { reason: 'test of an ambient agent', permissions: ['notes:read'] }))

/** Runs an agent for contexts at once, and gives what it said. */
const runFor = async (contexts: readonly UserExecutionContext[], agent: Agent, options = {}): Promise<void> => {
  const errors: unknown[] = []
  const goldenPath = openGoldenPath({ agent, ...options, onError: (error) => errors.push(error) })
  await Promise.all(contexts.map((context) => goldenPath.execute(context, { text: 'go' })))
  await goldenPath.close({ finishMs: 30_000 })
  expect(errors).toEqual([])
}

describe('an agent with an ambient context', () => {
  it('has that of its own run in each of its steps, also after what it awaits, of many users at once', async () => {
    const seen = new Map<string, (UserExecutionContext | undefined)[]>()
    const contexts = Array.from({ length: 20 }, (_, index) => newContext(`user-${index}`))
    const agent: Agent = async function* ({ context }) {
      const own: (UserExecutionContext | undefined)[] = []
      seen.set(context.userId, own)
      try {
        for (let step = 0; step < 5; step++) {
          own.push(tryCurrentContext())
          await pause(1)
          own.push(tryCurrentContext())
          yield { type: 'agent_message_delta', text: 'x' }
        }
      } finally {
        own.push(tryCurrentContext())
      }
    }
    await runFor(contexts, agent, { ambient: runWithContext })
    for (const context of contexts) expect(new Set(seen.get(context.userId))).toEqual(new Set([context]))
  })

  it('is refused the context of another run, and one with more rights', async () => {
    const other = newContext('alice')
    const codes: unknown[] = []
    const attempt = (context: UserExecutionContext): void => {
      try {
        requireContext(context)
        codes.push('ok')
      } catch (error) {
        codes.push((error as { readonly code: string }).code)
      }
    }
    const narrow = (scope: Scope): void => {
      const child = scope.child('reader', { permissions: [] })
      runWithContext(child.context, () => [child.context, scope.context].forEach(attempt))
    }
    const agent: Agent = async function* (scope) {
      attempt(other)
      narrow(scope)
      yield { type: 'agent_message_delta', text: 'x' }
    }
    await runFor([newContext('alice')], agent, { ambient: runWithContext })
    expect(codes).toEqual(['ERR_CONTEXT_MISMATCH', 'ok', 'ERR_CONTEXT_MISMATCH'])
  })

  it('has it where it makes its steps, too, when it is no generator', async () => {
    const context = newContext('alice')
    const seen: unknown[] = []
    const agent: Agent = () => {
      seen.push(tryCurrentContext())
      return { [Symbol.asyncIterator]: () => (seen.push(tryCurrentContext()), { next: async () => done }) }
    }
    const done = { done: true, value: undefined } as const
    await runFor([context], agent, { ambient: runWithContext })
    expect(seen).toEqual([context, context])
  })

  it('has none without it', async () => {
    const seen: unknown[] = []
    const agent: Agent = async function* () {
      seen.push(tryCurrentContext())
      yield { type: 'agent_message_delta', text: 'x' }
    }
    await runFor([newContext('alice')], agent)
    expect(seen).toEqual([undefined])
  })

  it('is closed like any other when its run is cancelled', async () => {
    let closedWith: UserExecutionContext | undefined
    const context = newContext('alice')
    const agent: Agent = async function* () {
      try {
        for (;;) {
          yield { type: 'agent_message_delta', text: 'x' }
          await pause(5)
        }
      } finally {
        closedWith = tryCurrentContext()
      }
    }
    const goldenPath = openGoldenPath({ agent, ambient: runWithContext })
    const { runId } = await goldenPath.execute(context, { text: 'go' })
    await goldenPath.cancel(context, runId)
    await expect.poll(() => closedWith).toBe(context)
    await goldenPath.close()
  })

  it('refuses what is no function', () => {
    const open = (): unknown => openGoldenPath({ agent: async function* () {}, ambient: true as never })
    expect(open).toThrow(expect.objectContaining({ issues: [{ path: 'ambient', kind: 'not a function' }] }))
  })
})
