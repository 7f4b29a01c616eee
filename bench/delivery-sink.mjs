// The clients of bench/delivery-pair.mjs: they count what arrives and say so, in a process of their own.
//   node bench/delivery-sink.mjs <port> <sockets of each kind> <kinds, comma separated>
import { io } from 'socket.io-client'
import { WebSocket } from 'ws'

const [port, sockets, kinds] = process.argv.slice(2)
let received = 0
let wanted = Infinity
const count = (messages) => {
  received += messages
  if (received < wanted) return
  received -= wanted
  wanted = Infinity
  process.send('received')
}
process.on('message', (messages) => {
  wanted = messages
  count(0)
})

for (const kind of kinds.split(',')) {
  for (let index = 0; index < Number(sockets); index++) await open(kind, index)
}
process.send('connected')

function open(kind, index) {
  return new Promise((resolve, reject) => {
    if (kind === 'socket.io') {
      const socket = io(`http://127.0.0.1:${port}`, { transports: ['websocket'], forceNew: true, query: { index } })
      socket.on('event', () => count(1))
      socket.on('connect', resolve)
      socket.on('connect_error', reject)
      return
    }
    const socket = new WebSocket(`ws://127.0.0.1:${port}/${kind}/${index}`, { perMessageDeflate: false })
    socket.on('open', resolve)
    socket.on('error', reject)
    // What the golden path says beside events (connection_ready) is not counted.
    socket.on('message', (data) => {
      if (kind === 'raw' || data.includes('agent_thinking')) count(1)
    })
  })
}
