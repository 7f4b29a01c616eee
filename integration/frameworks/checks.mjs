// What each framework answers by itself for an error of ours, and the golden path mounted below a prefix.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as core from 'user-execution-context'
import * as ws from 'ws'
import { check, expectNone } from '../harness/check.mjs'
import { expectTwoUsersApart, openParrot, toToken } from '../harness/golden-path-checks.mjs'
import {
  answerInFastify,
  defaultApps,
  fastifyName,
  mountInFastify,
  mountedApps,
  openFastify,
  withListening,
} from './apps.mjs'

// Express sends the stack of every error while NODE_ENV does not say that this is production.
process.env.NODE_ENV = 'production'
const root = process.env.INTEGRATION_ROOT
const node = `Node ${process.versions.node}`
const codes = [...new Set(readFileSync(join(root, 'docs/errors.md'), 'utf8').match(/ERR_CONTEXT_[A-Z_]+/g))]
const toError = (code) =>
  new core.ContextError(code, {
    issues: [{ path: 'inner.path', kind: 'missing' }],
    cause: new Error('inner cause'),
  })
const fail = (code) => {
  throw toError(code)
}

/**
 * What is wrong with the answers to all codes. `mayTell` says what of an answer may be told beside status and headers.
 */
async function findFaults(host, mayTell) {
  const faults = []
  for (const code of codes) {
    const response = await fetch(`http://${host}/${code}`)
    const body = await response.text()
    const error = toError(code)
    const { httpStatus } = core.toClientAnswer(error)
    if (response.status !== httpStatus) faults.push(`${code}: answers ${response.status}, not ${httpStatus}`)
    for (const [name, value] of Object.entries(error.headers ?? {}))
      if (response.headers.get(name) !== value) faults.push(`${code}: has no header ${name}: ${value}`)
    if (/inner cause|\bat .*:\d+:\d+/.test(body)) faults.push(`${code}: tells the cause or the stack`)
    if (!mayTell(error, body)) faults.push(`${code}: tells ${body}`)
  }
  if (codes.length < 50) faults.push(`Only ${codes.length} codes were found in docs/errors.md`)
  return faults
}

/** A framework tells the sentence of the status, or what a client may be told: never the text for the developer. */
const tellsNothingInternal = (error, body) => {
  const { code } = core.toClientAnswer(error)
  const told = [...body.matchAll(/ERR_CONTEXT_[A-Z_]+/g)].map(([found]) => found)
  return (
    !body.includes('inner.path') &&
    !error.message.split('. ').some((part) => body.includes(part)) &&
    told.every((found) => found === code)
  )
}

for (const [name, toServer] of Object.entries(defaultApps))
  await check(`${name}, ${node}`, `every error through its default handler: status, headers, no internal text`, () =>
    withListening(toServer(fail), async (host) => expectNone(await findFaults(host, tellsNothingInternal))),
  )

await check(
  `${fastifyName}, ${node}`,
  `every error with the line of docs/core.md: status, headers, no internal text`,
  async () => {
    await withListening(await openFastify(fail, answerInFastify), async (host) =>
      expectNone(await findFaults(host, tellsNothingInternal)),
    )
  },
)
// Fastify reads `message` and `code` of every error, whatever `expose` says: docs/core.md says so.
await check(
  `${fastifyName}, ${node}`,
  `every error through its default handler: status, headers, code and message`,
  async () => {
    const tellsMessage = (error, body) => {
      const { message, code, ...rest } = JSON.parse(body)
      return message === error.message && code === error.code && Object.keys(rest).sort().join() === 'error,statusCode'
    }
    await withListening(await openFastify(fail), async (host) => expectNone(await findFaults(host, tellsMessage)))
  },
)

const [login, server] = await Promise.all(
  ['login', 'server'].map((entry) => import(`@user-execution-context/golden-path/${entry}`)),
)
for (const [name, toServer] of Object.entries(mountedApps))
  await check(
    `${name}, ${node}`,
    'mounts the golden path below /api: its own page, two users over HTTP and WebSocket',
    async () => {
      const goldenPath = await openParrot({ login, server }, { prefix: '/api', log: () => {} })
      await withListening(await toServer(goldenPath), async (host) => {
        await expectPage(host)
        await expectTwoUsersApartOverHttp(host)
        await expectTwoUsersApart(host, ws, '/api/ws')
        await goldenPath.close()
      })
    },
  )
await check(`${fastifyName}, ${node}`, 'the pages have the lines that were run', () => {
  for (const [page, run] of [
    ['packages/golden-path/README.md', mountInFastify],
    ['docs/core.md', answerInFastify],
  ]) {
    const text = readFileSync(join(root, page), 'utf8')
    const lines = String(run).split('\n').slice(1, -1)
    expectNone(lines.map((line) => line.trim()).filter((line) => !text.includes(line)))
  }
})
process.exit(0)

async function expectPage(host) {
  const page = await (await fetch(`http://${host}/`)).text()
  if (page !== '<h1>the app</h1>') throw new Error(`The page of the app is ${page}`)
  if ((await fetch(`http://${host}/api/threads`)).status !== 401) throw new Error('A stranger gets threads')
}

async function expectTwoUsersApartOverHttp(host) {
  const heard = await Promise.all(['alice', 'bob'].map((userId) => runOverHttp(host, userId)))
  for (const [own, other, text] of [
    ['alice', 'bob', heard[0]],
    ['bob', 'alice', heard[1]],
  ]) {
    if (!text.includes('agent_completed') || !text.includes(`secret of ${own}`)) throw new Error(`${own} hears ${text}`)
    if (text.includes(`secret of ${other}`)) throw new Error(`${own} hears ${other}`)
  }
}

async function runOverHttp(host, userId) {
  const headers = { 'authorization': `Bearer ${toToken(userId)}`, 'content-type': 'application/json' }
  const body = JSON.stringify({ input: { text: `secret of ${userId}` } })
  const started = await fetch(`http://${host}/api/runs`, { method: 'POST', headers, body })
  const location = started.headers.get('location')
  if (started.status !== 202 || location === null) throw new Error(`A run starts with ${started.status}`)
  const stranger = { authorization: `Bearer ${toToken('mallory')}` }
  const foreign = await fetch(`http://${host}${location}`, { headers: stranger })
  if (foreign.status !== 404) throw new Error(`A foreign run answers ${foreign.status}`)
  return (await fetch(`http://${host}${location}`, { headers })).text()
}
