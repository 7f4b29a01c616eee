// How long short runs of other users take while ten users flood the process, against the same without a flood.
//   node --expose-gc bench/flood.mjs ROUNDS
// The last line is JSON: the ratios of the rounds.
import { createForUser } from 'user-execution-context'
import { vouchForUser } from 'user-execution-context/restricted'
import { openGoldenPath } from '@user-execution-context/golden-path'
import { median, spread } from './measure.mjs'

const [rounds] = process.argv.slice(2).map(Number)
const flooders = 10
const floodEvents = 20_000
const others = 20
const agent = async function* (scope, { text }) {
  if (text === 'flood') {
    for (let event = 0; event < floodEvents; event++) yield { type: 'agent_message_delta', text: 'x' }
    return
  }
  // A short run waits for something three times, as one does that calls a model.
  for (let piece = 0; piece < 3; piece++) {
    await new Promise((resolve) => setTimeout(resolve, 4))
    yield { type: 'agent_message_delta', text: 'short' }
  }
}
const goldenPath = openGoldenPath({
  agent,
  limits: { outputBytesPerRun: 2 ** 30, concurrentRuns: 1_000, loggedEventsPerRun: 100 },
})
const open = (name) => {
  const context = createForUser(vouchForUser(name, { reason: 'benchmark' }))
  const transport = { bufferedAmount: 0, close: () => {}, send: () => {} }
  return { context, connection: goldenPath.connect(context, transport, { runs: 'requested' }) }
}
const run = async ({ context, connection }, text) => {
  const own = createForUser(vouchForUser(context.userId, { reason: 'benchmark' }))
  return goldenPath.deliver(await goldenPath.execute(own, { text }), connection)
}
const users = Array.from({ length: others }, (_, index) => open(`other-${index}`))
const hostile = Array.from({ length: flooders }, (_, index) => open(`flooder-${index}`))

/** The median time of a short run of each other user, one after the other for each of them, all users at once. */
async function timeShortRuns() {
  const times = await Promise.all(
    users.map(async (user) => {
      const startedAt = performance.now()
      if ((await run(user, 'short')) !== 'completed') throw new Error('a short run did not complete')
      return performance.now() - startedAt
    }),
  )
  return median(times)
}

const ratios = []
for (let round = -2; round < rounds; round++) {
  const quiet = await timeShortRuns()
  // Three runs each: as many as one user may execute at once.
  const floods = hostile.flatMap((user) => [1, 2, 3].map(() => run(user, 'flood')))
  await new Promise(setImmediate)
  const flooded = await timeShortRuns()
  await Promise.all(floods)
  if (round >= 0) ratios.push(flooded / quiet)
}
await goldenPath.close()
console.log(JSON.stringify({ ...spread(ratios), ratios }))
