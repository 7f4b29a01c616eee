// Section "delivery": server CPU per delivered event against ws.send(JSON.stringify(event)) and against socket.io's
// emit.
//   node bench/delivery.mjs
// Section "soak": 100,000 runs in one process.
import { pathToFileURL } from 'node:url'
import { inFreshProcess, printHeading, printRow } from './measure.mjs'

const rounds = '15'
const bursts = [
  { sockets: '1', goal: 0.6, cheaperThanSocketIo: 1.8 },
  { sockets: '100', goal: 0.75, cheaperThanSocketIo: 1.8 },
  { sockets: '1000', goal: 1.1, cheaperThanSocketIo: 1.3 },
]

export function delivery() {
  const pair = (first, second, sockets, perTick) =>
    inFreshProcess('bench/delivery-pair.mjs', first, second, sockets, perTick, rounds)

  printHeading('Server CPU per event of 325 bytes / ws.send(JSON.stringify(event)); bursts of 200 per tick')
  printRow('control: ws.send of bursts to 1 socket / itself', pair('raw', 'raw', '1', '200'))
  printRow('check, number, wrap, log, send: one event per tick', pair('ours', 'raw', '1', '1'), 1.1)
  for (const { sockets, goal } of bursts) {
    printRow(`check, number, wrap, log, send: bursts to ${sockets} sockets`, pair('ours', 'raw', sockets, '200'), goal)
  }
  printRow('the same with the agent that yields: one event per tick', pair('agent', 'raw', '1', '1'))
  printRow('the same with the agent that yields: bursts to 1 socket', pair('agent', 'raw', '1', '200'))

  printHeading('Time of a short run while ten other users send 20,000 events a run / without them')
  printRow('20 users with a run each, 30 runs that flood', inFreshProcess('bench/flood.mjs', '15'), 2)

  printHeading("Server CPU per delivered event / socket.io's emit(event)")
  for (const { sockets, cheaperThanSocketIo } of bursts) {
    const goal = Number((1 / cheaperThanSocketIo).toFixed(2))
    printRow(
      `bursts to ${sockets} sockets (${cheaperThanSocketIo} times cheaper)`,
      pair('ours', 'socket.io', sockets, '200'),
      goal,
    )
  }
}

export function soak() {
  printHeading('100,000 runs in one process: heap in the last tenth / in the second tenth')
  const { heapRatio, listeners, started, terminals } = inFreshProcess('bench/soak-runs.mjs', '100000')
  printRow('heap after collection', { median: heapRatio, low: heapRatio, high: heapRatio }, 1.05)
  const isClean = listeners === 0 && started === terminals
  console.log(
    `  listeners more than before: ${listeners}; runs started ${started}, ended exactly once ${terminals}` +
      (isClean ? '  holds' : '  MISSED'),
  )
  if (!isClean) process.exitCode = 1
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) delivery()
