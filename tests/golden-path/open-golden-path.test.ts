import { describe, expect, it } from 'vitest'
import { openGoldenPath, type Agent, type RunEvent, type Transport } from '../../src/golden-path.ts'
import { createForUser } from '../../src/index.ts'
import { vouchForUser } from '../../src/restricted.ts'

const contextOf = (userId: string) => createForUser(vouchForUser(userId, { reason: 'a test' }))

class Recording implements Transport {
  readonly bufferedAmount = 0
  readonly events: RunEvent[] = []
  send(text: string, sequence?: number): void {
    if (sequence !== undefined) this.events.push(JSON.parse(text) as RunEvent)
  }
  close(): void {}
}

const agent: Agent = async function* () {
  yield { type: 'agent_thinking', text: 'hm' }
  yield { type: 'tool_executing', toolCallId: 'a', toolName: 'add', input: { one: 1 } }
  yield { type: 'tool_completed', toolCallId: 'a', toolName: 'add', output: 2 }
  yield { type: 'agent_message_delta', text: 'it is ' }
  yield { type: 'agent_message_delta', text: '2' }
}

describe('openGoldenPath', () => {
  it('delivers a run from agent_started to agent_completed, numbered from 1', async () => {
    const goldenPath = openGoldenPath({ agent })
    const context = contextOf('user-1')
    const transport = new Recording()
    const connection = goldenPath.connect(context, transport, { runs: 'requested' })
    const run = await goldenPath.execute(context, { text: 'what is 1 + 1?' })
    expect(await goldenPath.deliver(run, connection)).toBe('completed')
    expect(transport.events.map(({ sequence, type }) => [sequence, type])).toEqual([
      [1, 'agent_started'], [2, 'agent_thinking'], [3, 'tool_executing'], [4, 'tool_completed'],
      [5, 'agent_message_delta'], [6, 'agent_message_delta'], [7, 'agent_completed'],
    ])
    expect(transport.events.at(-1)?.data).toEqual({ text: 'it is 2' })
    await goldenPath.close()
  })
})
