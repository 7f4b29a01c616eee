// Forty calls of two users in turn, all at once, and the row of docs/http.md that comes of them.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { countGlue } from '../../scripts/count-glue.mjs'
import { findMeasured } from '../../scripts/table-row.mjs'
import { expectRow } from '../harness/expect-row.mjs'
import { visitor } from './users.mjs'

const require = createRequire(import.meta.url)
const names = ['carol', 'dave']

/** Expects of `call(context, name, index)` a text that holds the name of its user, and not of the other. */
export async function expectApart({ sdk, library, program }, call) {
  const people = await Promise.all(names.map((name) => visitor(name)))
  const answers = await Promise.all(
    Array.from({ length: 40 }, (_, index) => call(people[index % 2], names[index % 2], index)),
  )
  for (const [index, text] of answers.entries()) assert.ok(text.includes(names[index % 2]), text)
  const crossed = answers.filter((text, index) => text.includes(names[1 - (index % 2)])).length
  assert.equal(crossed, 0)
  const { version } = require(`./node_modules/${library}/package.json`)
  const path = `integration/guides/programs/${program}`
  const glue = countGlue(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8'), 'user-execution-context')
  const [ours, control] = ['ours', 'control'].map((kind) => findMeasured('agents', `${sdk}: `, kind))
  const cost = ours === 'not measured' ? ours : `${ours} (${control})`
  expectRow('docs/http.md', sdk, version, [`[${path}](../${path})`, people.length, answers.length, crossed, glue, cost])
}
