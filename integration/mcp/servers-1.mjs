// The offers, on SDK 1 with sessions: bare, and through mcpContexts().
import { toNodeHandler } from '@modelcontextprotocol/node'
import { McpServer, ResourceTemplate } from '@modelcontextprotocol/sdk/server/mcp.js'
import { completable } from '@modelcontextprotocol/sdk/server/completable.js'
import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js'
import {
  CreateMessageResultSchema,
  ElicitResultSchema,
  isInitializeRequest,
  SubscribeRequestSchema,
  UnsubscribeRequestSchema,
} from '@modelcontextprotocol/sdk/types.js'
import { mcpContexts } from '@user-execution-context/mcp/sdk-1'
import { createServer } from 'node:http'
import { z } from 'zod'
import { prompts, resources, template } from './offers.mjs'
import { toolsWithSessions } from './offers-1.mjs'
import { listen } from './servers-2.mjs'
import { identity, issuer } from './users.mjs'

const implementation = { name: 'conformance', version: '1.0.0' }
const capabilities = { logging: {}, resources: { subscribe: true, listChanged: true } }
const describe = (name) => ({ description: `The offer ${name}` })
// Fields of its own, once for all servers: each SDK marks a field that completes.
const shapeOf = ({ shape }) =>
  Object.fromEntries(Object.keys(shape).map((name) => [name, completable(z.string(), () => ['paris'])]))
const withSessions = Object.entries(prompts)
  .filter(([name]) => !name.includes('input_required'))
  .map(([name, [schema, write]]) => [name, schema && shapeOf(schema), write])
const sample = (sdk) => (params) =>
  sdk.sendRequest({ method: 'sampling/createMessage', params }, CreateMessageResultSchema)
/** Subscriptions are of the low level of the SDK, in both. */
const configure = ({ server }) => {
  server.setRequestHandler(SubscribeRequestSchema, () => ({}))
  server.setRequestHandler(UnsubscribeRequestSchema, () => ({}))
}

/** The bare SDK, with sessions as its own examples keep them. */
export async function openBare() {
  const newServer = () => {
    const server = new McpServer(implementation, { capabilities })
    const likeness = (sdk) => ({
      sdk,
      sample: sample(sdk),
      elicit: (params) => sdk.sendRequest({ method: 'elicitation/create', params }, ElicitResultSchema),
    })
    for (const [name, answer] of Object.entries(toolsWithSessions))
      server.registerTool(name, describe(name), (sdk) => answer({}, likeness(sdk)))
    for (const [name, [uri, config, answer]] of Object.entries(resources))
      server.registerResource(name, uri, config, answer)
    const [name, uriTemplate, config, answer] = template
    server.registerResource(name, new ResourceTemplate(uriTemplate, { list: undefined }), config, (uri, { id }) =>
      answer(uri.href, id),
    )
    for (const [prompt, argsSchema, write] of withSessions)
      server.registerPrompt(
        prompt,
        { ...describe(prompt), ...(argsSchema && { argsSchema }) },
        argsSchema ? (input) => write(input) : () => write({}),
      )
    configure(server)
    return server
  }
  const transports = new Map()
  const http = createServer()
  const { url, close } = await listen(http)
  const fetch = async (request) => {
    const body = request.method === 'POST' ? await request.json() : undefined
    let transport = transports.get(request.headers.get('mcp-session-id'))
    if (transport === undefined && isInitializeRequest(body)) {
      transport = new WebStandardStreamableHTTPServerTransport({
        sessionIdGenerator: () => crypto.randomUUID(),
        onsessioninitialized: (id) => transports.set(id, transport),
        enableDnsRebindingProtection: true,
        allowedHosts: [new URL(url).host],
      })
      await newServer().connect(transport)
    }
    if (transport === undefined) return new Response(null, { status: 404 })
    return transport.handleRequest(request, { parsedBody: body })
  }
  http.on('request', toNodeHandler({ fetch }))
  return { url, close }
}

/** The same through mcpContexts(). */
export async function openOurs() {
  const http = createServer()
  const { url, close } = await listen(http)
  const server = mcpContexts({
    identity: identity(url),
    resource: url,
    authorizationServers: [issuer],
    server: implementation,
    serverOptions: { capabilities },
    configure,
  })
  for (const [name, answer] of Object.entries(toolsWithSessions))
    server.registerTool(name, describe(name), (_scope, input, call) =>
      answer(input, { ...call, sample: sample(call.sdk) }),
    )
  for (const [name, [uri, config, answer]] of Object.entries(resources))
    server.registerResource(name, uri, config, answer)
  const [name, uriTemplate, config, answer] = template
  server.registerResourceTemplate(name, uriTemplate, config, (_scope, { uri, variables }) =>
    answer(uri.href, variables.id),
  )
  for (const [prompt, argsSchema, write] of withSessions)
    server.registerPrompt(prompt, { ...describe(prompt), ...(argsSchema && { argsSchema }) }, (_scope, input) =>
      write(input),
    )
  http.on('request', toNodeHandler(server))
  return { url, close: () => Promise.all([server.close(), close()]) }
}
