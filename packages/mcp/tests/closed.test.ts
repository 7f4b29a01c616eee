// A server that is closed, or cannot be made: an answer for every request, and no place that is gone for good.
import { setTimeout as pause } from 'node:timers/promises'
import { ContextError } from 'user-execution-context'
import { describe, expect, test, vi } from 'vitest'
import { openSdk1 } from './sdk-1-world.ts'
import { modern, modernHeaders, openWorld } from './world.ts'

const claims = { sub: 'ada' }
const initialize = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'raw', version: '1' } },
}

describe('a closed server', () => {
  test('of SDK 2 answers calls and streams with 503', async () => {
    const world = await openWorld((contexts) => contexts.registerTool('ours', {}, () => 'done'))
    const token = await world.token(claims)
    await world.contexts.close()
    for (const [method, params] of [
      ['tools/call', { name: 'ours', arguments: {} }],
      ['tools/list', {}],
      ['subscriptions/listen', { notifications: { toolsListChanged: true } }],
    ] as const) {
      const headers = { 'content-type': 'application/json', 'accept': 'application/json, text/event-stream' }
      const answer = await world.contexts.fetch(
        new Request(world.url, {
          method: 'POST',
          headers: {
            ...headers,
            ...modernHeaders(method, (params as { name?: string }).name),
            authorization: `Bearer ${token}`,
          },
          body: JSON.stringify(modern(method, params)),
        }),
      )
      expect([method, answer.status, answer.headers.get('retry-after')]).toEqual([method, 503, '1'])
    }
    await world.close()
  })

  test('of SDK 1 opens no session', async () => {
    const { contexts, send } = openSdk1(() => undefined)
    await contexts.close()
    const answer = await send(claims, undefined, initialize)
    expect([answer.status, answer.headers.get('mcp-session-id')]).toEqual([503, null])
  })
})

describe('a server that cannot be made', () => {
  test.each([
    ['ERR_CONTEXT_IDENTITY_EXPIRED', 401, 'www-authenticate', /^Bearer error="invalid_token".*resource_metadata=/],
    ['ERR_CONTEXT_TOO_MANY_RUNS', 429, 'retry-after', /^[0-9]+$/],
  ] as const)('for %s says what to do: %s', async (code, status, header, words) => {
    const configure = () => {
      throw new ContextError(code)
    }
    const { contexts, send } = openSdk1(() => undefined, { configure })
    const answer = await send(claims, undefined, initialize)
    expect([answer.status, answer.headers.get(header)]).toEqual([status, expect.stringMatching(words)])
    await contexts.close()
  })

  test.each([
    [
      'throws',
      () => {
        throw new Error('of the listener')
      },
    ],
    ['rejects', async () => Promise.reject(new Error('of the listener'))],
  ])('is answered, and no process ends, where onError %s', async (_how, fail) => {
    const uncaught = vi.fn()
    process.prependListener('unhandledRejection', uncaught)
    // A mock would take the rejection.
    let told = 0
    const onError = (): unknown => (told++, fail())
    const configure = () => {
      throw new Error('the settings are away')
    }
    const { contexts, send } = openSdk1(() => undefined, { configure, onError: onError as () => void })
    try {
      expect((await send(claims, undefined, initialize)).status).toBe(500)
      await pause(20)
    } finally {
      process.off('unhandledRejection', uncaught)
    }
    expect([told, uncaught.mock.calls]).toEqual([1, []])
    await contexts.close()
  })

  test('of SDK 1 is answered with 500, told to onError, and costs its user no session', async () => {
    let fails = true
    const { contexts, send, errors } = openSdk1(() => undefined, {
      limits: { sessions: 1 },
      configure: () => {
        if (fails) throw new Error('the settings are away: canary')
      },
    })
    for (let attempt = 0; attempt < 3; attempt++) {
      const answer = await send(claims, undefined, initialize)
      expect(answer.status).toBe(500)
      expect(await answer.text()).not.toContain('canary')
    }
    expect(errors.map(({ message }) => message)).toEqual(Array(3).fill('the settings are away: canary'))
    fails = false
    expect((await send(claims, undefined, initialize)).status).toBe(200)
    await contexts.close()
  })

  test('of SDK 2 is answered with 500', async () => {
    const world = await openWorld(() => undefined, {
      configure: () => {
        throw new Error('canary')
      },
    })
    const answer = await world.post(await world.token(claims), modern('tools/list'), modernHeaders('tools/list'))
    expect(answer.status).toBe(500)
    expect(await answer.text()).not.toContain('canary')
    await world.close()
  })
})
