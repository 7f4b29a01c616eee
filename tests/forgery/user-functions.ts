// Functions that take a verified user, or a connection and a run, and no context: how each is called with one whose
// identity was live when the call was prepared, and has ended since.
import type { LiveSessions, UserExecutionContext, VerifiedUser } from 'user-execution-context'
import { call, mcpOptions, type Exports } from './entry-points.ts'

/** Who calls: made while the identity was live. */
export type Caller = {
  readonly load: (entryPoint: string) => Exports
  readonly user: VerifiedUser
  readonly context: UserExecutionContext
  /** The registry that the user is filed in; undefined for none. */
  readonly sessions: LiveSessions | undefined
}
/** Prepares the call while the identity is live. What it gives calls, once the identity has ended. */
type Prepare = (caller: Caller) => Promise<() => unknown>

const golden = '@user-execution-context/golden-path'
const answer = (): number => 42
type Functions = Readonly<Record<string, (...parameters: unknown[]) => unknown>>

const renew: Prepare = async ({ load, user, sessions }) => {
  const core = load('user-execution-context')
  const registry = sessions ?? (call(core, 'liveSessions', { maxProofMs: 60_000 }) as LiveSessions)
  // It answers, like isLive(): a proof that has ended lengthens nothing and is lengthened by nothing.
  return () => registry.renew(user, user)
}
const issue: Prepare = async ({ load, user, sessions }) => {
  const own = call(load('user-execution-context'), 'liveSessions', { maxProofMs: 60_000 })
  const tokens = call(load(`${golden}/login`), 'accessTokens', {
    issuer: user.namespace,
    audience: 'lifetimes',
    secret: { kty: 'oct', alg: 'HS256', k: Buffer.alloc(32, 7).toString('base64url') },
    sessions: sessions ?? own,
    users: { findById: answer },
  }) as Functions
  return () => tokens['issue']!(user)
}
const serve =
  (entryPoint: string, name: string): Prepare =>
  async ({ load, user }) => {
    const contexts = call(load(`@user-execution-context/${entryPoint}`), 'mcpContexts', mcpOptions) as Functions
    return () => contexts[name]!(user)
  }

/** A connection and a run of the caller, and how many messages went out. */
const open = async ({ load, context }: Caller): Promise<readonly [Functions, unknown, unknown, () => number]> => {
  const goldenPath = call(load(golden), 'openGoldenPath', {
    agent: async function* () {
      yield { type: 'agent_message_delta', text: 'hello' }
    },
  }) as Functions
  let sent = 0
  const transport = { send: () => void sent++, close: () => {}, terminate: () => {}, bufferedAmount: 0 }
  const connection = goldenPath['connect']!(context, transport, { runs: 'requested' })
  const run = await goldenPath['execute']!(context, { text: 'hello' })
  return [goldenPath, connection, run, () => sent]
}
/** What a closed connection was sent is an outcome that no table allows. */
const toOutcome = (connection: unknown, isSilent: boolean): string =>
  (connection as { isClosed: boolean }).isClosed && !isSilent ? 'sent after the end of the IDENTITY' : 'nothing sent'
const deliver: Prepare = async (caller) => {
  const [goldenPath, connection, run, sent] = await open(caller)
  return async () => {
    const before = sent()
    await goldenPath['deliver']!(run, connection)
    return toOutcome(connection, sent() === before)
  }
}
const receive: Prepare = async (caller) => {
  const [goldenPath, connection, , sent] = await open(caller)
  return async () => {
    const createContext = (): unknown => call(caller.load('user-execution-context'), 'createForUser', caller.user)
    const receiver = call(caller.load(golden), 'openReceiver', goldenPath, connection, { createContext })
    const before = sent()
    await (receiver as (text: string) => unknown)('{"version":1,"type":"ping"}')
    return toOutcome(connection, sent() === before)
  }
}
const ofCore =
  (name: string, ...rest: readonly unknown[]): Prepare =>
  async ({ load, user }) =>
  () =>
    call(load('user-execution-context'), name, user, ...rest)

const ofTesting =
  (name: string, toArguments: (user: VerifiedUser) => readonly unknown[]): Prepare =>
  async ({ load, user }) => {
    const testing = load('@user-execution-context/testing')
    call(testing, 'newCanary', call(testing, 'testUser', { userId: 'somebody-else' }))
    return () => call(testing, name, ...toArguments(user))
  }

/** One entry for each, by entry point and name. Which of them begins something: lifetimes.ts. */
export const userFunctions: Readonly<Record<string, Prepare>> = {
  'user-execution-context addIdentityWatcher': ofCore('addIdentityWatcher', { identityEnded: answer }),
  'user-execution-context assertLive': ofCore('assertLive'),
  'user-execution-context createForUser': ofCore('createForUser'),
  'user-execution-context liveSessions.renew': renew,
  'user-execution-context removeIdentityWatcher': ofCore('removeIdentityWatcher', { identityEnded: answer }),
  'user-execution-context watchIdentity': ofCore('watchIdentity', () => {}),
  [`${golden}/login accessTokens.issue`]: issue,
  [`${golden} openGoldenPath.deliver`]: deliver,
  [`${golden} openReceiver`]: receive,
  '@user-execution-context/mcp mcpContexts.factoryFor': serve('mcp', 'factoryFor'),
  '@user-execution-context/testing expectOnlyOwn': ofTesting('expectOnlyOwn', (user) => [[], user]),
  '@user-execution-context/testing newCanary': ofTesting('newCanary', (user) => [user]),
  '@user-execution-context/mcp/sdk-1 mcpContexts.serverFor': serve('mcp/sdk-1', 'serverFor'),
}
