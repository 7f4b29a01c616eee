import { describe, expect, test } from 'vitest'
import type { Log } from '../../src/server/log-record.ts'
import { isEnd, openClient, openTestServer } from './test-server.ts'

describe.each<[string, Log]>([
  [
    'throws',
    () => {
      throw new Error('the disk is full')
    },
  ],
  [
    'rejects',
    async () => {
      throw new Error('the disk is full')
    },
  ],
])('a server whose log %s', (_how, log) => {
  test('answers what it refuses, ends runs that fail, and serves on', async () => {
    const server = await openTestServer({
      log,
      agent: async function* () {
        throw new Error('no answer')
      },
    })
    expect(await server.request('POST', '/runs', { body: { input: { text: 'go' } } })).toMatchObject({ status: 401 })
    await expect(openClient(server)).rejects.toMatchObject({ status: 401 })
    const client = await openClient(server, { token: await server.signIn(0) })
    client.send({ type: 'start_run', input: { text: 'go' } })
    expect(await client.next(isEnd)).toMatchObject({ type: 'agent_failed' })
    await server.close()
  })
})
