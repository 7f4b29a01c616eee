// Two servers of bench/framework-apps.mjs in one process, which are handed requests without sockets: what the kernel
// and a client cost is left out, and both meet the same machine.
//   node bench/framework-pair.mjs express|express-4|fastify|hono|nestjs|nestjs-12|trpc bare|ours|peer
// Prints the ratio of each round: median time of a request of the bare framework / of the other one. A median leaves
// out the requests during which this process had to wait, or collected garbage.
import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { openApp } from './framework-apps.mjs'
import { median } from './measure.mjs'

const [framework, kind] = process.argv.slice(2)
const servers = [await openApp(framework, 'bare'), await openApp(framework, kind)]
// So many that V8 has compiled what a request needs.
const warmUps = 3000
const rounds = 12
const requestsPerRound = 500
const ratios = []
for (let index = 0; index < warmUps; index++) for (const server of servers) await measure(server)
for (let round = 0; round < rounds; round++) {
  const times = servers.map(() => [])
  for (let index = 0; index < requestsPerRound; index++) {
    // By turns, so that none is always first.
    const first = index % 2
    for (const at of [first, 1 - first]) times[at].push(await measure(servers[at]))
  }
  const [bare, other] = times.map(median)
  ratios.push(bare / other)
}
console.log(JSON.stringify({ ratios }))
process.exit(0)

async function measure({ server, path, token }) {
  const exchange = newExchange(path, token)
  const before = performance.now()
  await answer(server, exchange)
  return performance.now() - before
}

function newExchange(path, token) {
  const request = new IncomingMessage(new Socket())
  const headers = { host: '127.0.0.1', authorization: `Bearer ${token}` }
  Object.assign(request, { method: 'GET', url: path, httpVersion: '1.1', httpVersionMajor: 1, httpVersionMinor: 1 })
  request.headers = headers
  request.rawHeaders.push(...Object.entries(headers).flat())
  request.complete = true
  request.push(null)
  const response = new ServerResponse(request)
  const text = new Promise((resolve, reject) => {
    let written = ''
    response.write = (chunk) => {
      written += Buffer.from(chunk).toString()
      return true
    }
    response.end = (body = written) => {
      if (response.statusCode === 200 && String(body).includes('notes.read')) resolve()
      else reject(new Error(`${response.statusCode} ${body}`))
      return response
    }
  })
  return { request, response, text }
}

async function answer(server, { request, response, text }) {
  server.emit('request', request, response)
  await text
  // As the server does when the answer was written.
  response.emit('finish')
  response.emit('close')
}
