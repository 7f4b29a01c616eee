// Every port, while the database is away: the client is asked to come again, and is not told that something broke.
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { toClientAnswer } from 'user-execution-context'
import { openNode } from '../open-ports.ts'
import { OutageProxy } from '../outage-proxy.ts'
import { testDatabase } from '../test-database.ts'
import { openPortCalls, portCalls } from './port-calls.ts'

const database = testDatabase()
const network = new OutageProxy(inject('serverHost'))

let calls: Awaited<ReturnType<typeof openPortCalls>>
let close: () => Promise<void>
beforeAll(async () => {
  await network.open()
  const [service, worker] = [database.service, database.worker].map((login) => ({ ...login, host: network.host }))
  const node = await openNode({ ...database, service: service!, worker: worker! })
  close = node.close
  calls = await openPortCalls(node)
  network.cut()
})
afterAll(async () => {
  network.heal()
  await close()
  network.close()
})

describe('a port whose database is away', () => {
  it('is one of these', () => expect(Object.keys(calls).sort()).toEqual([...portCalls].sort()))

  it.each(portCalls)('%s asks to come again', async (name) => {
    const error: unknown = await Promise.resolve()
      .then(calls[name])
      .then(
        () => undefined,
        (reason: unknown) => reason,
      )
    expect(error).toMatchObject({ code: 'ERR_CONTEXT_DATABASE_UNAVAILABLE', cause: expect.anything() })
    expect(toClientAnswer(error)).toMatchObject({ httpStatus: 503, closeCode: 1013 })
  })
})
