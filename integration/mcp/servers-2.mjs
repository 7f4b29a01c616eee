// The offers, on SDK 2: bare, and through mcpContexts().
import { toNodeHandler } from '@modelcontextprotocol/node'
import {
  acceptedContent,
  createMcpHandler,
  createRequestStateCodec,
  hostHeaderValidationResponse,
  inputRequired,
  McpServer,
  originValidationResponse,
  ResourceTemplate,
} from '@modelcontextprotocol/server'
import { mcpContexts } from '@user-execution-context/mcp'
import { createServer } from 'node:http'
import { prompts, resources, template, tools } from './offers.mjs'
import { identity, issuer } from './users.mjs'

const implementation = { name: 'conformance', version: '1.0.0' }
const capabilities = { logging: {}, completions: {}, resources: { subscribe: true, listChanged: true } }
const describe = (name) => ({ description: `The offer ${name}` })

/** The bare SDK, with its own signed state. */
export async function openBare() {
  const codec = createRequestStateCodec({ key: crypto.getRandomValues(new Uint8Array(32)) })
  const likeness = (sdk) => {
    const state = sdk.mcpReq.requestState()
    const answers = state === undefined ? undefined : sdk.mcpReq.inputResponses
    return {
      sdk,
      kept: state,
      answers,
      changed: handler.notify,
      answer: (key, schema) => acceptedContent(answers, key, schema),
      ask: async (inputRequests, keep = {}) =>
        inputRequired({ inputRequests, requestState: await codec.mint(keep, sdk) }),
    }
  }
  const newServer = () => {
    const server = new McpServer(implementation, { capabilities, requestState: { verify: codec.verify } })
    for (const [name, [inputSchema, answer]] of Object.entries(tools))
      server.registerTool(name, { ...describe(name), inputSchema }, (sdk) => answer({}, likeness(sdk)))
    for (const [name, [uri, config, answer]] of Object.entries(resources))
      server.registerResource(name, uri, config, answer)
    const [name, uriTemplate, config, answer] = template
    server.registerResource(name, new ResourceTemplate(uriTemplate, { list: undefined }), config, (uri, { id }) =>
      answer(uri.href, id),
    )
    for (const [name, [argsSchema, answer]] of Object.entries(prompts))
      server.registerPrompt(
        name,
        { ...describe(name), ...(argsSchema && { argsSchema }) },
        argsSchema ? (input, sdk) => answer(input, likeness(sdk)) : (sdk) => answer({}, likeness(sdk)),
      )
    return server
  }
  const handler = createMcpHandler(newServer)
  const local = ['127.0.0.1', 'localhost']
  const fetch = async (request, options) =>
    hostHeaderValidationResponse(request, local) ??
    originValidationResponse(request, local) ??
    handler.fetch(request, options)
  return listen(toNodeHandler({ fetch }), handler.close)
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
  })
  const withChanges = (context, call) => ({ ...call, changed: server.notify(context) })
  for (const [name, [inputSchema, answer]] of Object.entries(tools))
    server.registerTool(name, { ...describe(name), inputSchema }, ({ context }, input, call) =>
      answer(input, withChanges(context, call)),
    )
  for (const [name, [uri, config, answer]] of Object.entries(resources))
    server.registerResource(name, uri, config, answer)
  const [name, uriTemplate, config, answer] = template
  server.registerResourceTemplate(name, uriTemplate, config, (_scope, { uri, variables }) =>
    answer(uri.href, variables.id),
  )
  for (const [name, [argsSchema, answer]] of Object.entries(prompts))
    server.registerPrompt(name, { ...describe(name), argsSchema }, (_scope, input, call) => answer(input, call))
  http.on('request', toNodeHandler(server))
  return { url, close: () => Promise.all([server.close(), close()]) }
}

/** Listens on a free port of the loopback. Takes a handler of requests, or a server that has none yet. */
export async function listen(handler, closeFirst = async () => {}) {
  const http = typeof handler === 'function' ? createServer(handler) : handler
  await new Promise((resolve) => http.listen(0, '127.0.0.1', resolve))
  const close = async () => {
    await closeFirst()
    http.closeAllConnections()
    await new Promise((resolve) => http.close(resolve))
  }
  return { url: `http://127.0.0.1:${http.address().port}/mcp`, close }
}
