import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Agent } from '../../src/index.ts'
import { openTestServer, type TestServer } from './test-server.ts'

const agent: Agent = async function* (_scope, { text }) {
  yield { type: 'agent_message_delta', text: `${text} and done` }
}
let server: TestServer
let token: string
let foreign: string
beforeAll(async () => {
  server = await openTestServer({ agent })
  token = await server.signIn(0)
  foreign = await server.signIn(1)
})
afterAll(() => server.close())

describe('POST /runs with an Idempotency-Key', () => {
  const post = (key: string, body: object = {}, of = token, path = '/runs') =>
    server.request('POST', path, {
      token: of,
      headers: { 'idempotency-key': key },
      body: { input: { text: 'short' }, ...body },
    })

  test('gives the same run to the same body, and to no other user', async () => {
    const [first, again, other] = [
      await post('key-of-the-client-1'),
      await post('key-of-the-client-1', { clientRequestId: 'mine' }),
      await post('key-of-the-client-1', {}, foreign),
    ]
    expect([first.status, again.status, other.status]).toEqual([202, 202, 202])
    expect(again.body).toEqual({ ...first.body, clientRequestId: 'mine' })
    expect(again.headers.get('location')).toBe(first.headers.get('location'))
    expect(other.body.runId).not.toBe(first.body.runId)
  })

  test('takes a quoted string of structured fields for what is between its quotes, as in the body', async () => {
    const plain = await post('key-of-the-client-0')
    const quoted = await post('"key-of-the-client-0"')
    expect([quoted.status, quoted.body.runId]).toEqual([202, plain.body.runId])
    expect((await post('"key-of-the-client-0"', { idempotencyKey: 'key-of-the-client-0' })).body.runId).toBe(
      plain.body.runId,
    )
  })

  test('answers 422 to another body, and starts nothing', async () => {
    await post('key-of-the-client-2', { threadId: 't-idempotent' })
    const answer = await post('key-of-the-client-2', { threadId: 't-idempotent', input: { text: 'other' } })
    expect([answer.status, answer.body.code]).toEqual([422, 'ERR_CONTEXT_IDEMPOTENCY_KEY_REUSED'])
    const { body } = await server.request('GET', '/threads', { token })
    const thread = body.threads.find(({ threadId }: { threadId: string }) => threadId === 't-idempotent')
    expect(thread.runs).toHaveLength(1)
  })

  test.each([['short'], ['"'], ['key with spaces in it'], ['key-of-the-client, another-one'], ['k'.repeat(257)], ['']])(
    'refuses the key %j',
    async (key) => {
      const answer = await post(key)
      expect([answer.status, answer.body.code]).toEqual([400, 'ERR_CONTEXT_INVALID_MESSAGE'])
    },
  )

  test('refuses a key in the body that is not the one of the header', async () => {
    const answer = await post('key-of-the-client-3', { idempotencyKey: 'key-of-the-client-4' })
    expect(answer.status).toBe(400)
  })

  test('allows the header to the pages of its origins', async () => {
    const { headers } = await server.request('OPTIONS', '/runs', {
      headers: { 'origin': server.url, 'access-control-request-method': 'POST' },
    })
    expect(headers.get('access-control-allow-headers')).toContain('Idempotency-Key')
  })

  test.each([
    ['/chat', { id: 't-chat', messages: [{ role: 'user', parts: [{ type: 'text', text: 'once' }] }] }],
    ['/ag-ui', { threadId: 't-ag-ui', messages: [{ role: 'user', content: 'once' }] }],
  ])('streams the same run again over %s', async (path, body) => {
    const [first, again] = [
      await server.request('POST', path, { token, headers: { 'idempotency-key': 'key-of-the-client-5' }, body }),
      await server.request('POST', path, { token, headers: { 'idempotency-key': 'key-of-the-client-5' }, body }),
    ]
    expect(first.text).toContain('once and done')
    expect(again.text).toBe(first.text)
  })
})
