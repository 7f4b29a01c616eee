// MCP servers of mcpContexts() as clients see them: the official conformance suite, the official client, and the one of
// the AI SDK.
import { createMCPClient } from '@ai-sdk/mcp'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { createRequire } from 'node:module'
import { check } from '../harness/check.mjs'
import { countChecks, passing, runConformance, suite } from './conformance.mjs'
import { openProxy } from './proxy.mjs'
import * as sdk1 from './servers-1.mjs'
import * as sdk2 from './servers-2.mjs'
import { tokenFor } from './users.mjs'

const require = createRequire(import.meta.url)
const versionOf = (name) => require(`./node_modules/${name}/package.json`).version
const environment = (name) => `mcp, ${name} ${versionOf(name)}`
const textOf = ({ content }) => content.map(({ text }) => text).join()

for (const [name, revision, { openBare, openOurs }] of [
  ['@modelcontextprotocol/server', '2026-07-28', sdk2],
  ['@modelcontextprotocol/sdk', '2025-11-25', sdk1],
]) {
  await check(environment(name), `passes what the bare server passes of ${suite} for ${revision}`, async () => {
    const bare = await openBare()
    const ours = await openOurs()
    const front = await openProxy(ours.url, await tokenFor(ours.url, 'alice'))
    const closed = await openProxy(ours.url)
    const [ofBare, ofOurs] = [await runConformance(bare.url, revision), await runConformance(front.url, revision)]
    const ofNobody = await runConformance(closed.url, revision)
    const lost = passing(ofBare).filter((scenario) => !passing(ofOurs).includes(scenario))
    console.log(
      `       ${revision}: ${ofBare.length} scenarios; ` +
        `bare ${passing(ofBare).length} (${countChecks(ofBare)} checks), ` +
        `ours ${passing(ofOurs).length} (${countChecks(ofOurs)} checks); ` +
        `without a token ${passing(ofNobody).length}, answers by status ${JSON.stringify([...closed.statuses])}`,
    )
    await Promise.all([bare, ours, front, closed].map(({ close }) => close()))
    if (lost.length > 0) throw new Error(`Lost: ${lost.join(', ')}`)
    if (passing(ofBare).length < ofBare.length - 1) throw new Error(`The bare server fails: ${JSON.stringify(ofBare)}`)
    if (passing(ofNobody).length > 0) throw new Error(`Passed without a token: ${passing(ofNobody).join(', ')}`)
    // One request has a foreign Host, to try DNS rebinding: that is refused before a token is looked for.
    const { 401: refused = 0, 403: foreign = 0, ...others } = Object.fromEntries(closed.statuses)
    if (refused === 0 || foreign !== 1 || Object.keys(others).length > 0)
      throw new Error(`Answered without a token: ${JSON.stringify([...closed.statuses])}`)
  })
}

await check(environment('@modelcontextprotocol/client'), 'lists, calls and reads for its user', async () => {
  const ours = await sdk2.openOurs()
  const client = new Client({ name: 'checks', version: '1.0.0' }, { versionNegotiation: { mode: 'auto' } })
  const headers = { authorization: `Bearer ${await tokenFor(ours.url, 'alice')}` }
  await client.connect(new StreamableHTTPClientTransport(new URL(ours.url), { requestInit: { headers } }))
  const { tools } = await client.listTools()
  if (tools.length < 10) throw new Error(`${tools.length} tools`)
  const words = textOf(await client.callTool({ name: 'test_simple_text', arguments: {} }))
  if (!words.includes('simple text')) throw new Error(words)
  const { contents } = await client.readResource({ uri: 'test://template/7/data' })
  if (!contents[0].text.includes('"id":"7"')) throw new Error(contents[0].text)
  await client.close()
  await ours.close()
})

for (const [name, { openOurs }] of [
  ['on SDK 2', sdk2],
  ['on SDK 1', sdk1],
]) {
  await check(environment('@ai-sdk/mcp'), `lists and calls ${name}, and is refused without a token`, async () => {
    const ours = await openOurs()
    const connect = (headers) => createMCPClient({ transport: { type: 'http', url: ours.url, headers } })
    const client = await connect({ authorization: `Bearer ${await tokenFor(ours.url, 'alice')}` })
    const tools = await client.tools()
    const result = await tools.test_simple_text.execute({}, { toolCallId: 'call-1', messages: [] })
    if (!textOf(result).includes('simple text')) throw new Error(JSON.stringify(result))
    await client.close()
    const refused = await connect({}).then(
      () => undefined,
      (error) => String(error.message),
    )
    if (refused === undefined || !/401|Unauthorized/i.test(refused)) throw new Error(`Not refused: ${refused}`)
    await ours.close()
  })
}
process.exit(0)
