import { expect, test } from '@jest/globals'
import { openEmbeddedPostgres, toOwnerPolicy, withUserSession } from '@user-execution-context/postgres'
import { createForUser } from 'user-execution-context'
import { vouchForUser } from 'user-execution-context/restricted'

test('the package loads and takes a context of the core that this test loaded', async () => {
  const context = createForUser(vouchForUser('user-1', { reason: 'Jest' }))
  const noServer = { connect: () => Promise.reject(new Error('no server is here')) }
  const ask = (user: never) => withUserSession(user, noServer as never, (session) => session.query('SELECT 1'))
  await expect(ask(context as never)).rejects.not.toThrow(/createForUser/)
  await expect(ask({ ...context } as never)).rejects.toThrow(/createForUser/)
  expect(toOwnerPolicy({ schema: 'app', table: 'notes' })).toContain('FORCE ROW LEVEL SECURITY')
  expect(typeof openEmbeddedPostgres).toBe('function')
})
