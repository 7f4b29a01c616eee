// Two servers that share users, sign-outs and the secret of their tokens: a user signs in at either. None has a
// directory.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { liveSessions } from 'user-execution-context'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fileRevocationStore } from '../../src/login/file-revocation-store.ts'
import { passwordHasher } from '../../src/login/password-hasher.ts'
import { fileSigningSecret } from '../../src/login/signing-secret.ts'
import { fileUserStore } from '../../src/login/user-store.ts'
import { openGoldenPathServer, type GoldenPathServer } from '../../src/server/open-golden-path-server.ts'
import { notingAgent } from './noting-agent.ts'

const credentials = { userName: 'alice', password: 'password-of-alice' }
let directory: string
let servers: readonly { readonly server: GoldenPathServer; readonly url: string }[]
let note: () => string | undefined = () => undefined

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'shared-'))
  const users = await fileUserStore(directory)
  const password = await passwordHasher({ cost: 1024 }).toRecord(credentials.password)
  await users.add({ userId: 'id-of-alice', userName: 'alice', password })
  const sessions = liveSessions({ maxProofMs: 43_260_000, store: await fileRevocationStore(directory) })
  const signingSecret = await fileSigningSecret(directory)
  const open = async () => {
    const options = { agent: notingAgent(), users, sessions, signingSecret, log: () => {}, readinessNote: () => note() }
    const server = await openGoldenPathServer(options)
    return { server, url: await server.listen({ port: 0 }) }
  }
  servers = [await open(), await open()]
})
afterAll(async () => {
  await Promise.all(servers.map(({ server }) => server.close()))
  await rm(directory, { recursive: true })
})

const ask = (at: number, method: string, path: string, token?: string, body?: object) =>
  fetch(servers[at]!.url + path, {
    method,
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
  })
const signIn = async (at: number): Promise<string> =>
  ((await (await ask(at, 'POST', '/login', undefined, credentials)).json()) as { readonly accessToken: string })
    .accessToken

describe('servers with one signingSecret', () => {
  test.each([
    [0, 1],
    [1, 0],
  ])('take at the other one what a user got at %i, renew it there, and sign it out there', async (here, there) => {
    const token = await signIn(here)
    expect((await ask(there, 'GET', '/threads', token)).status).toBe(200)
    const renewed = (await (await ask(there, 'POST', '/token', token)).json()) as { readonly accessToken: string }
    expect((await ask(here, 'GET', '/threads', renewed.accessToken)).status).toBe(200)
    expect((await ask(there, 'POST', '/logout', token)).status).toBe(204)
    for (const at of [here, there]) expect((await ask(at, 'GET', '/threads', renewed.accessToken)).status).toBe(401)
  })
})

describe('readinessNote', () => {
  test.each<[string, () => string | undefined, object]>([
    ['nothing', () => undefined, { status: 'ok' }],
    ['a sentence', () => 'No notification is heard.', { status: 'ok', note: 'No notification is heard.' }],
    ['no text', () => ({ secret: true }) as never, { status: 'ok' }],
    [
      'an error',
      () => {
        throw new Error('secret')
      },
      { status: 'ok' },
    ],
  ])('that gives %s keeps no client away', async (_what, given, expected) => {
    note = given
    const response = await ask(0, 'GET', '/readyz')
    expect([response.status, await response.json()]).toEqual([200, expected])
  })
})
