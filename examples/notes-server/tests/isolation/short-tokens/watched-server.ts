/**
 * A golden path in an HTTP server of the simulation, which sees everything that is handed to a socket.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import { identityProvider, isContextError, liveSessions, type LiveSessions } from 'user-execution-context'
import { accessTokens, fileSigningSecret } from '@user-execution-context/golden-path/login'
import type { Agent } from '@user-execution-context/golden-path'
import { openGoldenPathServer } from '@user-execution-context/golden-path/server'
import { ProofLedger, type ProofOwner } from './proof-ledger.ts'

const issuer = 'short-tokens'
const lifetimeSeconds = 5
const permissions = ['notes.read', 'notes.write']

/**
 * A fault that is planted: the server takes each token for two seconds longer than it says, or a token with fewer
 * rights has them all.
 */
export type PlantedFault = 'closes-late' | 'demoted-renewal'

export type WatchedServer = {
  readonly port: number
  readonly ledger: ProofLedger
  readonly sessions: LiveSessions
  readonly namespace: string
  /** A token of five seconds. */
  readonly newToken: (owner: ProofOwner, isDemoted?: boolean) => Promise<string>
  readonly close: () => Promise<void>
}

export const openWatchedServer = async (
  agent: Agent,
  dataDirectory: string,
  fault: PlantedFault | undefined,
): Promise<WatchedServer> => {
  const ledger = new ProofLedger()
  const sessions = liveSessions({ maxProofMs: 3_660_000 })
  const lateSeconds = fault === 'closes-late' ? 2 : 0
  const tokens = accessTokens({
    issuer,
    audience: issuer,
    secret: await fileSigningSecret(dataDirectory),
    sessions,
    users: { findById: async () => undefined },
    lifetimeSeconds: lifetimeSeconds + lateSeconds,
    sessionSeconds: 3600,
  })
  const signIn = identityProvider({
    name: 'sign-in',
    namespace: issuer,
    verify: (facts: ProofOwner & { readonly permissions: readonly string[] }) => ({ ...facts, issuedAtMs: Date.now() }),
  })
  const issue = async (facts: Parameters<typeof signIn>[0]): Promise<string> => {
    for (;;) {
      try {
        return (await tokens.issue(await signIn(facts))).accessToken
      } catch (error) {
        // Signed out while they sign in: they do so again.
        if (!isContextError(error) || error.code !== 'ERR_CONTEXT_IDENTITY_REVOKED') throw error
        await pause(2)
      }
    }
  }
  const newToken = async (owner: ProofOwner, isDemoted = false): Promise<string> => {
    const rights = isDemoted && fault !== 'demoted-renewal' ? permissions.slice(0, 1) : permissions
    const accessToken = await issue({ ...owner, permissions: rights })
    const { exp } = JSON.parse(Buffer.from(accessToken.split('.')[1]!, 'base64url').toString()) as { exp: number }
    ledger.add(accessToken, owner, (exp - lateSeconds) * 1000)
    return accessToken
  }
  const goldenPath = await openGoldenPathServer({
    agent,
    identity: tokens.identity,
    sessions,
    log: () => {},
    limits: {
      messagesPerSecond: 1000,
      connectionsPerAddress: 2000,
      pendingUpgrades: 1000,
      concurrentRuns: 200,
      retainedRuns: 100_000,
    },
  })
  const http = createServer((request, response) => {
    watchResponse(ledger, request, response)
    goldenPath.handleRequest(request, response)
  })
  http.on('upgrade', (request, socket, head) => {
    watchSocket(ledger, toToken(request), socket)
    goldenPath.handleUpgrade(request, socket, head)
  })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  const close = async (): Promise<void> => {
    await goldenPath.close()
    http.closeAllConnections()
    http.close()
    sessions.close()
  }
  return { port: (http.address() as AddressInfo).port, ledger, sessions, namespace: issuer, newToken, close }
}

function toToken({ headers }: IncomingMessage): string {
  return (headers.authorization ?? '').replace('Bearer ', '')
}

/** Frames of text. What closes a socket, and the answer to its upgrade, is none. */
function watchSocket(ledger: ProofLedger, token: string, socket: Duplex): void {
  const wire = ledger.openWire(token, true)
  if (wire === undefined) return
  const write = socket.write.bind(socket) as (...values: unknown[]) => boolean
  socket.write = ((chunk: string | Buffer, ...rest: unknown[]) => {
    const text = typeof chunk === 'string' ? chunk : chunk.toString('latin1')
    if (text.charCodeAt(0) === 0x81) ledger.wrote(wire, text)
    return write(chunk, ...rest)
  }) as never
}

/** Events of streams, and the answer that says that a session is signed out. */
function watchResponse(ledger: ProofLedger, request: IncomingMessage, response: ServerResponse): void {
  const token = toToken(request)
  const isLogout = request.url === '/logout'
  const wire = request.url?.endsWith('/events') ? ledger.openWire(token, false) : undefined
  const [write, end] = [response.write.bind(response), response.end.bind(response)] as unknown as ((
    ...values: unknown[]
  ) => boolean)[]
  response.write = ((chunk: unknown, ...rest: unknown[]) => {
    if (wire !== undefined && String(chunk).includes('data: ')) ledger.wrote(wire, String(chunk))
    return write!(chunk, ...rest)
  }) as never
  response.end = ((chunk: unknown, ...rest: unknown[]) => {
    if (wire !== undefined && response.statusCode === 200 && String(chunk).includes('data: '))
      ledger.wrote(wire, String(chunk))
    const sessionId = ledger.find(token)?.sessionId
    if (isLogout && response.statusCode === 204) ledger.endWhere((owner) => owner.sessionId === sessionId)
    return end!(chunk, ...rest)
  }) as never
}
