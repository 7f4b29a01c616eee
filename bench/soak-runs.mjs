// 100,000 runs in one process: does the heap stay flat, do listeners add up?
//   node --expose-gc bench/soak-runs.mjs [runs]
// Compares the heap after collection in the last tenth with the second tenth; the first one fills what limits allow to
// be kept.
import { getEventListeners, setMaxListeners } from 'node:events'
import { pathToFileURL } from 'node:url'
import { openGoldenPath } from '@user-execution-context/golden-path'
import { createForUser } from 'user-execution-context'
import { vouchForUser } from 'user-execution-context/restricted'
import { median } from './measure.mjs'

const users = 50
const atOnce = 200
const samplesPerTenth = 5

/**
 * @param {{ runs?: number }} options
 * @returns `heapRatio` (last tenth / second tenth), `listeners` (of the process and of a shared signal, after /
 *   before), `terminals` (exactly one per run), `heapMegabytes` per tenth
 */
export async function soakRuns({ runs = 100_000 } = {}) {
  const shared = new AbortController()
  setMaxListeners(atOnce, shared.signal)
  const counts = { started: 0, terminals: 0 }
  const goldenPath = openGoldenPath({
    limits: { retainedRuns: 500, retainedRunsPerUser: 20, runTimeMs: 60_000, concurrentRunsPerUser: 4 },
    agent: async function* (scope, { text }) {
      const child = scope.child('sub-agent', { signal: shared.signal })
      scope.defer(() => undefined)
      yield { type: 'agent_thinking', text }
      yield { type: 'tool_executing', toolCallId: 'a', toolName: 'add', input: { one: 1 } }
      if (text.endsWith('3')) throw new Error('some fail')
      if (text.endsWith('7'))
        await new Promise((resolve) => child.signal.addEventListener('abort', resolve, { once: true }))
      yield { type: 'tool_completed', toolCallId: 'a', toolName: 'add', output: 2 }
      yield { type: 'agent_message_delta', text: 'answer' }
    },
  })
  const transport = {
    bufferedAmount: 0,
    close: () => {},
    send: (text, sequence) => {
      if (sequence === undefined) return
      if (text.includes('"agent_started"')) counts.started++
      if (/"type":"agent_(completed|failed|cancelled)"/.test(text)) counts.terminals++
    },
  }
  const runOne = async (index) => {
    const context = createForUser(vouchForUser(`user-${index % users}`, { reason: 'a soak' }))
    const connection = goldenPath.connect(context, { ...transport }, { runs: 'requested' })
    const run = await goldenPath.execute(context, { text: `run ${index}` })
    if (index % 10 === 7) setTimeout(() => goldenPath.cancel(context, run.runId).catch(() => undefined), 1)
    await goldenPath.deliver(run, connection)
    connection.release()
  }

  const listenersBefore = countListeners(shared.signal)
  const tenths = []
  const perSample = Math.max(1, Math.floor(runs / 10 / samplesPerTenth))
  for (let tenth = 0, index = 0; tenth < 10; tenth++) {
    const samples = []
    for (let sample = 0; sample < samplesPerTenth; sample++) {
      for (let done = 0; done < perSample; done += atOnce) {
        await Promise.all(Array.from({ length: Math.min(atOnce, perSample - done) }, () => runOne(index++)))
      }
      samples.push(heapAfterCollection())
    }
    tenths.push(median(samples))
  }
  const listeners = countListeners(shared.signal) - listenersBefore
  const total = perSample * samplesPerTenth * 10
  await goldenPath.close()
  return {
    runs: total,
    heapRatio: tenths[9] / tenths[1],
    listeners,
    ...counts,
    heapMegabytes: tenths.map((bytes) => +(bytes / 1e6).toFixed(2)),
  }
}

function countListeners(signal) {
  return process
    .eventNames()
    .reduce((sum, name) => sum + process.listenerCount(name), getEventListeners(signal, 'abort').length)
}

function heapAfterCollection() {
  for (let pass = 0; pass < 4; pass++) globalThis.gc()
  return process.memoryUsage().heapUsed
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  console.log(JSON.stringify(await soakRuns({ runs: Number(process.argv[2] ?? 100_000) })))
  process.exit(0)
}
