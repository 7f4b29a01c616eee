// Routes that ask a log of another machine, whose answer comes when the user has signed out.
import { afterEach, expect, test } from 'vitest'
import { parseLimits } from '../../src/phases/limits.ts'
import { inProcessEventLog } from '../../src/phases/ports/in-process-event-log.ts'
import { openTestServer, type TestServer } from './test-server.ts'

let server: TestServer
afterEach(() => server.close())

test('the list of threads is not given to a user who has signed out while it was read', async () => {
  const log = inProcessEventLog(parseLimits())
  let held: Promise<unknown> | undefined
  const asked: string[] = []
  const eventLog = {
    ...log,
    list: async (ownerKey: string) => {
      asked.push('list')
      await held
      return log.list(ownerKey)
    },
  }
  server = await openTestServer({ eventLog })
  const [token, other] = [await server.signIn(0), await server.signIn(0)]
  await server.request('POST', '/runs', { token, body: { input: { text: 'secret-of-alice' } } })
  let release!: () => void
  held = new Promise<void>((resolve) => (release = resolve))
  const answers = [token, other].map(async (each) => server.request('GET', '/threads', { token: each }))
  await expect.poll(() => asked.length).toBe(2)
  await server.request('POST', '/logout', { token })
  release()
  const [signedOut, signedIn] = await Promise.all(answers)
  expect([signedOut!.status, signedOut!.text.includes('secret-of-alice')]).toEqual([401, false])
  expect([signedIn!.status, signedIn!.text.includes('secret-of-alice')]).toEqual([200, true])
})
