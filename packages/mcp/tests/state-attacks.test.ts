// The state of a request, in the hands of somebody else. Every attack runs over a real socket with the official client.
import type { Client } from '@modelcontextprotocol/client'
import { inputRequired } from '@modelcontextprotocol/server'
import { inProcessReplayMemory, sealingKeys } from '@user-execution-context/transfer'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { McpCall } from '../src/index.ts'
import { notesServer } from './notes.ts'
import { modern, modernHeaders, openWorld, textOf, type Claims, type World } from './world.ts'

type Answer = { readonly result?: { readonly requestState: string }; readonly error?: object }
const confirmation = z.object({ confirm: z.boolean() })
const question = inputRequired.elicit({
  message: 'Sure?',
  requestedSchema: { type: 'object', properties: { confirm: { type: 'boolean' } } },
})
let world: World
beforeAll(async () => {
  world = await openWorld((contexts) => {
    notesServer(contexts)
    const confirm = (_scope: unknown, _input: unknown, call: McpCall) =>
      call.answer('sure', confirmation) === undefined ? call.ask({ sure: question }) : 'confirmed'
    for (const name of ['same', 'notes://same']) {
      contexts.registerTool(name, {}, confirm)
      contexts.registerPrompt(name, {}, confirm)
    }
    contexts.registerResource('same', 'notes://same', {}, confirm)
  })
})
afterAll(() => world.close())

const connect = async (claims: Claims): Promise<Client> => world.connect(await world.token(claims))
type Round = { readonly requestState?: string; readonly which?: string; readonly tool?: string }
const call = (client: Client, { requestState, which = 'all', tool = 'delete_notes' }: Round = {}): Promise<unknown> =>
  client.callTool(
    {
      name: tool,
      arguments: { which },
      ...(requestState === undefined
        ? {}
        : { requestState, inputResponses: { sure: { action: 'accept', content: { confirm: true } } } }),
    } as never,
    { allowInputRequired: true } as never,
  )
const askAs = async (client: Client, round: Round = {}): Promise<string> => {
  const asked = (await call(client, round)) as { readonly requestState?: string; readonly resultType?: string }
  expect(asked.resultType).toBe('input_required')
  return asked.requestState!
}
const refusal = { code: -32602, data: { reason: 'invalid_request_state' } }

describe('the state of a request', () => {
  test('goes on for its user, with what the server kept, and tells nobody who that is', async () => {
    const alice = await connect({ sub: 'alice' })
    const requestState = await askAs(alice)
    expect(Buffer.from(requestState, 'base64url').toString('latin1')).not.toContain('alice')
    expect(textOf(await call(alice, { requestState }))).toBe('Deleted all of alice, 0 when asked.')
  })

  test('opens after the token of its user was refreshed', async () => {
    const requestState = await askAs(await connect({ sub: 'alice', sid: 's1', lifeSeconds: 600 }))
    const refreshed = await connect({ sub: 'alice', sid: 's1', lifeSeconds: 900 })
    expect(textOf(await call(refreshed, { requestState }))).toContain('Deleted all of alice')
  })

  test.each<[string, Claims]>([
    ['another user of the same application', { sub: 'bob' }],
    ['a user of the same name in another tenant', { sub: 'alice', tid: 'globex' }],
  ])('opens nothing for %s', async (_, claims) => {
    const requestState = await askAs(await connect({ sub: 'alice' }))
    await expect(call(await connect(claims), { requestState })).rejects.toMatchObject(refusal)
  })

  test.each<[string, Claims, Claims]>([
    ['user', { tid: 'acme', sub: 'a:b' }, { tid: 'acme:a', sub: 'b' }],
    ['user, the other way', { tid: 'acme:a', sub: 'b' }, { tid: 'acme', sub: 'a:b' }],
  ])('opens nothing for a tenant and user that run together to the same text as its own %s', async (_, own, other) => {
    const requestState = await askAs(await connect(own))
    await expect(call(await connect(other), { requestState })).rejects.toMatchObject(refusal)
  })

  test('opens nothing after its session was signed out, also for the same user', async () => {
    const alice = await connect({ sub: 'alice', sid: 's2', issuedAtMs: Date.now() - 5000 })
    const requestState = await askAs(alice)
    await world.sessions.revoke({ user: { namespace: 'https://id.example.com', tenantId: 'acme', userId: 'alice' } })
    await expect(call(alice, { requestState })).rejects.toThrow()
    const again = await connect({ sub: 'alice', sid: 's3', issuedAtMs: Date.now() + 2000 })
    await expect(call(again, { requestState })).rejects.toMatchObject(refusal)
    expect(world.errors.at(-1)).toMatchObject({ code: 'ERR_CONTEXT_IDENTITY_REVOKED' })
  })

  test('opens once', async () => {
    const carol = await connect({ sub: 'carol' })
    const requestState = await askAs(carol)
    expect(textOf(await call(carol, { requestState }))).toContain('Deleted')
    await expect(call(carol, { requestState })).rejects.toMatchObject(refusal)
  })

  test('opens for one of two requests that come at once', async () => {
    const carol = await connect({ sub: 'carol' })
    const requestState = await askAs(carol)
    const outcomes = await Promise.allSettled([call(carol, { requestState }), call(carol, { requestState })])
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  })

  test.each<[string, Round]>([
    ['other arguments', { which: 'none' }],
    ['another tool', { tool: 'whoami' }],
  ])('opens nothing for %s', async (_, round) => {
    const carol = await connect({ sub: 'carol' })
    const requestState = await askAs(carol)
    await expect(call(carol, { requestState, ...round })).rejects.toMatchObject(refusal)
  })

  // A tool, a prompt and a resource of one name and with the same arguments: the method alone differs.
  test.each<[string, string, string]>([
    ['tools/call', 'prompts/get', 'same'],
    ['prompts/get', 'tools/call', 'same'],
    ['tools/call', 'resources/read', 'notes://same'],
    ['resources/read', 'tools/call', 'notes://same'],
    ['prompts/get', 'resources/read', 'notes://same'],
    ['resources/read', 'prompts/get', 'notes://same'],
  ])('of %s opens nothing for %s of the same target', async (method, other, target) => {
    const token = await world.token({ sub: 'carol' })
    const answers = { sure: { action: 'accept', content: { confirm: true } } }
    const send = async (to: string, requestState?: string): Promise<Answer> => {
      const named = to === 'resources/read' ? { uri: target } : { name: target, arguments: {} }
      const params = requestState === undefined ? named : { ...named, requestState, inputResponses: answers }
      return (await (await world.post(token, modern(to, params), modernHeaders(to, target))).json()) as Answer
    }
    const requestState = (await send(method)).result!.requestState
    expect((await send(other, requestState)).error).toMatchObject(refusal)
    expect(JSON.stringify((await send(method, requestState)).result)).toContain('confirmed')
  })

  test('opens nothing when any character of it was changed, and for what somebody wrote', async () => {
    const carol = await connect({ sub: 'carol' })
    const requestState = await askAs(carol)
    const at = (position: number): string => {
      const other = requestState[position] === 'A' ? 'B' : 'A'
      return requestState.slice(0, position) + other + requestState.slice(position + 1)
    }
    const positions = Array.from({ length: 40 }, (_, index) => Math.floor((index * requestState.length) / 40))
    const altered = [
      ...positions.map(at),
      requestState.slice(0, -1),
      `${requestState}A`,
      '{"user":"carol"}',
      'v1.e30.AA',
    ]
    for (const state of altered) {
      await expect(call(carol, { requestState: state }), state).rejects.toMatchObject(refusal)
    }
    expect(textOf(await call(carol, { requestState }))).toContain('Deleted')
  })

  test('opens nothing when its time has passed', async () => {
    const short = await openWorld(notesServer, { state: { ...ring(), replay: inProcessReplayMemory(), ttlMs: 1 } })
    const alice = await short.connect(await short.token())
    const requestState = await askAs(alice)
    await expect(call(alice, { requestState })).rejects.toMatchObject(refusal)
    expect(short.errors.at(-1)).toMatchObject({ code: 'ERR_CONTEXT_SEAL_EXPIRED' })
    await short.close()
  })

  test('is needed for an answer: one without it is none', async () => {
    const carol = await connect({ sub: 'carol' })
    const unasked = await carol.callTool(
      {
        name: 'delete_notes',
        arguments: { which: 'all' },
        inputResponses: { sure: { action: 'accept', content: { confirm: true } } },
      } as never,
      { allowInputRequired: true } as never,
    )
    expect(unasked).toMatchObject({ resultType: 'input_required' })
  })
})

function ring() {
  return sealingKeys({
    workload: 'mcp',
    keys: [{ kty: 'oct', alg: 'A256GCM', kid: 'k1', k: Buffer.alloc(32, 1).toString('base64url') }],
  })
}
