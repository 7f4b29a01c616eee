// Runs in a process of its own with a small heap: users whose answers are long and not Latin-1, again and again.
import { createForUser } from 'user-execution-context'
import { vouchForUser } from 'user-execution-context/restricted'
import { openGoldenPath } from '@user-execution-context/golden-path'

/** What a tool answers, by the first argument. */
const outputs = {
  // 30,000 characters of which one is an emoji: two bytes each in memory, 30,003 in UTF-8.
  emoji: Array(7).fill(`${'x'.repeat(29_998)}😀`),
  latin: Array(7).fill('é'.repeat(17_000)),
  small: [],
}
const kind = process.argv[2]
const agent = async function* () {
  for (let piece = 0; piece < (kind === 'small' ? 400 : 0); piece++) yield { type: 'agent_message_delta', text: 'x' }
  yield { type: 'tool_executing', toolCallId: '1', toolName: 'list', input: null }
  yield { type: 'tool_completed', toolCallId: '1', toolName: 'list', output: outputs[kind] }
}
const goldenPath = openGoldenPath({ agent, limits: { retainedRunsPerUser: 100_000, retainedRuns: 100_000 } })
const transport = { send: () => {}, bufferedAmount: 0, close: () => {} }
for (let round = 0; round < 50; round++) {
  for (let user = 0; user < 5; user++) {
    const context = createForUser(vouchForUser(`user-${user}`, { reason: 'unit test' }))
    const connection = goldenPath.connect(context, transport, { runs: 'requested' })
    const end = await goldenPath.deliver(await goldenPath.execute(context, { text: 'list' }), connection)
    if (end !== 'completed') throw new Error(`A delivery ended as ${end}`)
    connection.close(1000, 'done')
  }
}
const held = []
for (let user = 0; user < 5; user++) {
  const context = createForUser(vouchForUser(`user-${user}`, { reason: 'unit test' }))
  held.push((await goldenPath.listRuns(context)).length)
}
console.log(JSON.stringify(held))
