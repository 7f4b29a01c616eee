// The golden path with version 6 of the AI SDK and version 1 of AG-UI, loaded by `import` and by `require`.
import { createRequire } from 'node:module'
import { check } from '../harness/check.mjs'
import {
  expectAgUiClient,
  expectStreamedModel,
  expectTwoUsersApart,
  withServer,
} from '../harness/golden-path-checks.mjs'

const require = createRequire(import.meta.url)
const versionOf = (name) => require(`./node_modules/${name}/package.json`).version
const node = `Node ${process.versions.node}`
const goldenPath = '@user-execution-context/golden-path'
const entryPoints = ['', '/login', '/server', '/ai-sdk', '/ag-ui'].map((path) => goldenPath + path)
const [phases, login, server, aiSdk] = await Promise.all(entryPoints.map((name) => import(name)))
const ws = await import('ws')

await check(
  `golden-path, jose ${versionOf('jose')}, ${node}`,
  'every entry point loads by require, with one seal',
  async () => {
    for (const name of entryPoints) {
      const [required, imported] = [require(name), await import(name)]
      const other = Object.keys(imported).filter((key) => required[key] !== imported[key])
      if (other.length > 0) throw new Error(`${name} gives other values by require: ${other.join(', ')}`)
    }
    const context = require('user-execution-context').createForUser(
      require('user-execution-context/restricted').vouchForUser('user-1', { reason: 'one seal' }),
    )
    const runs = await phases.openGoldenPath({ agent: async function* () {} }).listRuns(context)
    if (runs.length !== 0) throw new Error('A new user has runs')
  },
)
await check(`golden-path, ws ${versionOf('ws')}, ${node}`, 'two users over WebSockets stay apart', () =>
  withServer({ login, server }, (host) => expectTwoUsersApart(host, ws)),
)
await check(
  `golden-path, @ag-ui/client ${versionOf('@ag-ui/client')}, ${node}`,
  'the stock client runs an agent',
  async () => {
    const client = await import('@ag-ui/client')
    await withServer({ login, server }, (host) => expectAgUiClient(host, client))
  },
)
await check(
  `golden-path, ai ${versionOf('ai')}, ${node}`,
  'a model over HTTP calls a tool and streams to its user',
  async () => {
    const [ai, openaiCompatible] = [await import('ai'), await import('@ai-sdk/openai-compatible')]
    await expectStreamedModel({ login, server, aiSdk, ai, openaiCompatible }, ws)
  },
)
process.exit(0)
