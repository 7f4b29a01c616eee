// Section "core": creation, memory and compile-time cost of a context.
import { inFreshProcess, inFreshProcesses, printHeading, printRow } from './measure.mjs'

export function core() {
  const pair = (name) => inFreshProcesses(5, 'bench/creation.mjs', name)
  printHeading('CPU of one operation / Object.freeze({ 10 fields, randomUUID(), Date.now() })')
  printRow('control: the frozen literal / itself', pair('control'))
  printRow('createForUser(user): makes three ids', pair('generating'), 1.25)
  printRow('createForUser(user, { threadId, runId }): makes one, checks two', pair('creation'), 1.25)
  printRow('deriveChild(context with metadata)', pair('child'))
  printRow('isUserExecutionContext(context)', pair('check'))
  printRow('createForUser with metadata / literal + structuredClone + freeze', pair('metadata'))

  const bytes = inFreshProcess('bench/creation.mjs', 'bytes')
  printHeading('Bytes that one context keeps alive / the frozen literal')
  printRow(`createForUser: ${bytes.ours.toFixed(0)} bytes / ${bytes.literal.toFixed(0)} bytes`, bytes, 0.5)

  printHeading('Type instantiations of tsc per call site (deterministic)')
  for (const { compiler, sealed, plain } of inFreshProcess('bench/compile.mjs', 'instantiations')) {
    const extra = sealed - plain
    const verdict = extra <= 0 ? '  at most 0: holds' : '  at most 0: MISSED'
    if (extra > 0) process.exitCode = 1
    console.log(`  ${compiler.padEnd(16)} sealed ${sealed}, plain interface ${plain}, extra ${extra}${verdict}`)
  }

  printHeading("Consumer's tsc: a file that imports type-fest / one that does not")
  printRow(
    'import type { JsonObject } from type-fest (public types avoid it)',
    inFreshProcess('bench/compile.mjs', 'type-fest'),
  )
}
