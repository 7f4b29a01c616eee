// The packages of ES modules, in a program that uses `require`: each entry point loads, and gives what `import` gives.
import { createRequire } from 'node:module'
import { check } from '../harness/check.mjs'

const require = createRequire(import.meta.url)
const entryPoints = {
  'transfer': ['', '/contracts'],
  'golden-path': ['', '/login', '/server', '/contracts'],
  'mcp': ['', '/sdk-1'],
  'postgres': [''],
}
const core = require('user-execution-context')
const { vouchForUser } = require('user-execution-context/restricted')
const context = core.createForUser(vouchForUser('user-1', { reason: 'one seal' }))

for (const [name, paths] of Object.entries(entryPoints))
  await check(
    `${name}, Node ${process.versions.node}`,
    'every entry point loads by require, with one seal',
    async () => {
      for (const path of paths) await expectSame(`@user-execution-context/${name}${path}`)
    },
  )
await check(`transfer, Node ${process.versions.node}`, 'seals and opens a context of the core by require', async () => {
  const { openSealed, sealContext, sealingKeys } = require('@user-execution-context/transfer')
  const k = Buffer.alloc(32, 7).toString('base64url')
  const { sealer, opener } = sealingKeys({ workload: 'web', keys: [{ kty: 'oct', alg: 'A256GCM', kid: '1', k }] })
  const hop = { audience: 'worker', purpose: 'report', bind: new Uint8Array([1]) }
  const text = await sealContext(context, { ...hop, sealer, ttlMs: 60_000 })
  const opened = await openSealed(text, { ...hop, opener, liveness: 'end-only' })
  if (!core.isUserExecutionContext(opened) || opened.userId !== 'user-1') throw new Error('Opened as somebody else')
})

async function expectSame(name) {
  const [required, imported] = [require(name), await import(name)]
  const names = Object.keys(imported)
  if (names.length === 0) throw new Error(`${name} exports nothing`)
  const other = names.filter((key) => required[key] !== imported[key])
  if (other.length > 0) throw new Error(`${name} gives other values by require: ${other.join(', ')}`)
}
