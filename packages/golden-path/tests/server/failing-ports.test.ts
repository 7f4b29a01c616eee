// A server whose queue or log fails: it says so, and closes what can be closed.
import { afterEach, describe, expect, test } from 'vitest'
import { ContextError } from 'user-execution-context'
import { parseLimits } from '../../src/phases/limits.ts'
import { inProcessEventLog } from '../../src/phases/ports/in-process-event-log.ts'
import { inProcessRunQueue } from '../../src/phases/ports/in-process-run-queue.ts'
import type { LogRecord } from '../../src/server/log-record.ts'
import { newGate } from '../phases/run-agent.ts'
import { openMountedApp, type MountedApp } from './mounted-app.ts'
import { openClient } from './test-server.ts'

let app: MountedApp
let gate: { readonly open: () => void; readonly opened: Promise<void> }
let isBroken = false
let lines: LogRecord[] = []
afterEach(async () => {
  isBroken = false
  gate.open()
  await app.close()
})

const away = (): Error => new ContextError('ERR_CONTEXT_DATABASE_UNAVAILABLE')
/** A port of which some functions reject while the test says so. */
const breakable = <Port extends object>(port: Port, names: readonly (keyof Port)[]): Port => {
  const changed = Object.fromEntries(
    names.map((name) => [
      name,
      async (...given: never[]) => {
        if (isBroken) throw away()
        return (port[name] as (...given: never[]) => unknown)(...given)
      },
    ]),
  )
  return { ...port, ...changed }
}
const open = async (): Promise<void> => {
  const limits = parseLimits()
  gate = newGate()
  lines = []
  app = await openMountedApp('node:http', {
    eventLog: breakable(inProcessEventLog(limits), ['read']),
    runQueue: breakable(inProcessRunQueue(limits), ['cancel', 'close']),
    log: (record: LogRecord) => void lines.push(record),
    agent: async function* () {
      yield { type: 'agent_message_delta', text: 'begun' }
      await gate.opened
    },
  })
}
const startRun = (): Promise<Response> =>
  app.request('POST', '/api/runs', {
    token: 'alice',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ threadId: 't-1', input: { text: 'go' } }),
  })

describe('a server whose ports fail', () => {
  test.each([
    ['GET', '/api/threads'],
    ['DELETE', '/api/ag-ui/t-1'],
  ])('answers %s %s with the failure, and not with less than there is', async (method, path) => {
    await open()
    await startRun()
    isBroken = true
    const answer = await app.request(method, path, { token: 'alice' })
    expect(answer.status).toBe(503)
    expect(await answer.json()).toMatchObject({ code: 'ERR_CONTEXT_DATABASE_UNAVAILABLE' })
    expect(lines).toContainEqual(expect.objectContaining({ event: 'request-refused' }))
  })

  test('closes clients, though the queue cannot be closed, and closes the queue when it is asked again', async () => {
    await open()
    const client = await openClient(app, { token: 'alice', path: '/api/ws' })
    isBroken = true
    await expect(app.goldenPath.close()).rejects.toMatchObject({ code: 'ERR_CONTEXT_DATABASE_UNAVAILABLE' })
    expect(await client.closed).toMatchObject({ code: 1001 })
    expect(lines.map(({ event }) => event)).not.toContain('server-closed')
    isBroken = false
    // The notice was given by the first call: the second one does not wait for it.
    await app.goldenPath.close({ noticeMs: 60_000 })
    const events = lines.map(({ event }) => event).filter((event) => /^server-(draining|closed)$/.test(event))
    expect(events).toEqual(['server-draining', 'server-closed'])
  })

  test.each(['noticeMs', 'finishMs', 'spreadMs'])('takes no %s that is no time, and stays open', async (name) => {
    await open()
    for (const value of ['50', Number.NaN, -1, 3e9])
      await expect(app.goldenPath.close({ [name]: value })).rejects.toMatchObject({
        code: 'ERR_CONTEXT_INVALID_OPTIONS',
        issues: [{ path: name }],
      })
    expect(app.goldenPath.isReady).toBe(true)
    expect((await startRun()).status).toBe(202)
  })
})
