// Servers over stdio, each a process of its own that the official client starts, as a host does.
import { Client, type ClientOptions } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Readable } from 'node:stream'
import { decodeKey } from 'user-execution-context'
import { afterEach, describe, expect, test } from 'vitest'
import { textOf } from './world.ts'

const program = resolve('tests/stdio-server.mjs')
const clients: Client[] = []
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()))
})

/** Starts a server. `NOTES_USER` is all that it gets to know of its user. */
const start = (sdk: readonly string[], userId: string | undefined): StdioClientTransport =>
  new StdioClientTransport({
    command: process.execPath,
    args: [program, ...sdk],
    env: userId === undefined ? {} : { NOTES_USER: userId },
    stderr: 'pipe',
  })

const connect = async (sdk: readonly string[], userId: string, options: ClientOptions): Promise<Client> => {
  const client = new Client({ name: 'host', version: '1.0.0' }, options)
  clients.push(client)
  await client.connect(start(sdk, userId))
  return client
}

const add = async (client: Client, note: string, more: object = {}): Promise<readonly string[]> =>
  decodeKey(textOf(await client.callTool({ name: 'add_note', arguments: { text: note, ...more } })))

describe.each([
  ['SDK 2, protocol of 2026-07-28', [], { versionNegotiation: { mode: 'auto' } }, '2026-07-28'],
  ['SDK 2, protocol of 2025-11-25', [], {}, '2025-11-25'],
  ['SDK 1', ['sdk-1'], {}, '2025-11-25'],
] as const)('a server over stdio, %s', (_name, sdk, options, version) => {
  test('is of the user whom its host names: two of them keep to theirs in 40 calls at once', async () => {
    const [alice, bob] = await Promise.all([connect(sdk, 'alice', options), connect(sdk, 'bob', options)])
    expect(alice!.getNegotiatedProtocolVersion()).toBe(version)
    const requests = new Set<string>()
    await Promise.all(
      Array.from({ length: 40 }, async (_, index) => {
        const [client, name] = index % 2 === 0 ? [alice!, 'alice'] : [bob!, 'bob']
        const [userId, provider, requestId, ...notes] = await add(client, `${name} ${index}`)
        expect([userId, provider]).toEqual([name, 'vouched'])
        expect(notes.filter((note) => !note.startsWith(name))).toEqual([])
        requests.add(requestId!)
      }),
    )
    expect(requests.size).toBe(40)
  })

  test('takes no user from the model, and shows no tool that its user may not call', async () => {
    const client = await connect(sdk, 'alice', options)
    const said = { userId: 'bob', user: 'bob', context: { userId: 'bob' } }
    expect((await add(client, 'a note', said))[0]).toBe('alice')
    const names = (await client.listTools()).tools.map(({ name }) => name)
    expect(names).toContain('add_note')
    expect(names).not.toContain('delete_notes')
    const refused = await client.callTool({ name: 'delete_notes', arguments: {} }).catch((error: unknown) => error)
    expect(refused instanceof Error || (refused as { isError?: boolean }).isError).toBe(true)
    expect(await add(client, 'another')).toContain('a note')
  })

  test.each([
    ['no user', undefined],
    ['an empty one', ''],
    ['a value that was never set', 'undefined'],
  ])('does not start for %s: nothing is answered, and the log says why', async (_what, userId) => {
    const transport = start(sdk, userId)
    const log = text(transport.stderr as Readable)
    const client = new Client({ name: 'host', version: '1.0.0' }, options)
    await expect(client.connect(transport)).rejects.toThrow()
    expect(await log).toMatch(/code: 'ERR_CONTEXT_[A-Z_]+'/)
    expect(await log).toContain('userId')
  })
})

describe.each([
  ['protocol of 2026-07-28', { versionNegotiation: { mode: 'auto' } }],
  ['protocol of 2025-11-25', {}],
] as const)('what asks its user over stdio, %s', (_name, options) => {
  const confirm = async (): Promise<Client> => {
    const client = await connect([], 'alice', { ...options, capabilities: { elicitation: {} } })
    client.setRequestHandler('elicitation/create', () => ({ action: 'accept', content: { yes: true } }))
    return client
  }

  test('is bound to what came over the wire: a resource, and one of a template', async () => {
    const client = await confirm()
    const [{ contents: asked }, { contents: each }] = await Promise.all([
      client.readResource({ uri: 'notes://asked' }),
      client.readResource({ uri: 'notes://each/7' }),
    ])
    expect([asked[0], each[0]]).toMatchObject([{ text: 'read by alice' }, { text: 'read 7' }])
  })

  test('is bound to what came over the wire: a tool and a prompt whose schemas make something else of it', async () => {
    const client = await confirm()
    expect(textOf(await client.callTool({ name: 'count', arguments: { counts: { a: 7 } } }))).toBe('counted 7')
    const { messages } = await client.getPrompt({ name: 'tagged', arguments: { tags: 'a b c' } })
    expect(messages[0]).toMatchObject({ content: { text: '3 tags' } })
    const listed = (await client.listTools()).tools.find(({ name }) => name === 'count')
    expect(listed!.inputSchema).toMatchObject({ properties: { counts: { type: 'object' } }, required: ['counts'] })
  })
})
