// A node over the ports on Postgres, for the benches of packages/postgres.
import { openGoldenPath, parseLimits } from '@user-execution-context/golden-path'
import { openPostgres, openWakeChannel, postgresEventLog, postgresRunQueue } from '@user-execution-context/postgres'
import { sealingKeys } from '@user-execution-context/transfer'
import { createForUser, liveSessions } from 'user-execution-context'
import { vouchForUser } from 'user-execution-context/restricted'

const key = { kty: 'oct', alg: 'A256GCM', kid: 'k1', k: Buffer.alloc(32, 7).toString('base64url') }
const ring = sealingKeys({ workload: 'bench', keys: [key] })

/** A context of a user, with ids of its own. */
export const contextOf = (userId) => createForUser(vouchForUser(userId, { reason: 'a benchmark' }))

/**
 * Opens the ports, and a golden path over them.
 *
 * @param onRunEnd Told of each run that has ended here.
 * @param beforeClaim Waited for before each claim. Default: a claim waits for nothing.
 */
export async function openNode(
  connections,
  { agent, limits: changes = {}, executes = true, onRunEnd = () => {}, beforeClaim },
) {
  const limits = parseLimits(changes)
  const opened = await openPostgres({ connections })
  const postgres = beforeClaim === undefined ? opened : { ...opened, worker: holdClaims(opened.worker, beforeClaim) }
  const wakes = openWakeChannel({ pool: postgres.service, listen: postgres.listen })
  const eventLog = postgresEventLog({ postgres, wakes })
  const sessions = liveSessions({ maxProofMs: 3_600_000 })
  const queue = postgresRunQueue({ postgres, wakes, eventLog, limits, sessions, executes, ...ring })
  const runQueue = {
    ...queue,
    process: (worker) =>
      queue.process(async (job, cancellation) => {
        await worker(job, cancellation)
        onRunEnd()
      }),
  }
  const goldenPath = openGoldenPath({ agent, limits: changes, eventLog, runQueue })
  return {
    ...{ postgres, wakes, eventLog, goldenPath },
    close: async () => {
      await goldenPath.close()
      sessions.close()
      await wakes.close()
      await postgres.close()
    },
  }
}

/** The same pool, whose claims wait first. */
function holdClaims(pool, beforeClaim) {
  const query = async (statement) => {
    if (statement.name === 'uec-claim') await beforeClaim()
    return pool.query(statement)
  }
  return new Proxy(pool, { get: (target, name) => (name === 'query' ? query : Reflect.get(target, name, target)) })
}
