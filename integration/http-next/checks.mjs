// The app of examples/next, built and started as in production: route handlers, a server action and pages, over real
// sockets. The pages of app/ beside this file are laid into it, for what a test must ask. It is built a second time
// with the core in its bundles, which must say what is wrong, and run a third time by the development server.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, cpSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { toTwoUserCells } from '../../scripts/table-row.mjs'
import { check } from '../harness/check.mjs'
import { expectRow } from '../harness/expect-row.mjs'
import { runProgram } from '../harness/run-program.mjs'
import { answerTo, ask, begin, send } from './client.mjs'

const here = import.meta.dirname
const example = join(here, '../../examples/next')
const site = join(here, '.data/site')
const next = join(here, 'node_modules/next/dist/bin/next')
const { version } = createRequire(import.meta.url)('next/package.json')
const environment = `Next.js ${version}`
const words = /identity provider|createForUser|Authorization: Bearer|node_modules|at .*:\d+:\d+/
const refusal = '{"code":"ERR_CONTEXT_IDENTITY_REFUSED","message":"Please sign in."}'
const quiet = { NEXT_TELEMETRY_DISABLED: '1' }
let stop = () => undefined
let port = await start()

await check(environment, 'answers what its guide says', async () => {
  const page = readFileSync(join(here, '../../docs/guides/next.md'), 'utf8')
  const answers = []
  for (const [, header, value] of page.matchAll(/^note '([\w-]+): (.+)'$/gm)) {
    const headers = { [header]: value, 'content-type': 'application/json' }
    const answer = await fetch(`http://127.0.0.1:${port}/api/notes`, { method: 'POST', headers, body: '{"text":"hi"}' })
    answers.push(`${await answer.text()} ${answer.status}\n`)
  }
  const said = /^```text\n([\s\S]*?)^```/m.exec(page)[1]
  if (answers.length < 3 || said !== answers.join('')) throw new Error(`The guide differs: ${answers.join('')}`)
})

await check(environment, 'two users in 40 requests at once, in route handlers and a server action', async () => {
  const notes = Object.fromEntries(
    await Promise.all(['ada', 'bob'].map(async (user) => [user, await findForm(port, user)])),
  )
  const all = await Promise.all(
    Array.from({ length: 40 }, async (_, index) => {
      const user = index % 2 === 0 ? 'ada' : 'bob'
      const text = `secret of ${user} ${index}`
      if (index % 4 > 1) return { user, ...(await send(port, notes[user], user, text)) }
      return { user, ...(await ask(port, '/api/notes', user, { text })) }
    }),
  )
  const other = { ada: 'secret of bob', bob: 'secret of ada' }
  for (const { user, status, text } of all)
    if (status !== 200) throw new Error(`${user} gets ${status} ${text.slice(0, 500)}`)
  const crossed = all.filter(({ user, text }) => text.includes(other[user])).length
  if (crossed > 0) throw new Error(`${crossed} answers crossed`)
  const files = readdirSync(example, { recursive: true }).filter((file) => /\.tsx?$/.test(file))
  const source = files.map((file) => readFileSync(join(example, file), 'utf8')).join('')
  const counts = { users: Object.keys(notes).length, requests: all.length, crossed }
  const row = { program: 'examples/next', measuredAs: 'next' }
  expectRow('docs/http.md', 'Next.js', version, toTwoUserCells(row, source, counts))
  for (const user of ['ada', 'bob']) {
    const { notes: own } = JSON.parse((await ask(port, '/api/notes', user, { text: 'last' })).text)
    if (own.filter((note) => note.startsWith(`secret of ${user}`)).length !== 20) throw new Error(own.join())
  }
  const { text } = await ask(port, '/', 'ada')
  const [, id, shown, again] = /<b id="([^"]+)">(\w+)<\/b>.*request (?:<!-- -->)?([\w-]+)/.exec(text) ?? []
  if (shown !== 'ada' || id !== again) throw new Error(`A page has ${id} and ${again} of ${shown}`)
})

await check(environment, 'a stranger is refused by a route, a page and an action', async () => {
  const refused = await ask(port, '/api/notes', 'nobody', { text: 'hi' })
  if (refused.status !== 401 || refused.text !== refusal || refused.headers['www-authenticate'] !== 'Bearer')
    throw new Error(`${refused.status} ${refused.text}`)
  const page = await ask(port, '/', 'nobody')
  if (page.headers.location !== '/sign-in') throw new Error(`A page answers ${page.status}`)
  const action = await send(port, await findForm(port, 'ada'), 'nobody', 'hi')
  if (action.headers.location !== '/sign-in') throw new Error(`An action answers ${action.status}`)
  const failed = await ask(port, '/api/bug', 'ada')
  if (failed.status !== 500 || words.test(failed.text)) throw new Error(`A handler that throws: ${failed.text}`)
  for (const body of [{}, null, { text: 7 }, new URLSearchParams({ text: 'hi' })]) {
    const { status, text } = await ask(port, '/api/notes', 'ada', body)
    if (status !== 400 || words.test(text)) throw new Error(`A body of another form: ${status} ${text}`)
  }
})

await check(environment, 'ends with its client and with the identity, and takes a body that arrives late', async () => {
  await expectReports(0)
  // Next.js calls GET for HEAD, and drops the body unread.
  const head = begin(port, 'HEAD', '/api/report?stream=yes', 'ada')
  const answered = answerTo(head)
  head.end()
  if ((await answered).status !== 200) throw new Error('HEAD is not answered')
  await expectReports(0)
  const cut = ['ada', 'bob'].map((user) => begin(port, 'GET', '/api/report', user))
  for (const sent of cut) sent.on('error', () => undefined).end()
  await expectReports(2)
  cut[0].destroy()
  await expectReports(1)
  await ask(port, '/api/report?user=carol&ms=3000000', 'ada', {})
  if ((await ask(port, '/', 'carol')).status !== 200) throw new Error('A page is not shown to carol')
  const ended = ask(port, '/api/report', 'carol')
  await expectReports(2)
  await ask(port, '/api/report?end=carol', 'ada', {})
  if ((await ended).status !== 401) throw new Error('A report of a user who was signed out goes on')
  if ((await ask(port, '/', 'carol')).status !== 307) throw new Error('A page is shown to a user who was signed out')
  await expectReports(1)
  cut[1].destroy()
  const late = begin(port, 'POST', '/api/notes', 'bob')
  late.write('{"text":')
  await pause(200)
  late.end('"late"}')
  if (!(await answerTo(late)).text.includes('"late"')) throw new Error('The late body is lost')
})

await check(
  environment,
  'a token that expires ends a route in mid-request, and no page or action takes it',
  async () => {
    const action = await findForm(port, 'ada')
    await expectReports(0)
    await ask(port, '/api/report?user=dora&ms=5000', 'ada', {})
    if ((await ask(port, '/', 'dora')).status !== 200) throw new Error('A page is not shown to dora')
    const ended = ask(port, '/api/report', 'dora')
    await expectReports(1)
    const { status, text } = await ended
    if (status !== 401 || text !== refusal) throw new Error(`A report goes on: ${status} ${text}`)
    await expectReports(0)
    const route = await ask(port, '/api/notes', 'dora', { text: 'late' })
    if (route.status !== 401 || route.text !== refusal) throw new Error(`A route answers ${route.text}`)
    if ((await ask(port, '/', 'dora')).headers.location !== '/sign-in') throw new Error('A page is shown')
    if ((await send(port, action, 'dora', 'late')).headers.location !== '/sign-in') throw new Error('An action is done')
  },
)

await check(environment, 'sends a component of the browser nothing that names the user', async () => {
  const { text } = await ask(port, '/prop', 'ada')
  if (!text.includes('userHash') || /\bada\b|\bs-1\b/.test(text)) throw new Error(text)
})

await check(environment, 'has one seal for all bundles; a build without serverExternalPackages names it', async () => {
  await ask(port, '/seal', 'ada')
  const { text } = await ask(port, '/api/seal', 'ada')
  if (text !== '{"taken":true}') throw new Error(text)
  const { exitCode, output } = await build({ BUNDLED: 'yes' })
  if (exitCode === 0 || !output.includes('serverExternalPackages')) throw new Error(`The build says nothing: ${output}`)
})

await check(environment, 'a file with server-only is not built into the browser', async () => {
  const { exitCode, output } = await build({ LEAK: 'yes' })
  if (exitCode === 0 || !/server-only/.test(output) || !output.includes('app/notes.ts')) throw new Error(output)
})
stop()

await check(
  `${environment}, next dev`,
  'two users in 40 requests at once, an edit between them, one seal',
  async () => {
    lay()
    port = await serve('dev')
    await expectServed()
    // The server loads a file anew that was edited: its users, their contexts and the seal are to fit each other still.
    appendFileSync(join(site, 'app/users.ts'), '\nexport const edited = true\n')
    await expectServed()
    await ask(port, '/seal', 'ada')
    const { text } = await ask(port, '/api/seal', 'ada')
    if (text !== '{"taken":true}') throw new Error(text)
  },
)
stop()
process.exit(0)

/** Two users in turn by a route and by an action, and a stranger who is refused. */
async function expectServed() {
  const forms = { ada: await findForm(port, 'ada'), bob: await findForm(port, 'bob') }
  const answers = await Promise.all(
    Array.from({ length: 40 }, async (_, index) => {
      const user = index % 2 === 0 ? 'ada' : 'bob'
      const sent = `secret of ${user} ${index}`
      const answer = index % 4 > 1 ? send(port, forms[user], user, sent) : ask(port, '/api/notes', user, { text: sent })
      return { user, ...(await answer) }
    }),
  )
  for (const { user, status, text } of answers) {
    if (status !== 200 || !text.includes(user)) throw new Error(`${user} gets ${status} ${text.slice(0, 500)}`)
    if (text.includes(`secret of ${user === 'ada' ? 'bob' : 'ada'}`)) throw new Error(`An answer crossed: ${user}`)
  }
  const refused = await ask(port, '/api/notes', 'nobody', { text: 'hi' })
  if (refused.status !== 401 || refused.text !== refusal) throw new Error(`${refused.status} ${refused.text}`)
  const page = await ask(port, '/', 'nobody')
  if (page.headers.location !== '/sign-in') throw new Error(`A page answers ${page.status}`)
}

function lay() {
  rmSync(site, { recursive: true, force: true })
  cpSync(example, site, { recursive: true })
  cpSync(join(example, 'next.config.mjs'), join(site, 'example.config.mjs'))
  cpSync(join(here, 'next.config.mjs'), join(site, 'next.config.mjs'))
  cpSync(join(here, 'app'), join(site, 'app'), { recursive: true })
}

function build(environment = {}) {
  lay()
  return runProgram(process.execPath, [next, 'build'], { cwd: site, environment: { ...quiet, ...environment } })
}

async function start() {
  const { exitCode, output } = await build()
  if (exitCode !== 0) throw new Error(output)
  return serve('start')
}

async function serve(command) {
  const free = createServer().listen(0, '127.0.0.1')
  await once(free, 'listening')
  const { port: chosen } = free.address()
  await new Promise((closed) => free.close(closed))
  const words = [next, command, '-p', String(chosen), '-H', '127.0.0.1']
  const child = spawn(process.execPath, words, { cwd: site, env: { ...process.env, ...quiet }, stdio: 'ignore' })
  stop = () => child.kill()
  for (let tries = 0; tries < 150; tries++) {
    const { status } = await ask(chosen, '/sign-in', 'ada').catch(() => ({ status: 0 }))
    if (status === 200) return chosen
    await pause(200)
  }
  throw new Error('Next.js does not start')
}

async function expectReports(count) {
  let reports
  for (let tries = 0; tries < 100; tries++) {
    reports = JSON.parse((await ask(port, '/api/report', 'ada', {})).text).reports
    if (reports === count) return
    await pause(50)
  }
  throw new Error(`${reports} reports are written, and not ${count}`)
}

/** The name of the action in the form of the page, which a browser without JavaScript sends back. */
async function findForm(at, user) {
  const { text } = await ask(at, '/', user)
  return /name="(\$ACTION_ID_\w+)"/.exec(text)?.[1] ?? fail(`The page has no form: ${text.slice(0, 300)}`)
}

function fail(message) {
  throw new Error(message)
}
