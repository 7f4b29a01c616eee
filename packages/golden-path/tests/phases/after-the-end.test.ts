// What happens after a golden path, a connection or a run has ended: nothing starts, and nothing is left.
import { describe, expect, it } from 'vitest'
import { createForUser } from 'user-execution-context'
import { inProcessEventLog, openGoldenPath, openReceiver, parseLimits, type Agent } from '../../src/index.ts'
import { newUser } from '../users.ts'
import { RecordingTransport } from './recording-transport.ts'
import { newContext, runAgent } from './run-agent.ts'

const echo: Agent = async function* (_scope, { text }) {
  yield { type: 'agent_message_delta', text }
}
const countTimers = (): number => process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length

describe('a golden path that is closed', () => {
  it('refuses runs and connections before it touches a port', async () => {
    const log = inProcessEventLog(parseLimits())
    let created = 0
    const eventLog = {
      ...log,
      create: (record: Parameters<typeof log.create>[0]) => {
        created++
        return log.create(record)
      },
    }
    const goldenPath = openGoldenPath({ agent: echo, eventLog })
    await goldenPath.execute(newContext(), { text: 'go' })
    await goldenPath.close()
    const closed = expect.objectContaining({ code: 'ERR_CONTEXT_CLOSED' })
    await expect(goldenPath.execute(newContext(), { text: 'go' })).rejects.toEqual(closed)
    expect(() => goldenPath.connect(newContext(), new RecordingTransport())).toThrow(closed)
    expect(created).toBe(1)
  })
})

describe('a receiver whose connection is closed', () => {
  it('starts nothing and answers nothing', async () => {
    const goldenPath = openGoldenPath({ agent: echo })
    const user = newUser('alice')
    const transport = new RecordingTransport()
    const connection = goldenPath.connect(createForUser(user), transport)
    const receive = openReceiver(goldenPath, connection, { createContext: (run) => createForUser(user, run) })
    connection.close(4000, 'enough')
    await receive(JSON.stringify({ type: 'start_run', input: { text: 'go' } }))
    expect(await goldenPath.listRuns(createForUser(user))).toEqual([])
    expect(transport.messages.map(({ type }) => type)).toEqual(['connection_ready'])
  })
})

describe('a run that has ended', () => {
  it('leaves no timer behind, which would keep the process alive until the run had been out of time', async () => {
    const before = countTimers()
    for (let count = 0; count < 3; count++) expect((await runAgent(echo)).end).toBe('completed')
    await expect.poll(countTimers).toBeLessThanOrEqual(before)
  })
})
