// The client of bench/sockets.mjs: asks three servers in turn, one request at a time, and tells its parent the ratios.
//   node bench/latency-client.mjs '{"ours":{"port":…,"token":…},"written":…,"bare":…}'
import WebSocket from 'ws'
import { median, spread } from './measure.mjs'

const requestsPerBlock = 100
const warmUpBlocks = 50
const measuredBlocks = 100
const startRun = JSON.stringify({ type: 'start_run', input: { text: 'add 12 apples and 30 pears' } })
const isAny = () => true
const isFirstEvent = (message) => message.includes('"type":"agent_started"')
const isRunEnd = (message) => message.includes('"type":"agent_completed"')

const servers = JSON.parse(process.argv[2])
const [run, written, echo] = [await open(servers.ours), await open(servers.written), await open(servers.bare)]
const blocks = []
// In blocks, because a server that sleeps after each request measures the machine's way of waking up.
for (let block = 0; block < warmUpBlocks + measuredBlocks; block++) {
  const echoed = await ask(echo, isAny, isAny)
  const wrote = await ask(written, isFirstEvent, isRunEnd)
  const ran = await ask(run, isFirstEvent, isRunEnd)
  if (block >= warmUpBlocks) blocks.push({ echoed, wrote, ran })
}
const usual = median(blocks.map(({ echoed }) => echoed))
process.send(
  {
    requests: measuredBlocks * requestsPerBlock,
    control: spread(blocks.map(({ echoed }) => echoed / usual)),
    toEcho: spread(blocks.map(({ ran, echoed }) => ran / echoed)),
    toWritten: spread(blocks.map(({ ran, wrote }) => ran / wrote)),
  },
  () => process.exit(),
)

/** The median of a block of requests, microseconds. */
async function ask(socket, isFirst, isEnd) {
  const times = []
  for (let request = 0; request < requestsPerBlock; request++) times.push(await timeUntil(socket, isFirst, isEnd))
  return median(times)
}

/** Sends a request; resolves to the microseconds until the first message that fits, once one that ends it has come. */
function timeUntil(socket, isFirst, isEnd) {
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
    socket.send(startRun)
  })
}

async function open({ port, token }) {
  const headers = { authorization: `Bearer ${token}` }
  const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`, { headers, perMessageDeflate: false })
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
  return socket
}
