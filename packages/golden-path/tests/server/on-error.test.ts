// What the developer of an agent learns of its faults, and what the log keeps.
import { afterEach, describe, expect, test } from 'vitest'
import { isContextError } from 'user-execution-context'
import type { LogRecord, ServerErrorListener } from '../../src/server/log-record.ts'
import { openMountedApp, type MountedApp } from './mounted-app.ts'
import { isEnd, openClient } from './test-server.ts'

let app: MountedApp
afterEach(() => app.close())

class OrderError extends Error {
  override readonly name = 'OrderError'
}
const thrown = new OrderError('no order of ada')
const fail = async (onError: ServerErrorListener): Promise<LogRecord[]> => {
  const log: LogRecord[] = []
  app = await openMountedApp('node:http', {
    log: (record) => log.push(record),
    onError,
    agent: async function* () {
      yield { type: 'agent_thinking', text: 'On it.' }
      throw thrown
    },
  })
  expect((await app.request('GET', '/api/threads')).status).toBe(401)
  const client = await openClient(app, { token: 'alice', path: '/api/ws' })
  client.send({ type: 'start_run', input: { text: 'go' } })
  await client.next(isEnd)
  expect(client.bytes().toString('latin1')).not.toMatch(/OrderError|no order/)
  return log
}

describe('onError', () => {
  test('gets what the agent threw, with the facts of the log, and no refusal', async () => {
    const heard: [unknown, LogRecord][] = []
    const log = await fail((error, facts) => heard.push([error, facts]))
    expect(heard).toHaveLength(1)
    const [error, facts] = heard[0]!
    expect(isContextError(error) && [error.code, error.cause]).toEqual(['ERR_CONTEXT_AGENT_FAILED', thrown])
    expect(facts).toMatchObject({
      event: 'run-failed',
      causes: 'OrderError',
      correlationId: expect.any(String) as string,
    })
    const told = log.filter(({ level }) => level !== 'info')
    expect(told.map(({ event }) => event)).toEqual(['request-refused', 'run-failed'])
    expect(told[0]).toMatchObject({ method: 'GET', path: '/api/threads' })
    expect(told[1]).toEqual(facts)
    expect(JSON.stringify(log)).not.toMatch(/no order|alice/)
  })

  test.each<[string, ServerErrorListener]>([
    [
      'throws',
      () => {
        throw new Error('the tracker is down')
      },
    ],
    ['rejects', (async () => Promise.reject(new Error('the tracker is down'))) as ServerErrorListener],
  ])('takes nothing with it when it %s', async (_what, onError) => {
    await fail(onError)
    expect((await app.request('GET', '/api/healthz')).status).toBe(200)
  })
})
