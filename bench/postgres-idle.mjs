// Statements that a node sends while nobody asks it anything: server, queue, worker, log and revocations, over a
// minute.
import pg from 'pg'
import { liveSessions } from 'user-execution-context'
import { postgresRevocations } from '@user-execution-context/postgres'
import { openNode } from './postgres-ports.mjs'
import { openServer } from './postgres-server.mjs'

const seconds = 60
let statements = 0
const { query } = pg.Client.prototype
pg.Client.prototype.query = function (...given) {
  statements++
  return query.apply(this, given)
}
const server = await openServer()
const node = await openNode(server.connections, { agent: async function* () {} })
const store = await postgresRevocations({ postgres: node.postgres, wakes: node.wakes })
const sessions = liveSessions({ maxProofMs: 3_600_000, store })
// What begins at once: LISTEN, the first claim, the first look for revocations.
await new Promise((resolve) => setTimeout(resolve, 3_000))
statements = 0
await new Promise((resolve) => setTimeout(resolve, seconds * 1_000))
const ratios = [statements / seconds]
sessions.close()
await node.close()
await server.close()
console.log(JSON.stringify({ ratios }))
process.exit(0)
