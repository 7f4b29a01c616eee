// One of the servers of bench/framework-apps.mjs in a process of its own:
//   node bench/framework-server.mjs express|express-4|fastify|hono|nestjs|nestjs-12|next|trpc bare|ours|peer
// Sends its parent `{ port, path, token }`, and its CPU time whenever asked.
import { openApp } from './framework-apps.mjs'

const { server, path, token } = await openApp(...process.argv.slice(2))
process.on('message', () => process.send({ cpu: process.cpuUsage() }))
process.send({ port: server.address().port, path, token })
