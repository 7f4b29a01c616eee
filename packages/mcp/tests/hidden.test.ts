// What a user may not call is answered as what there is not: nobody learns from an answer that it exists.
import { toNodeHandler } from '@modelcontextprotocol/node'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { liveSessions } from 'user-execution-context'
import { describe, expect, test } from 'vitest'
import type { McpContexts } from '../src/index.ts'
import { mcpContexts as sdk1Contexts } from '../src/sdk-1.ts'
import { modern, modernHeaders, newIdentity, openWorld, tokenOf } from './world.ts'

const permissions = ['admin']

/** Offers one of each that needs a permission, and with `openToo` one of each that anybody may use. */
function register(server: McpContexts, openToo: boolean): void {
  const handle = (): string => 'secret'
  for (const [name, config] of [['hidden', { permissions }] as const, ...(openToo ? [['open', {}] as const] : [])]) {
    server.registerTool(name, config, handle)
    server.registerPrompt(name, config, handle)
    server.registerResource(name, `notes://${name}`, config, handle)
    server.registerResourceTemplate(`${name}-by`, `notes://${name}/{id}`, config, handle)
  }
}

const requests = (name: string): readonly (readonly [method: string, target: string, params: object])[] => [
  ['tools/call', name, { name, arguments: {} }],
  ['prompts/get', name, { name }],
  ['resources/read', `notes://${name}`, { uri: `notes://${name}` }],
  ['resources/read', `notes://${name}/1`, { uri: `notes://${name}/1` }],
  ['completion/complete', '', { ref: { type: 'ref/prompt', name }, argument: { name: 'a', value: '' } }],
  [
    'completion/complete',
    '',
    { ref: { type: 'ref/resource', uri: `notes://${name}/{id}` }, argument: { name: 'id', value: '' } },
  ],
  ['tools/list', '', {}],
  ['prompts/list', '', {}],
  ['resources/list', '', {}],
  ['resources/templates/list', '', {}],
]
/** What a client can tell an answer by, with the name that it asked for taken out. */
const seenOf = async (response: Response, name: string): Promise<string> =>
  `${response.status} ${(await response.text()).replaceAll(name, 'NAME')}`

describe.each([true, false])(
  'what a user may not use is told from nothing by no answer, others beside it: %s',
  (openToo) => {
    test('of SDK 2', async () => {
      const world = await openWorld((contexts) => register(contexts, openToo))
      try {
        const ask = async (scope: string, name: string): Promise<string[]> => {
          const token = await world.token({ scope })
          const answers = requests(name).map(async ([method, target, params]) =>
            seenOf(
              await world.post(token, modern(method, { ...params }), modernHeaders(method, target || undefined)),
              name,
            ),
          )
          return Promise.all(answers)
        }
        const seen = await ask('', 'hidden')
        expect(seen).toEqual(await ask('', 'absent'))
        expect(seen.join()).not.toContain('secret')
        expect((await ask('admin', 'hidden'))[0]).toContain('secret')
      } finally {
        await world.close()
      }
    })

    test('of SDK 1, before and after the user had the permission', async () => {
      const http = createServer()
      await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
      const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp`
      const server = sdk1Contexts({
        identity: newIdentity(url, liveSessions({ maxProofMs: 3_600_000 })),
        resource: url,
        authorizationServers: ['https://id.example.com'],
        server: { name: 'tests', version: '1.0.0' },
      })
      register(server as unknown as McpContexts, openToo)
      http.on('request', (request, response) => void toNodeHandler(server)(request as never, response))
      const send = async (scope: string, body: object, session?: string): Promise<Response> =>
        fetch(url, {
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            'accept': 'application/json, text/event-stream',
            'authorization': `Bearer ${await tokenOf(url, { scope })}`,
            ...(session === undefined ? {} : { 'mcp-session-id': session }),
          },
          body: JSON.stringify({ jsonrpc: '2.0', id: 1, ...body }),
        })
      const ask = async (scope: string, session: string, name: string): Promise<string[]> => {
        const answers: string[] = []
        for (const [method, , params] of requests(name)) {
          const seen = await seenOf(await send(scope, { method, params }, session), name)
          // The id of an event, which is new each time.
          answers.push(seen.replaceAll(/^id: .*$/gm, ''))
        }
        return answers
      }
      try {
        const clientInfo = { name: 'raw', version: '1.0.0' }
        const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo }
        const opened = await send('', { method: 'initialize', params })
        const session = opened.headers.get('mcp-session-id')!
        const before = await ask('', session, 'hidden')
        expect(before).toEqual(await ask('', session, 'absent'))
        expect((await ask('admin', session, 'hidden'))[0]).toContain('secret')
        expect(await ask('', session, 'hidden')).toEqual(before)
        expect(before.join()).not.toContain('secret')
      } finally {
        await server.close()
        http.closeAllConnections()
        await new Promise((resolve) => http.close(resolve))
      }
    })
  },
)
