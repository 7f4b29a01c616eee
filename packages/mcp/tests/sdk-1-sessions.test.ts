// Sessions of SDK 1: whom they belong to, and what ends with which token.
import type { UserExecutionContext } from 'user-execution-context'
import { describe, expect, test, vi } from 'vitest'
import { openSdk1 } from './sdk-1-world.ts'

const signedIn = (sid: string) => ({ sub: 'eve', sid, issuedAtMs: Date.now() - 5000 })

describe('a session of SDK 1', () => {
  test('is none to another application of its user, which may hold other rights', async () => {
    let end!: () => void
    const world = openSdk1((contexts) =>
      contexts.registerTool('secret', { permissions: ['secrets:read'] }, async () => {
        await new Promise<void>((resolve) => (end = resolve))
        return 'what the other application may not read'
      }),
    )
    const trusted = { sub: 'ada', client_id: 'trusted', scope: 'secrets:read' }
    const nosy = { sub: 'ada', client_id: 'nosy' }
    const session = await world.begin(trusted)
    const call = world.send(trusted, session, {
      jsonrpc: '2.0',
      id: 7,
      method: 'tools/call',
      params: { name: 'secret', arguments: {} },
    })
    const answer = (await call).text()
    await vi.waitFor(() => expect(end).toBeTypeOf('function'))
    // A request of the same id would be answered with what the first one has requested.
    const stolen = await world.send(nosy, session, { jsonrpc: '2.0', id: 7, method: 'ping' })
    const stream = await world.send(nosy, session, 'GET')
    const ended = await world.send(nosy, session, 'DELETE')
    end()
    expect([stolen.status, stream.status, ended.status]).toEqual([404, 404, 404])
    expect(await answer).toContain('may not read')
    await world.contexts.close()
  })

  test('closes its stream with the sign-in that opened it, and goes on with another of its user', async () => {
    const seen: UserExecutionContext[] = []
    const world = openSdk1((contexts) =>
      contexts.registerTool('whoami', {}, ({ context }) => (seen.push(context), context.userId)),
    )
    const session = await world.begin(signedIn('s1'))
    await world.ask(signedIn('s1'), session, 'tools/call', { name: 'whoami' })
    const stream = await world.send(signedIn('s1'), session, 'GET')
    expect(stream.status).toBe(200)
    let isOpen = true
    const ended = stream.text().then(() => (isOpen = false))
    await world.ask(signedIn('s2'), session, 'ping')
    expect(isOpen).toBe(true)
    await world.sessions.revoke({ session: seen[0]! })
    await ended
    expect(await world.ask(signedIn('s2'), session, 'tools/call', { name: 'whoami' })).toMatchObject({
      result: { content: [{ text: 'eve' }] },
    })
    const next = await world.send(signedIn('s2'), session, 'GET')
    expect(next.status).toBe(200)
    await next.body!.cancel()
    await world.contexts.close()
  })

  test('ends when it is unused for longer than it may be, and none that is used', async () => {
    const world = openSdk1(() => undefined, { limits: { idleSessionMs: 400, sessions: 2 } })
    const [used, idle] = [await world.begin({ sub: 'ada' }), await world.begin({ sub: 'ada' })]
    const list = { jsonrpc: '2.0', id: 1, method: 'ping' }
    for (let count = 0; count < 4; count++) {
      await new Promise((resolve) => setTimeout(resolve, 150))
      expect((await world.send({ sub: 'ada' }, used, list)).status).toBe(200)
    }
    expect((await world.send({ sub: 'ada' }, idle, list)).status).toBe(404)
    // It gave its place back.
    expect(await world.begin({ sub: 'ada' })).toBeTypeOf('string')
    await world.contexts.close()
  })

  test('does not end as unused while a call of it runs, or a stream of it is open', async () => {
    let finish!: () => void
    const world = openSdk1(
      (contexts) =>
        contexts.registerTool('slow', {}, async () => {
          await new Promise<void>((resolve) => (finish = resolve))
          return 'done'
        }),
      { limits: { idleSessionMs: 100 } },
    )
    const [calling, streaming] = [await world.begin({ sub: 'ada' }), await world.begin({ sub: 'ada' })]
    const call = world.ask({ sub: 'ada' }, calling, 'tools/call', { name: 'slow', arguments: {} })
    const stream = await world.send({ sub: 'ada' }, streaming, 'GET')
    await new Promise((resolve) => setTimeout(resolve, 300))
    // Whoever comes ends what is unused.
    await world.begin({ sub: 'bob' })
    finish()
    expect(await call).toMatchObject({ result: { content: [{ text: 'done' }] } })
    expect((await world.ask({ sub: 'ada' }, streaming, 'ping')).result).toEqual({})
    await stream.body!.cancel()
    await new Promise((resolve) => setTimeout(resolve, 300))
    const ping = { jsonrpc: '2.0', id: 1, method: 'ping' }
    expect((await world.send({ sub: 'ada' }, streaming, ping)).status).toBe(404)
    await world.contexts.close()
  })

  test('ends as unused though nobody has read a refusal', async () => {
    const world = openSdk1(() => undefined, { limits: { idleSessionMs: 100 } })
    const session = await world.begin({ sub: 'ada' })
    // A client reads no body of the answer to a HEAD.
    const refusal = await world.send({ sub: 'ada' }, session, 'HEAD')
    expect([refusal.status, refusal.body]).toEqual([405, expect.anything()])
    await new Promise((resolve) => setTimeout(resolve, 300))
    const ping = { jsonrpc: '2.0', id: 1, method: 'ping' }
    expect((await world.send({ sub: 'ada' }, session, ping)).status).toBe(404)
    await world.contexts.close()
  })
})
