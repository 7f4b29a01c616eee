// A client of HTTP/1.1 that costs so little that a server beside it never waits for it: bytes over sockets that stay
// open, each of which sends its next request when it has the answer of the last.
import { connect } from 'node:net'

/** Sends `count` requests over `lanes` sockets. Each answer must be a 200 whose body holds `expected`. */
export async function sendRequests(server, { count, lanes, expected }) {
  server.sockets ??= await Promise.all(Array.from({ length: lanes }, () => openSocket(server.port)))
  const bytes = Buffer.from(
    `GET ${server.path} HTTP/1.1\r\nhost: 127.0.0.1:${server.port}\r\nauthorization: Bearer ${server.token}\r\n\r\n`,
  )
  let left = count
  await Promise.all(server.sockets.map((socket) => drive(socket, bytes, expected, () => left-- > 0)))
}

function openSocket(port) {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true }, () => resolve(socket.off('error', reject)))
    socket.setEncoding('latin1').once('error', reject)
  })
}

function drive(socket, bytes, expected, takesNext) {
  return new Promise((resolve, reject) => {
    let text = ''
    const hear = (chunk) => {
      text += chunk
      if (!isWhole(text)) return
      if (!text.startsWith('HTTP/1.1 200 ') || !text.includes(expected)) return leave(() => reject(new Error(text)))
      text = ''
      sendNext()
    }
    const fail = () => leave(() => reject(new Error('The server closed a connection.')))
    const leave = (settle) => {
      socket.off('data', hear).off('close', fail)
      settle()
    }
    const sendNext = () => {
      if (socket.destroyed) fail()
      else if (takesNext()) socket.write(bytes)
      else leave(resolve)
    }
    socket.on('data', hear).on('close', fail)
    sendNext()
  })
}

/** Whether all of an answer is there: its length is in its head, or its chunks end. */
function isWhole(text) {
  const head = text.indexOf('\r\n\r\n')
  if (head < 0) return false
  const length = /^content-length: *(\d+)/im.exec(text.slice(0, head))?.[1]
  return length === undefined ? text.endsWith('\r\n0\r\n\r\n') : text.length === head + 4 + Number(length)
}
