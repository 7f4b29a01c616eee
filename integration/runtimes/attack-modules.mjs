// Attacks the core as this runtime imports and requires it, and prints what was not refused.
import { createRequire } from 'node:module'
import process from 'node:process'
import * as core from 'user-execution-context'
import { currentContext, runWithContext } from 'user-execution-context/ambient'
import * as restricted from 'user-execution-context/restricted'
import { attack } from '../harness/attack.mjs'
import { rows } from './.data/forgeries/rows.mjs'

const require = createRequire(import.meta.url)
const required = require('user-execution-context')
const context = core.createForUser(restricted.vouchForUser('user-1', { reason: 'a runtime' }))
console.log(
  JSON.stringify({
    imported: (await attack(rows, { core, restricted })).failures,
    required: (await attack(require('./.data/forgeries/rows.cjs').rows, { core: required, restricted })).failures,
    oneSeal: required.isUserExecutionContext(context),
    ambient: runWithContext(context, () => currentContext() === context),
  }),
)
process.exit(0)
