import { getEventListeners } from 'node:events'
import { inspect } from 'node:util'
import { runInNewContext } from 'node:vm'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, test, vi } from 'vitest'
import { createForUser } from '../../src/context/user-execution-context.ts'
import { openScope } from '../../src/scope/open-scope.ts'
import { abortScope, type Scope } from '../../src/scope/scope.ts'
import { copiesOf } from '../copies.ts'
import { catchError, catchRejection, toFaults } from '../errors/catch-error.ts'
import { newUser } from '../users.ts'

const context = createForUser(newUser(), { agentContext: { a: 1 } })

describe('openScope', () => {
  test('runs cleanups exactly once, last in first out, each awaited before the next', async () => {
    const log: string[] = []
    const scope = openScope(context)
    for (const name of ['first', 'second', 'third']) {
      scope.defer(async () => {
        log.push(`${name} starts`)
        await nextTurn()
        log.push(`${name} ends`)
      })
    }
    await Promise.all([scope.close(), scope.close()])
    await scope.close()
    expect(log).toEqual(['third starts', 'third ends', 'second starts', 'second ends', 'first starts', 'first ends'])
  })

  test('awaits whatever a cleanup returns, not only promises', async () => {
    const log: string[] = []
    const scope = openScope(context)
    scope.defer(() => ({
      // oxlint-disable-next-line unicorn/no-thenable -- a thenable of a library, on purpose
      then: (done: () => void) => {
        setTimeout(() => {
          log.push('thenable')
          done()
        }, 1)
      },
    }))
    await scope.close()
    expect(log).toEqual(['thenable'])
  })

  test('runs all cleanups when some fail, and loses no failure', async () => {
    const log: string[] = []
    const scope = openScope(context)
    const [early, late] = [new Error('early'), new Error('late')]
    scope.defer(() => log.push('still runs'))
    scope.defer(() => {
      throw early
    })
    scope.defer(() => log.push('runs between'))
    scope.defer(() => Promise.reject(late))
    const error = await catchRejection(scope.close())
    expect(error.code).toBe('ERR_CONTEXT_CLEANUP_FAILED')
    expect(error.errors).toEqual([late, early])
    expect(error.cause).toBe(late)
    expect(log).toEqual(['runs between', 'still runs'])
  })

  test('gives every caller of close() the same outcome', async () => {
    const scope = openScope(context)
    scope.defer(() => {
      throw new Error('x')
    })
    const outcomes = [scope.close(), scope.close()]
    expect(await catchRejection(outcomes[0]!)).toBe(await catchRejection(outcomes[1]!))
  })

  test('closes itself at the end of await using, also when the block throws', async () => {
    const log: string[] = []
    const block = async (): Promise<void> => {
      await using scope = openScope(context)
      scope.defer(() => log.push('closed'))
      throw new Error('body')
    }
    await expect(block()).rejects.toThrow('body')
    expect(log).toEqual(['closed'])
  })

  test('throws on use after close, also while it still closes', async () => {
    const scope = openScope(context)
    const codes: string[] = []
    scope.defer(() => {
      codes.push(catchError(() => scope.defer(() => 0)).code, catchError(() => scope.child('late')).code)
    })
    expect(scope.isClosed).toBe(false)
    const closing = scope.close()
    expect(scope.isClosed).toBe(true)
    await closing
    codes.push(catchError(() => scope.defer(() => 0)).code, catchError(() => scope.child('late')).code)
    expect(codes).toEqual(Array(4).fill('ERR_CONTEXT_SCOPE_CLOSED'))
  })

  test('aborts its signal on close, and the reason says so', async () => {
    const scope = openScope(context)
    const { signal } = scope
    expect(signal.aborted).toBe(false)
    await scope.close()
    expect(signal.aborted).toBe(true)
    expect(signal.reason).toMatchObject({ code: 'ERR_CONTEXT_SCOPE_CLOSED' })
  })

  test('gives an aborted signal also when it is first read after close', async () => {
    const scope = openScope(context)
    await scope.close()
    expect(scope.signal.aborted).toBe(true)
  })

  test('aborts its signal before the first cleanup runs, so that pending work stops first', async () => {
    const scope = openScope(context)
    let wasAborted = false
    scope.defer(() => {
      wasAborted = scope.signal.aborted
    })
    await scope.close()
    expect(wasAborted).toBe(true)
  })

  test('aborts when its time is up', async () => {
    vi.useFakeTimers()
    try {
      const scope = openScope(context, { timeoutMs: 50 })
      vi.advanceTimersByTime(49)
      expect(scope.signal.aborted).toBe(false)
      vi.advanceTimersByTime(1)
      expect(scope.signal.reason).toMatchObject({ code: 'ERR_CONTEXT_SCOPE_TIMEOUT' })
      await scope.close()
    } finally {
      vi.useRealTimers()
    }
  })

  test('leaves no timer behind when it closes early', async () => {
    vi.useFakeTimers()
    try {
      await openScope(context, { timeoutMs: 50 }).close()
      expect(vi.getTimerCount()).toBe(0)
    } finally {
      vi.useRealTimers()
    }
  })

  test('leaves no timer behind when it aborts early', () => {
    vi.useFakeTimers()
    try {
      const scope = openScope(context, { timeoutMs: 50 })
      abortScope(scope, new Error('enough'))
      expect(vi.getTimerCount()).toBe(0)
    } finally {
      vi.useRealTimers()
    }
  })

  test('keeps the first reason when it is aborted again', () => {
    const scope = openScope(context)
    const [first, second] = [new Error('first'), new Error('second')]
    const child = scope.child('early')
    abortScope(scope, first)
    abortScope(scope, second)
    expect([scope.signal.reason, child.signal.reason, scope.child('late').signal.reason]).toEqual([first, first, first])
  })

  test("aborts with its caller's own reason", () => {
    const caller = new AbortController()
    const scope = openScope(context, { signal: caller.signal })
    const reason = new Error('client left')
    caller.abort(reason)
    expect(scope.signal.reason).toBe(reason)
  })

  test('is aborted from the start when its caller has aborted already', () => {
    const reason = new Error('too late')
    expect(openScope(context, { signal: AbortSignal.abort(reason), timeoutMs: 5 }).signal.reason).toBe(reason)
  })

  test('adds no listener that outlives it: 1,000 scopes on one signal leave none', async () => {
    const { signal } = new AbortController()
    for (let count = 0; count < 1000; count++) {
      const scope = openScope(context, { signal })
      expect(getEventListeners(signal, 'abort')).toHaveLength(1)
      await scope.close()
    }
    expect(getEventListeners(signal, 'abort')).toHaveLength(0)
  })

  test.each([
    ['a time of zero', { timeoutMs: 0 }, ['timeoutMs: too small']],
    ['no number', { timeoutMs: Number.NaN }, ['timeoutMs: too small']],
    ['a time as text', { timeoutMs: '5' }, ['timeoutMs: not a number']],
    ['more than a timer can hold', { timeoutMs: 2_147_483_648 }, ['timeoutMs: too large']],
    ['all faults at once', { timeoutMs: -1, signal: {} }, ['timeoutMs: too small', 'signal: not an abort signal']],
    ['an unknown key', { timeoutMS: 5 }, ['timeoutMS: unknown key']],
    ['null', null, [': not an object']],
    ['a number', 5, [': not an object']],
  ])('refuses options: %s', (_what, options, faults) => {
    const error = catchError(() => openScope(context, options as never))
    expect([error.code, toFaults(error)]).toEqual(['ERR_CONTEXT_INVALID_OPTIONS', faults])
  })

  test.each([
    [
      'of a class',
      () =>
        new (class {
          get permissions(): string[] {
            return []
          }
        })(),
    ],
    ['that inherit', () => Object.create({ permissions: [], timeoutMs: 5 })],
    ['of a list', () => []],
    ['that are null', () => null],
  ])('opens no child with options %s, whose rights a copy would lose', (_what, toOptions) => {
    const error = catchError(() => openScope(context).child('tool', toOptions() as never))
    expect([error.code, toFaults(error)]).toEqual(['ERR_CONTEXT_INVALID_OPTIONS', [': not a plain object']])
  })

  test('takes options of another realm for a child', () => {
    expect(openScope(context).child('tool', runInNewContext('({ permissions: [] })')).context.permissions).toEqual([])
  })

  test('refuses a cleanup that is no function', () => {
    const error = catchError(() => openScope(context).defer('close' as never))
    expect([error.code, toFaults(error)]).toEqual(['ERR_CONTEXT_INVALID_OPTIONS', ['cleanup: not a function']])
  })

  test('leaves no way to a scope for a forged context', () => {
    const scope = openScope(context)
    expect(scope.constructor).toBe(Object)
    expect(() => {
      ;(scope as { context: unknown }).context = { ...context }
    }).toThrow(TypeError)
    expect(scope.context).toBe(context)
  })

  test('has a frozen prototype, so that no scope can be taught to leave cleanups out', () => {
    const prototype = Object.getPrototypeOf(openScope(context)) as Record<string, unknown>
    expect(Object.isFrozen(prototype)).toBe(true)
    expect(() => (prototype['defer'] = () => undefined)).toThrow(TypeError)
  })

  test.each(copiesOf(openScope(context)))('takes nothing through $name', ({ copy }) => {
    for (const use of [
      () => copy.signal,
      () => copy.isClosed,
      () => copy.defer(() => 0),
      () => copy.child('one'),
      () => copy.close(),
      () => copy[Symbol.asyncDispose](),
      () => abortScope(copy, new Error('x')),
    ])
      expect(catchError(use).code).toBe('ERR_CONTEXT_NOT_ISSUED')
    for (const print of [() => JSON.stringify(copy), () => String(copy), () => inspect(copy)])
      expect(print).not.toThrow()
  })
})

describe('Scope.child', () => {
  test('has a child context of the same user, thread and run', async () => {
    await using scope = openScope(context)
    const child = scope.child('search', { agentContext: { b: 2 } })
    expect(child.context).toMatchObject({
      userId: context.userId,
      threadId: context.threadId,
      runId: context.runId,
      operation: 'search',
      depth: 1,
      parentRequestId: context.requestId,
      agentContext: { a: 1, b: 2 },
    })
  })

  test('closes before its parent, and its cleanups run before those that the parent deferred earlier', async () => {
    const log: string[] = []
    const scope = openScope(context)
    scope.defer(() => log.push('parent, deferred first'))
    const child = scope.child('one')
    child.defer(() => log.push('child'))
    child.child('inner').defer(() => log.push('grandchild'))
    scope.defer(() => log.push('parent, deferred last'))
    await scope.close()
    expect(log).toEqual(['parent, deferred last', 'grandchild', 'child', 'parent, deferred first'])
    expect(child.isClosed).toBe(true)
  })

  test('frees nothing of its parent when it closes', async () => {
    const log: string[] = []
    const scope = openScope(context)
    scope.defer(() => log.push('parent'))
    const child = scope.child('one')
    child.defer(() => log.push('child'))
    await child.close()
    expect(log).toEqual(['child'])
    expect([scope.isClosed, scope.signal.aborted]).toEqual([false, false])
    await scope.close()
    expect(log).toEqual(['child', 'parent'])
  })

  test('is awaited by a parent that closes while the child closes', async () => {
    const log: string[] = []
    const scope = openScope(context)
    const child = scope.child('one')
    child.defer(async () => {
      await nextTurn()
      log.push('child')
    })
    scope.defer(() => log.push('parent'))
    await Promise.all([child.close(), scope.close().then(() => log.push('parent closed'))])
    expect(log).toEqual(['parent', 'child', 'parent closed'])
  })

  test('leaves its parent when it closes: what it failed at is not reported twice', async () => {
    const scope = openScope(context)
    const child = scope.child('one')
    child.defer(() => {
      throw new Error('child')
    })
    expect((await catchRejection(child.close())).code).toBe('ERR_CONTEXT_CLEANUP_FAILED')
    await expect(scope.close()).resolves.toBeUndefined()
  })

  test('is passed over by its parent when a cleanup of the parent has closed it', async () => {
    const scope = openScope(context)
    const child = scope.child('one')
    child.defer(() => {
      throw new Error('child')
    })
    const failures: unknown[] = []
    scope.defer(() => child.close().catch((error: unknown) => failures.push(error)))
    await expect(scope.close()).resolves.toBeUndefined()
    expect(failures).toHaveLength(1)
  })

  test('aborts with its parent and not the other way', async () => {
    const caller = new AbortController()
    const scope = openScope(context, { signal: caller.signal })
    const [one, two] = [scope.child('one'), scope.child('two')]
    await one.close()
    expect([one.signal.aborted, two.signal.aborted, scope.signal.aborted]).toEqual([true, false, false])
    caller.abort(new Error('client left'))
    expect(two.signal.reason).toBe(caller.signal.reason)
    expect(scope.child('late').signal.aborted).toBe(true)
  })

  test('has a time limit of its own', async () => {
    vi.useFakeTimers()
    try {
      const scope = openScope(context)
      const child = scope.child('one', { timeoutMs: 10 })
      vi.advanceTimersByTime(10)
      expect([child.signal.aborted, scope.signal.aborted]).toEqual([true, false])
      await scope.close()
    } finally {
      vi.useRealTimers()
    }
  })

  test('hands its failures up to a parent that closes it', async () => {
    const scope = openScope(context)
    const [inner, outer] = [new Error('inner'), new Error('outer')]
    scope.defer(() => {
      throw outer
    })
    scope.child('one').defer(() => {
      throw inner
    })
    expect((await catchRejection(scope.close())).errors).toEqual([inner, outer])
  })

  test('refuses what a child context or its lifetime cannot be, and leaves nothing open', async () => {
    const scope = openScope(context)
    expect(catchError(() => scope.child('a b')).code).toBe('ERR_CONTEXT_INVALID_OPERATION')
    expect(catchError(() => scope.child('x', { threadId: 't' } as never)).code).toBe('ERR_CONTEXT_INVALID_REQUEST')
    expect(catchError(() => scope.child('x', { timeoutMs: 0 })).code).toBe('ERR_CONTEXT_INVALID_OPTIONS')
    expect(catchError(() => scope.child('x', null as never)).code).toBe('ERR_CONTEXT_INVALID_OPTIONS')
    await scope.close()
  })

  test('stops at ten levels', () => {
    let scope: Scope = openScope(context)
    for (let depth = 1; depth <= 10; depth++) scope = scope.child(`level-${depth}`)
    expect(catchError(() => scope.child('one-too-many')).code).toBe('ERR_CONTEXT_TOO_DEEP')
  })
})
