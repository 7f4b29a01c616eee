// What a tool hands out is a text that any user can send: ownedHandles() makes it good for its user alone.
import { ownedHandles, type OwnedHandles } from 'user-execution-context'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { openWorld, textOf, type Claims, type World } from './world.ts'

let world: World
let exports: OwnedHandles<{ readonly rows: string }>
beforeAll(async () => {
  exports = ownedHandles({ ttlMs: 60_000, maxPerUser: 2, maxTotal: 100 })
  world = await openWorld((contexts) => {
    contexts.registerTool('start_export', {}, ({ context }) => exports.open(context, { rows: `of ${context.userId}` }))
    const inputSchema = z.object({ job: z.string() })
    contexts.registerTool('read_export', { inputSchema }, async ({ context }, { job }) => {
      return (await exports.find(context, job))?.rows ?? 'No such export.'
    })
  })
})
afterAll(async () => {
  await world.close()
  await exports.close()
})

const call = async (claims: Claims, name: string, input: Record<string, string> = {}): Promise<string> => {
  const client = await world.connect(await world.token(claims))
  return textOf(await client.callTool({ name, arguments: input }))
}

describe('a handle', () => {
  test('is good for its user, also with a refreshed token', async () => {
    const job = await call({ sub: 'alice', sid: 's1', lifeSeconds: 600 }, 'start_export')
    expect(job).not.toContain('alice')
    expect(await call({ sub: 'alice', sid: 's1', lifeSeconds: 900 }, 'read_export', { job })).toBe('of alice')
  })

  test.each<[string, Claims]>([
    ['another user of the same application', { sub: 'bob' }],
    ['a user of the same name in another tenant', { sub: 'alice', tid: 'globex' }],
  ])('is none to %s', async (_, claims) => {
    const job = await call({ sub: 'alice' }, 'start_export')
    expect(await call(claims, 'read_export', { job })).toBe('No such export.')
    const altered = job.replace(/.$/, (last) => (last === '0' ? '1' : '0'))
    expect(await call({ sub: 'alice' }, 'read_export', { job: altered })).toBe('No such export.')
  })

  test('is none to a tenant and user that run together with it to the same text', async () => {
    const job = await call({ tid: 'acme', sub: 'a:b' }, 'start_export')
    for (const smuggled of [job, `b:${job}`, `a:b:${job}`])
      expect(await call({ tid: 'acme:a', sub: 'b' }, 'read_export', { job: smuggled })).toBe('No such export.')
    expect(await call({ tid: 'acme', sub: 'a' }, 'read_export', { job: `b:${job}` })).toBe('No such export.')
  })

  test('ends with the sign-out of its user (AISVS 10.2.6)', async () => {
    const claims = { sub: 'carol', issuedAtMs: Date.now() - 5000 }
    const job = await call(claims, 'start_export')
    await world.sessions.revoke({ user: { namespace: 'https://id.example.com', tenantId: 'acme', userId: 'carol' } })
    const again = { sub: 'carol', issuedAtMs: Date.now() + 2000 }
    expect(await call(again, 'read_export', { job })).toBe('No such export.')
  })

  test('is one of a number for each user, and takes none of another', async () => {
    const jobs = [await call({ sub: 'greedy' }, 'start_export'), await call({ sub: 'greedy' }, 'start_export')]
    expect(await call({ sub: 'greedy' }, 'start_export')).toBe('Too many requests. Try again later.')
    const other = await call({ sub: 'modest' }, 'start_export')
    expect(await call({ sub: 'modest' }, 'read_export', { job: other })).toBe('of modest')
    expect(await call({ sub: 'greedy' }, 'read_export', { job: jobs[0]! })).toBe('of greedy')
  })
})
