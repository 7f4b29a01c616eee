// Section "sockets": what one idle socket holds, and how soon the first event of a run comes, against a bare ws server.
import { fork } from 'node:child_process'
import WebSocket from 'ws'
import { median, printHeading, printRow, spread } from './measure.mjs'

const idleSockets = 2000
const requestsPerBlock = 100
const warmUpBlocks = 50
const measuredBlocks = 100

export async function sockets() {
  const [ours, bare] = await Promise.all([openServer('ours'), openServer('bare')])
  try {
    await measureLatency(ours, bare)
    await measureIdle(ours, bare)
  } finally {
    for (const server of [ours, bare]) server.child.send('close')
  }
}

async function measureIdle(ours, bare) {
  const growth = {}
  for (const [name, server] of Object.entries({ bare, ours })) {
    // The first connections pay for code and caches of the process; they are no cost per socket.
    const clients = await openSockets(server, 200)
    const before = await askMemory(server)
    clients.push(...(await openSockets(server, idleSockets)))
    const after = await askMemory(server)
    growth[name] = { heap: (after.heap - before.heap) / idleSockets, resident: (after.resident - before.resident) / idleSockets }
    for (const client of clients) client.terminate()
  }
  printHeading(`Bytes that an idle socket holds, ${idleSockets} sockets of one user / the bare ws server`)
  for (const [part, words, goal] of [['heap', 'heap and buffers after collection', 1.5], ['resident', 'resident memory of the process, which the allocator rounds']]) {
    const ratio = growth.ours[part] / growth.bare[part]
    const figures = `${growth.ours[part].toFixed(0)} / ${growth.bare[part].toFixed(0)} bytes`
    printRow(`${words}: ${figures}`, { median: ratio, low: ratio, high: ratio }, goal)
  }
}

async function measureLatency(ours, bare) {
  const [[run], [echo]] = [await openSockets(ours, 1), await openSockets(bare, 1)]
  const start = JSON.stringify({ type: 'start_run', input: { text: 'add 12 apples and 30 pears' } })
  const firstEvent = (message) => message.includes('"type":"agent_started"')
  const runEnd = (message) => message.includes('"type":"agent_completed"')
  const blocks = []
  // In blocks, because a server that sleeps after each request measures the machine's way of waking up.
  for (let block = 0; block < warmUpBlocks + measuredBlocks; block++) {
    const echoed = []
    const ran = []
    for (let request = 0; request < requestsPerBlock; request++) echoed.push(await timeUntil(echo, start, () => true, () => true))
    for (let request = 0; request < requestsPerBlock; request++) ran.push(await timeUntil(run, start, firstEvent, runEnd))
    if (block >= warmUpBlocks) blocks.push({ echoed: median(echoed), ran: median(ran) })
  }
  run.terminate()
  echo.terminate()
  const usual = median(blocks.map(({ echoed }) => echoed))
  printHeading(`Time from a request to its first event, one at a time, ${measuredBlocks * requestsPerBlock} requests / the echo of the same bytes by a bare ws server`)
  printRow('control: the echo / its own median', spread(blocks.map(({ echoed }) => echoed / usual)))
  printRow('start_run to agent_started', spread(blocks.map(({ ran, echoed }) => ran / echoed)), 1.3)
}

/** Sends a text; resolves to the microseconds until the first message that fits, once one that ends the exchange has come. */
function timeUntil(socket, text, isFirst, isEnd) {
  return new Promise((resolve) => {
    let elapsed
    const take = (data) => {
      const message = String(data)
      if (elapsed === undefined && isFirst(message)) elapsed = Number(process.hrtime.bigint() - startedAt) / 1000
      if (!isEnd(message)) return
      socket.off('message', take)
      resolve(elapsed)
    }
    socket.on('message', take)
    const startedAt = process.hrtime.bigint()
    socket.send(text)
  })
}

function openServer(kind) {
  const child = fork('bench/socket-server.mjs', [kind], { execArgv: ['--expose-gc'] })
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the ${kind} server ended with ${code}`)))
    child.once('message', (address) => resolve({ child, ...address }))
  })
}

async function askMemory({ child }) {
  const answered = new Promise((resolve) => child.once('message', ({ memory }) => resolve(memory)))
  child.send('memory')
  return answered
}

async function openSockets({ port, token }, count) {
  const sockets = []
  for (let index = 0; index < count; index++) {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`, { headers: { authorization: `Bearer ${token}` }, perMessageDeflate: false })
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
    sockets.push(socket)
  }
  return sockets
}
