/**
 * A server with a victim whose run is under way, and tokens that somebody made who should not be let in.
 */
import { randomBytes } from 'node:crypto'
import { decodeJwt, SignJWT, UnsecuredJWT, type JWTPayload } from 'jose'
import { liveSessions } from 'user-execution-context'
import { passwordHasher } from '../../../src/login/password-hasher.ts'
import { fileSigningSecret } from '../../../src/login/signing-secret.ts'
import type { Agent } from '../../../src/phases/ports/agent.ts'
import { openGoldenPathServer, type GoldenPathServer } from '../../../src/server/open-golden-path-server.ts'
import { openTestServer, type TestServer } from '../test-server.ts'

export const canary = 'canary-of-the-victim'
export const victimThread = 'thread-of-the-victim'
export const victimKey = 'idempotency-key-of-the-victim'

export type AttackedUser = {
  readonly userId: string
  readonly userName: string
  readonly tenantId: string
  readonly token: string
}

export type AttackWorld = {
  readonly server: TestServer
  readonly goldenPath: GoldenPathServer
  /** Alice, with a run that waits under `victimThread`. */
  readonly victim: { readonly token: string; readonly runId: string }
  /** Live tokens of others: Bob, and Alice of another tenant. */
  readonly others: Readonly<Record<string, string>>
  /** Tokens, or undefined for none, that nobody may come in with, each made by the attack that its name tells. */
  readonly refusedTokens: () => Promise<Readonly<Record<string, string | undefined>>>
  /** A user of the store with a password, signed in, in a tenant of their own. */
  readonly newUser: () => Promise<AttackedUser>
  readonly revokeTenant: (tenantId: string) => Promise<unknown>
  readonly stillWaits: () => Promise<boolean>
}

/** Waits when it is asked to, until it is aborted. */
const agent: Agent = async function* (scope, { text }) {
  yield { type: 'agent_message_delta', text: 'begun' }
  if (!text.startsWith('wait')) return
  await new Promise<void>((resolve) => scope.signal.addEventListener('abort', () => resolve()))
}
export const password = 'password-of-the-attacked'

export const openAttackWorld = async (): Promise<AttackWorld> => {
  let goldenPath!: GoldenPathServer
  const sessions = liveSessions({ maxProofMs: 86_400_000 })
  const server = await openTestServer(
    {
      agent,
      sessions,
      attempts: { perAddress: 1000 },
      limits: { connectionsPerAddress: 1000, messagesPerSecond: 1000 },
    },
    async (options) => {
      goldenPath = await openGoldenPathServer(options)
      return { url: await goldenPath.listen({ port: 0 }), close: goldenPath.close }
    },
  )
  const { store, accounts } = goldenPath.users!
  // Cheap: what is attacked here is not scrypt.
  const record = await passwordHasher({ cost: 1024 }).toRecord(password)
  const [token, bob] = [await server.signIn(0), await server.signIn(1)]
  const { kid, k } = await fileSigningSecret(server.dataDirectory)
  const secret = Buffer.from(k!, 'base64url')
  const sign = (claims: JWTPayload, key: Uint8Array = secret): Promise<string> =>
    new SignJWT(claims).setProtectedHeader({ alg: 'HS256', typ: 'at+jwt', kid: kid! }).sign(key)
  const claims = decodeJwt(token)
  const body = { input: { text: `wait ${canary}` }, threadId: victimThread, idempotencyKey: victimKey }
  const { runId } = (await server.request('POST', '/runs', { token, body })).body as { runId: string }

  let count = 0
  const newUser: AttackWorld['newUser'] = async () => {
    const [userId, userName, tenantId] = [`attacked-${++count}`, `attacked${count}`, `t-${count}`]
    await store.add({ userId, userName, password: record, tenantId, permissions: ['read', 'write'] })
    const answer = await server.request('POST', '/login', { body: { userName, password } })
    return { userId, userName, tenantId, token: answer.body.accessToken as string }
  }
  const after = async (attack: (userId: string, user: AttackedUser) => Promise<unknown>): Promise<string> => {
    const user = await newUser()
    await attack(user.userId, user)
    return user.token
  }
  const revokeTenant = (tenantId: string): Promise<number> =>
    sessions.revoke({ tenant: { namespace: claims.iss!, tenantId } })
  const nowSeconds = Math.floor(Date.now() / 1000)
  const [header, payload] = token.split('.')
  const refusedTokens: AttackWorld['refusedTokens'] = async () => ({
    'no token': undefined,
    'no JWT': 'nobody',
    'another issuer, the same subject': await sign({ ...claims, iss: 'https://other.example' }),
    'another issuer, the same names': await sign(claims, randomBytes(32)),
    'no signature': new UnsecuredJWT(claims).encode(),
    'the claims of the victim under a signature for Bob': `${header}.${payload}.${bob.split('.')[2]}`,
    'another audience': await sign({ ...claims, aud: 'another' }),
    'ended': await sign({ ...claims, exp: nowSeconds - 1 }),
    'signed out': await after((_userId, { token: own }) => server.request('POST', '/logout', { token: own })),
    'signed out everywhere': await after((userId) => accounts.signOutEverywhere(userId)),
    'demoted': await after((userId) => accounts.setPermissions(userId, ['read'])),
    'disabled': await after((userId) => accounts.disable(userId)),
    'deleted': await after((userId) => accounts.remove(userId)),
    'of a tenant that was signed out': await after((_userId, { tenantId }) => revokeTenant(tenantId)),
    'the password changed': await after((userId) => accounts.changePassword(userId, 'another password of it')),
  })
  const stillWaits = async (): Promise<boolean> => {
    const { threads } = (await server.request('GET', '/threads', { token })).body
    return JSON.stringify(threads.map(({ runs }: any) => runs)).includes('"state":"running"') && threads.length === 1
  }
  const others = { 'Bob': bob, 'the same subject of another tenant': await sign({ ...claims, tid: 't-other' }) }
  return { server, goldenPath, victim: { token, runId }, others, refusedTokens, newUser, revokeTenant, stillWaits }
}
