// A call of every port of a node.
import { toOwnerKey } from 'user-execution-context'
import { parseLimits } from '@user-execution-context/golden-path'
import { passwordHasher } from '@user-execution-context/golden-path/login'
import {
  postgresAttemptLimits,
  postgresHandleStore,
  postgresReplayMemory,
  postgresRevocations,
  postgresStartKeys,
  postgresTickets,
  postgresUsers,
} from '../../src/index.ts'
import { untilDurable } from '../../src/connection/as-owner.ts'
import { newContext, type openNode } from '../open-ports.ts'

const context = newContext('alice')
const ownerKey = toOwnerKey(context)
const { runId, threadId, requestId } = context
const run = { ownerKey, runId, threadId, requestId, createdAtMs: 1 }
const key = { ownerKey, digest: 'key', inputDigest: 'input' }
const limits = parseLimits()

/** Opens the ports, while the database is there, and gives the calls. */
export const openPortCalls = async (
  node: Awaited<ReturnType<typeof openNode>>,
): Promise<Readonly<Record<PortCall, () => unknown>>> => {
  const { postgres, wakes, eventLog } = node
  const pool = postgres.service
  const queue = node.openQueue(limits)
  const keys = postgresStartKeys({ postgres, limits })
  const handles = postgresHandleStore({ postgres })
  const revocations = await postgresRevocations({ postgres, wakes })
  const signIns = postgresAttemptLimits(pool)
  const attempt = await signIns.begin('alice', '192.0.2.1')
  const tickets = postgresTickets(pool)
  const users = postgresUsers(pool)
  const replay = postgresReplayMemory(pool)
  const password = await passwordHasher({ cost: 1024 }).toRecord('a password of alice')
  return {
    'log.create': () => eventLog.create(run),
    'log.discard': () => eventLog.discard(run),
    'log.find': () => eventLog.find(run),
    'log.list': () => eventLog.list(ownerKey),
    'log.read': () => eventLog.read(run, { epoch: 1, sequence: 0 }, 10),
    'queue.enqueue': () => queue.enqueue({ context, input: { text: 'hello' } } as never, () => {}),
    'queue.enqueue, at its end': () => untilDurable(pool),
    'keys.claim': () => keys.claim(key, run),
    'keys.release': () => keys.release(key, run),
    'handles.find': () => handles.find(ownerKey, 'digest'),
    'handles.takeEnded': () => handles.takeEnded(1),
    'revocations.write': () =>
      revocations.write({ key: 'k', notBeforeMs: 1, untilMs: 2, reason: 'user_revoked' } as never),
    'limits.begin': () => signIns.begin('alice', '192.0.2.1'),
    'attempt.fail': () => attempt.fail(),
    'tickets.issue': () => tickets.issue('session', 'token'),
    'tickets.redeem': () => tickets.redeem('a'.repeat(43)),
    'users.find': () => users.find('alice'),
    'users.findById': () => users.findById('alice'),
    'users.count': () => users.count(),
    'users.add': () => users.add({ userId: 'alice', userName: 'alice', password }),
    'users.change': () => users.change('alice', { isDisabled: true } as never),
    'users.remove': () => users.remove('alice'),
    'replay.claim': () => replay.claim('text', 'attempt', 2),
    'replay.complete': () => replay.complete('text', 'attempt'),
  }
}

/** Their names. */
export const portCalls = [
  ...([
    'log.create',
    'log.discard',
    'log.find',
    'log.list',
    'log.read',
    'queue.enqueue',
    'queue.enqueue, at its end',
  ] as const),
  ...([
    'keys.claim',
    'keys.release',
    'handles.find',
    'handles.takeEnded',
    'revocations.write',
    'limits.begin',
  ] as const),
  ...([
    'attempt.fail',
    'tickets.issue',
    'tickets.redeem',
    'users.find',
    'users.findById',
    'users.count',
    'users.add',
  ] as const),
  ...(['users.change', 'users.remove', 'replay.claim', 'replay.complete'] as const),
] as const

type PortCall = (typeof portCalls)[number]
