// Section "core": creation, printing, memory and compile-time cost of a context, on each Node that the package
// supports.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { installLock } from '../integration/harness/install.mjs'
import { inFreshProcess, inFreshProcesses, inProcessOf, printHeading, printRatios, printRow } from './measure.mjs'

const peers = ['ajv', 'typebox', 'arktype', 'valibot', 'zod', 'effect', 'class-validator']
const nodes = ['20.19.0', '22.12.0', '24', '26']

export async function core() {
  await installLock('bench/peers')
  await installLock('integration/node-binaries')
  const binaries = nodes.map((version) => join('integration/node-binaries/node_modules', `node-${version}`, 'bin/node'))
  const missing = binaries.filter((binary) => !existsSync(binary))
  if (missing.length > 0) throw new Error(`No such Node for this platform: ${missing.join(', ')}`)
  const versions = binaries.map((binary) => spawnSync(binary, ['--version'], { encoding: 'utf8' }).stdout.trim())

  const measure = (name, goal, pair, ...words) => {
    // Where a ratio is far from its goal, what V8 inlines in one process decides nothing.
    const processes = pair === 'peer' || pair === 'check' ? 1 : 3
    const ratios = binaries.map((binary) => inFreshProcesses(processes, binary, 'bench/creation.mjs', pair, ...words))
    printRatios(name, ratios, goal)
  }
  printHeading('CPU of one operation / Object.freeze({ 10 fields, randomUUID(), Date.now() })', versions)
  measure('control: the frozen literal / itself', {}, 'control')
  measure('createForUser(user): makes three ids', { atMost: 1.25 }, 'generating')
  measure('createForUser(user, { threadId, runId }): makes one, checks two', { atMost: 1.15 }, 'checking')
  measure('deriveChild(context)', {}, 'child')
  measure('isUserExecutionContext(context)', {}, 'check')

  printHeading('CPU of one operation / what it replaces', versions)
  measure(
    'making a context and printing it / making it and JSON.stringify of the fields',
    { atMost: 1.5 },
    'printingFirst',
  )
  measure('printing a context once more / JSON.stringify of the same fields', { atMost: 1.5 }, 'printing')
  measure("identityProvider() / zod's parse of the same facts", { atMost: 1 }, 'identity')
  measure('createForUser with two records / literal, structuredClone, freeze', { atMost: 1 }, 'isolation')

  printHeading('CPU of asking for the end of an identity / what it replaces', versions)
  const measureEnd = (name, goal, pair) =>
    printRatios(
      name,
      binaries.map((binary) => inFreshProcesses(3, binary, 'bench/liveness-pairs.mjs', pair)),
      goal,
    )
  measureEnd('control: assertUserExecutionContext / itself', {}, 'control')
  measureEnd('assertLive with a registry / assertUserExecutionContext', { atMost: 1.5 }, 'registry')
  measureEnd('assertLive without one / one clock reading', {}, 'clock')

  printHeading('CPU of a library that checks, with structuredClone and freeze / createForUser, two records', versions)
  for (const peer of peers) measure(peer, { atLeast: 4 }, 'peer', peer)

  printHeading('Bytes that one context keeps alive / the frozen literal', versions)
  const bytes = binaries.map((binary) => inProcessOf(binary, 'bench/creation.mjs', 'bytes'))
  printRatios('createForUser', bytes, { atMost: 0.4 })
  console.log(`  (${bytes.map(({ ours, literal }) => `${ours.toFixed(0)} / ${literal.toFixed(0)}`).join(', ')} bytes)`)

  printHeading('Type instantiations of tsc per call site over a plain interface (deterministic)')
  for (const { compiler, sealed, plain } of inFreshProcess('bench/compile.mjs', 'instantiations')) {
    const extra = sealed - plain
    printRow(compiler, { median: extra, low: extra, high: extra }, 0)
  }

  printHeading("Consumer's tsc: a file that imports type-fest / one that does not")
  printRow(
    'import type { JsonObject } from type-fest (public types avoid it)',
    inFreshProcess('bench/compile.mjs', 'type-fest'),
  )
}
