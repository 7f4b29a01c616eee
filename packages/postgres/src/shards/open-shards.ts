/**
 * Opens several databases as one: each owner is at home in one of them.
 */
import { connectionsCheck } from '../connection/connection-target.ts'
import { openDatabase, poolChecks, type Postgres } from '../connection/open-database.ts'
import { markRoutedPool, markShardPool, namePool, throwOf } from '../connection/shard-pool.ts'
import { toRefusal, toUnavailable } from '../connection/unreachable.ts'
import { callable, count, optional, type Checks } from '../options/parse-options.ts'
import { everyMs } from '../options/port-checks.ts'
import type { SessionPool } from '../session/session-options.ts'
import { openWakeChannel } from '../wakes/wake-channel.ts'
import { OwnerHomes } from './owner-homes.ts'
import { OwnerMoves } from './owner-moves.ts'
import { parseFitting, findPlacement } from './recorded-placement.ts'
import { recordShards } from './record-shards.ts'
import { inShard, isNotHere, nameShard } from './shard-errors.ts'
import { namedShards } from './shard-names.ts'
import type { PostgresShards, PostgresShardsOptions, Shard } from './shards.ts'

/** A table of the options. */
export const shardsChecks: Checks<PostgresShardsOptions> = {
  ...poolChecks,
  shards: namedShards(connectionsCheck),
  moveWaitMs: optional(count(0, 3_600_000)),
  pollMs: optional(everyMs),
  onWakeState: optional(callable),
}

/**
 * @param options - That fit.
 * @throws {ContextError} `ERR_CONTEXT_DATABASE_SHARDS` for names that are missing or recorded otherwise;
 *   `ERR_CONTEXT_DATABASE_SCHEMA`.
 */
export const openShards = async (options: PostgresShardsOptions): Promise<PostgresShards> => {
  const { shards, moveWaitMs = 5_000, pollMs = 2_000, onWakeState, ...rest } = options
  const names = Object.keys(shards).sort()
  const databases = new Map<string, Postgres>()
  const closeAll = async (): Promise<void> =>
    void (await Promise.all([...databases.values()].map((database) => database.close())))
  try {
    for (const name of names) {
      const connections = shards[name]!
      const onConnectionError = (error: Error): void => rest.onConnectionError?.(nameShard(name, error) as Error)
      databases.set(name, await inShard(name, openDatabase({ ...rest, connections, onConnectionError })))
    }
    await recordFirst(shards, databases)
    const recorded = new Map(
      await Promise.all(
        [...databases].map(async ([name, { service }]) => [name, await inShard(name, findPlacement(service))] as const),
      ),
    )
    const { names: ordered, placing } = parseFitting(recorded)
    const all = ordered.map((name) => toShard(name, databases.get(name)!, onWakeState))
    return toShards(all, placing, { moveWaitMs, pollMs, closeAll })
  } catch (error) {
    await closeAll()
    throw error
  }
}

/** Where the process may migrate all databases, it records them too: the first time, and never a change. */
async function recordFirst(
  shards: PostgresShardsOptions['shards'],
  databases: ReadonlyMap<string, Postgres>,
): Promise<void> {
  const logins = Object.entries(shards).flatMap(([name, { migrate }]) => (migrate ? [[name, migrate] as const] : []))
  if (logins.length < databases.size) return
  const recorded = await Promise.all([...databases].map(([name, { service }]) => inShard(name, findPlacement(service))))
  // Some: a first time that was cut off, or another process is at it. What does not fit is refused after it.
  const known = recorded.find((row) => row !== undefined)?.names
  const isFirst = known === undefined || Object.keys(shards).every((name) => known.includes(name))
  if (isFirst && recorded.includes(undefined)) await recordShards({ shards: Object.fromEntries(logins) })
}

function toShard(name: string, postgres: Postgres, onWakeState: PostgresShardsOptions['onWakeState']): Shard {
  // The pool of revocations enters as no owner.
  for (const pool of [postgres.service, postgres.revocations]) namePool(pool, name)
  markShardPool(postgres.service)
  if (postgres.hasWorker) {
    namePool(postgres.worker, name)
    markShardPool(postgres.worker)
  }
  const { service: pool, listen } = postgres
  const wakes = openWakeChannel({ pool, listen, onState: (isHeard, why) => onWakeState?.(name, isHeard, why) })
  return Object.freeze({ name, postgres, wakes })
}

type Parts = { readonly moveWaitMs: number; readonly pollMs: number; readonly closeAll: () => Promise<void> }

function toShards(all: readonly Shard[], placing: readonly string[], parts: Parts): PostgresShards {
  const homes = new OwnerHomes(new Map(all.map((shard) => [shard.name, shard])), placing, parts.moveWaitMs)
  const moves = new OwnerMoves(all, parts.pollMs)
  moves.on((ownerKey) => homes.forget(ownerKey))
  const close = async (): Promise<void> => {
    await moves.close()
    await Promise.all(all.map(({ wakes }) => wakes.close()))
    await parts.closeAll()
  }
  let closed: Promise<void> | undefined
  return Object.freeze({
    all: Object.freeze([...all]),
    home: all[0]!,
    of: (ownerKey) => homes.of(ownerKey),
    route: (ownerKey, act) => homes.route(ownerKey, act),
    poolOf: (ownerKey) => toSessionPool(ownerKey, homes),
    onMove: (listener) => moves.on(listener),
    close: () => (closed ??= close()),
  } satisfies PostgresShards)
}

/** A session is refused by a shard where its owner is not at home, and looks again. */
function toSessionPool(ownerKey: string, homes: OwnerHomes): SessionPool {
  const pool: SessionPool = {
    // Whoever takes a connection without a session is asked here.
    connect: () =>
      homes.route(ownerKey, async ({ postgres }) => {
        const { service } = postgres
        const client = await service.connect().catch((error: unknown) => throwOf(service, toRefusal(error)))
        try {
          // Without a name: on a connection that has served asOwner() the name stands for another text.
          await client.query({ text: 'SELECT uec.enter($1)', values: [ownerKey] })
          return client as unknown as Awaited<ReturnType<SessionPool['connect']>>
        } catch (error) {
          client.release(!isNotHere(error))
          return throwOf(service, toUnavailable(error))
        }
      }),
  }
  markRoutedPool(pool, (act) =>
    homes.route(ownerKey, ({ postgres }) => act(postgres.service as unknown as SessionPool)),
  )
  return pool
}
