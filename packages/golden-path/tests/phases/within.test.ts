import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { ContextError } from 'user-execution-context'
import { within } from '../../src/phases/within.ts'

const toError = (): ContextError => new ContextError('ERR_CONTEXT_SCOPE_TIMEOUT')

describe('within', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => {
    // First: what a spy gives back later would be the timers of this file, for all that share its process.
    vi.restoreAllMocks()
    vi.useRealTimers()
  })

  test('gives what work gives that waits for nothing, and starts no timer for it', async () => {
    const starts = vi.spyOn(globalThis, 'setTimeout')
    expect(await within(Promise.resolve('done'), 1000, toError)).toBe('done')
    const failure = new Error('failed')
    await expect(within(Promise.reject(failure), 1000, toError)).rejects.toBe(failure)
    expect(await within((async () => (async () => 'nested')())(), 1000, toError)).toBe('nested')
    expect(starts).not.toHaveBeenCalled()
  })

  test('gives what work gives in time, and keeps no timer', async () => {
    const given = within(new Promise((resolve) => setTimeout(resolve, 10, 'late')), 1000, toError)
    await vi.advanceTimersByTimeAsync(10)
    expect([await given, vi.getTimerCount()]).toEqual(['late', 0])
  })

  test('rejects when work has not settled in time', async () => {
    const given = within(new Promise(() => {}), 1000, toError).catch((error: ContextError) => error.code)
    await vi.advanceTimersByTimeAsync(999)
    const isOver = vi.fn()
    void given.then(isOver)
    await vi.advanceTimersByTimeAsync(0)
    expect(isOver).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)
    expect(await given).toBe('ERR_CONTEXT_SCOPE_TIMEOUT')
  })
})
