// One subject and one session id, from two issuers: two users who share nothing.
import { SignJWT } from 'jose'
import { createForUser, own, assertOwned, type UserExecutionContext } from 'user-execution-context'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { jwtIdentity } from '../../src/login/jwt-identity.ts'
import { openGoldenPath } from '../../src/index.ts'
import { RecordingTransport } from '../phases/recording-transport.ts'

const audience = 'agents'
const contexts: UserExecutionContext[] = []
const goldenPath = openGoldenPath({
  agent: async function* () {
    await new Promise(() => {})
  },
})

beforeAll(async () => {
  for (const [issuer, byte] of [
    ['https://id.example.com/', 1],
    ['https://partner.example/', 2],
  ] as const) {
    const secret = Buffer.alloc(32, byte)
    const key = { kty: 'oct', alg: 'HS256', k: secret.toString('base64url') } as const
    const identity = jwtIdentity({ issuer, audience, keys: [key], algorithms: ['HS256'] })
    const token = await new SignJWT({ sid: 's-1' })
      .setProtectedHeader({ alg: 'HS256' })
      .setIssuer(issuer)
      .setAudience(audience)
      .setSubject('1001')
      .setExpirationTime('1h')
      .sign(secret)
    contexts.push(createForUser(await identity(token), { threadId: 'thread-1', runId: 'run-1' } as never))
  }
})
afterAll(() => goldenPath.close())

describe('a subject of two issuers', () => {
  test('has the issuer as its namespace', () => {
    expect(contexts.map(({ namespace }) => namespace)).toEqual(['https://id.example.com/', 'https://partner.example/'])
  })

  test('shares no resource, socket or run', async () => {
    const [ours, partners] = contexts as [UserExecutionContext, UserExecutionContext]
    const notes = own(ours, new Map())
    expect(() => assertOwned(partners, notes)).toThrow(expect.objectContaining({ code: 'ERR_CONTEXT_ISOLATION' }))
    goldenPath.connect(ours, new RecordingTransport())
    expect([goldenPath.findConnections(ours).length, goldenPath.findConnections(partners).length]).toEqual([1, 0])
    const { runId } = await goldenPath.execute(ours, { text: 'hello' })
    expect(await goldenPath.findRun(partners, runId)).toBeUndefined()
    expect(await goldenPath.listRuns(partners)).toEqual([])
    await expect(goldenPath.cancel(partners, runId)).rejects.toMatchObject({ code: 'ERR_CONTEXT_RUN_NOT_FOUND' })
    expect((await goldenPath.listRuns(ours)).map((run) => run.runId)).toEqual([runId])
    await expect(goldenPath.execute(partners, { text: 'hello' })).resolves.toBeDefined()
  })
})
