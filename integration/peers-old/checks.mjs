// The golden path in an application with older versions: installed without a conflict, and each works or is refused in
// a sentence. jose and ws are no peers: the application keeps its own beside those of the golden path.
import { existsSync, readFileSync } from 'node:fs'
import * as login from '@user-execution-context/golden-path/login'
import * as server from '@user-execution-context/golden-path/server'
import WebSocket from 'ws'
import { check } from '../harness/check.mjs'
import { expectAgUiClient, expectTwoUsersApart, withServer } from '../harness/golden-path-checks.mjs'

const goldenPath = '@user-execution-context/golden-path'
const readVersion = (path) =>
  JSON.parse(readFileSync(new URL(`node_modules/${path}/package.json`, import.meta.url))).version
const environment = (name) =>
  `golden-path, ${name} ${readVersion(name)} in the application, Node ${process.versions.node}`

for (const [name, major] of Object.entries({ jose: '6', ws: '8' }))
  await check(environment(name), `the golden path runs on ${name} ${major} of its own`, () => {
    const nested = `${goldenPath}/node_modules/${name}`
    const version = readVersion(existsSync(new URL(`node_modules/${nested}`, import.meta.url)) ? nested : name)
    if (version.split('.')[0] !== major) throw new Error(`The golden path has ${name} ${version}`)
  })
await check(environment('ws'), 'its sockets talk to the server, two users stay apart', () =>
  withServer({ login, server }, (host) => expectTwoUsersApart(host, { WebSocket })),
)
await check(environment('@ag-ui/client'), 'the stock client runs an agent', async () => {
  const client = await import('@ag-ui/client')
  await withServer({ login, server }, (host) => expectAgUiClient(host, client))
})
await check(environment('ai'), 'is refused in a sentence', async () => {
  const error = await findRefusal()
  if (error?.code !== 'ERR_CONTEXT_PEER_UNSUPPORTED' || !/\bai\b/.test(error.message)) throw new Error(`Got ${error}`)
})
process.exit(0)

async function findRefusal() {
  try {
    const { aiSdkAgent } = await import(`${goldenPath}/ai-sdk`)
    aiSdkAgent({})
    return undefined
  } catch (error) {
    return error
  }
}
