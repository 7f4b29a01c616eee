/**
 * What the program of every framework must stand, over real sockets. For tests only.
 */
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Server } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import type { LiveSessions } from 'user-execution-context'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { answerTo, ask, begin, portOf } from './client.ts'
import { expectRow, type TwoUserRow } from './two-user-rows.ts'

/** What a program in examples/ exports. */
export type ExampleProgram = {
  readonly server: Server
  readonly tokens: Map<string, { userId: string; sessionId: string; expiresAtMs: number }>
  readonly sessions: LiveSessions
  /** The reports that are being written, by request id. */
  readonly reports: Set<string>
}

/** How a program answers where frameworks differ. */
export type ExampleTraits = {
  /** The answer or the refusal in the body: a framework with a protocol of its own wraps both. */
  readonly unwrap?: (body: never) => unknown
  /** The page of docs/guides whose requests are sent. Default: no list has an address. */
  readonly guide?: string
  /** How the table of docs/http.md names what is run. */
  readonly row: TwoUserRow
  /** Whether the framework itself keeps the message of any error from the client. Default true. */
  readonly tellsNothing?: boolean
}

/** Words that are for the developer, and in no answer. */
const developerWords = /identity provider|createForUser|Authorization: Bearer|node_modules|at .*:\d+:\d+/

export const describeExample = (
  load: () => Promise<ExampleProgram>,
  { unwrap, guide, row, tellsNothing = true }: ExampleTraits,
): void => {
  const read = (text: string): unknown => (unwrap === undefined ? JSON.parse(text) : unwrap(JSON.parse(text) as never))
  let program: ExampleProgram
  let port: number
  beforeAll(async () => {
    process.env['PORT'] = '0'
    program = await load()
    port = await portOf(program.server)
  })
  afterAll(async () => {
    program.server.closeAllConnections()
    await new Promise((closed) => program.server.close(closed))
  })

  const newUser = (userId: string, lifetimeMs = 3_600_000): string => {
    const token = `token-${randomUUID()}`
    program.tokens.set(token, { userId, sessionId: `s-${token}`, expiresAtMs: Date.now() + lifetimeMs })
    return token
  }
  const pathOf = (list: string): string => (guide === undefined ? '/notes' : `/notes/${list}`)
  const note = (token: string | undefined, text: string, list = 'of-nobody') =>
    ask(port, { method: 'POST', path: pathOf(list), token, body: { text } })
  const isWriting = () => expect.poll(() => program.reports.size, { timeout: 20_000 })

  test('keeps two users apart in 40 requests at once', async () => {
    const users = ['ada', 'bob'] as const
    const tokens = { ada: newUser('ada'), bob: newUser('bob') }
    const answers = await Promise.all(
      Array.from({ length: 40 }, async (_, index) => {
        const user = users[index % 2]!
        const { status, text } = await note(tokens[user], `secret of ${user} ${index}`, user)
        return { user, index, status, text }
      }),
    )
    let crossed = 0
    for (const { user, index, status, text } of answers) {
      expect(status, text).toBeLessThan(300)
      const { notes, user: named } = read(text) as { notes: string[]; user: string }
      if (named !== user || notes.some((own) => own.startsWith('secret') && !own.includes(user))) crossed++
      expect(notes).toContain(`secret of ${user} ${index}`)
    }
    expect(crossed).toBe(0)
    expectRow(row, { users: users.length, requests: answers.length, crossed })
    for (const user of users) {
      const { notes } = read((await note(tokens[user], 'last', user)).text) as { notes: string[] }
      expect(notes.filter((own) => own.startsWith('secret'))).toHaveLength(20)
    }
  })

  test.each([
    ['no token', undefined],
    ['a token that nobody has', 'stranger'],
    ['a token of another form', 'a b'],
  ])('refuses a request with %s, and tells nothing that is for the developer', async (_what, token) => {
    const { status, headers, text } = await note(token, 'hi')
    expect(status).toBe(401)
    expect(headers['www-authenticate']).toBe('Bearer')
    expect(read(text)).toMatchObject({ code: 'ERR_CONTEXT_IDENTITY_REFUSED', message: 'Please sign in.' })
    expect(text).not.toMatch(developerWords)
  })

  if (guide !== undefined)
    test('gives the answers of its guide: keeps two users apart, and refuses a stranger', async () => {
      const page = readFileSync(`../../docs/guides/${guide}.md`, 'utf8')
      const sent = Array.from(page.matchAll(/^note (\w+) '([\w-]+): (.+)'$/gm))
      const answers = []
      for (const [, list, header, value] of sent) {
        const headers = { [header!]: value! }
        const { status, text } = await ask(port, { method: 'POST', path: pathOf(list!), headers, body: { text: 'hi' } })
        answers.push(`${text} ${status}\n`)
      }
      expect(answers.map((answer) => answer.slice(-4, -1))).toEqual(expect.arrayContaining(['404', '401']))
      expect(/^```text\n([\s\S]*?)^```/m.exec(page)![1]).toBe(answers.join(''))
    })

  test('refuses a token that comes twice: a proxy may have checked the other one', async () => {
    const sent = begin(port, { path: '/report' })
    sent.setHeader('authorization', ['Bearer token-of-ada', 'Bearer token-of-bob'])
    sent.end()
    expect((await answerTo(sent)).status).toBe(401)
  })

  test('ends the work of a client that has gone', async () => {
    const sent = begin(port, { path: '/report', token: newUser('ada') })
    sent.on('error', () => undefined)
    sent.end()
    await isWriting().toBe(1)
    sent.destroy()
    await isWriting().toBe(0)
  })

  test('ends the work of many clients that have gone, and of no other', async () => {
    const cut = Array.from({ length: 20 }, () => begin(port, { path: '/report', token: newUser('ada') }))
    const kept = begin(port, { path: '/report', token: newUser('bob') })
    for (const sent of [...cut, kept]) sent.on('error', () => undefined).end()
    await isWriting().toBe(21)
    for (const sent of cut) sent.destroy()
    await isWriting().toBe(1)
    kept.destroy()
    await isWriting().toBe(0)
  })

  test('ends a request whose identity expires in the middle of it, with 401', async () => {
    const { status, text } = await ask(port, { path: '/report', token: newUser('ada', 500) })
    expect(status).toBe(401)
    expect(text).not.toMatch(developerWords)
    await isWriting().toBe(0)
  })

  test('ends a request whose session is signed out in the middle of it, with 401, and no other', async () => {
    const token = newUser('ada')
    const other = begin(port, { path: '/report', token: newUser('bob') })
    other.on('error', () => undefined).end()
    const answer = ask(port, { path: '/report', token })
    await isWriting().toBe(2)
    const revoked = await program.sessions.revoke({ user: { namespace: 'tokens', userId: 'ada' } })
    expect(revoked).toBeGreaterThan(0)
    expect((await answer).status).toBe(401)
    await isWriting().toBe(1)
    expect((await note(token, 'hi', 'ada')).status).toBe(401)
    other.destroy()
    await isWriting().toBe(0)
  })

  test('takes a body that arrives late, of two users at once', async () => {
    // A sign-out of the test before holds for proofs that were issued before it: another user.
    const late = ['carol', 'bob'].map((user) => {
      const body = { text: `late of ${user}` }
      const sent = begin(port, { method: 'POST', path: pathOf(user), token: newUser(user), body })
      const answer = answerTo(sent)
      const text = JSON.stringify(body)
      sent.write(text.slice(0, 5))
      return { user, answer, sent, rest: text.slice(5) }
    })
    await pause(150)
    for (const { sent, rest } of late) sent.end(rest)
    for (const { user, answer } of late) {
      const { status, text } = await answer
      expect(status, text).toBeLessThan(300)
      expect(text).toContain(`late of ${user}`)
      expect(read(text)).toMatchObject({ user })
    }
  })

  test('answers a body of another form with a status of the client, and keeps nothing of it', async () => {
    const token = newUser('dave')
    const bodies = ['{}', '{"text":{}}', 'null', '{'].map((body) => ['application/json', body])
    bodies.push(['application/x-www-form-urlencoded', 'note=hi'], ['text/plain', 'hi'])
    for (const [type, body] of bodies) {
      const headers = { 'content-type': type!, 'content-length': String(body!.length) }
      const sent = begin(port, { method: 'POST', path: pathOf('dave'), token, headers })
      const answer = answerTo(sent)
      sent.end(body)
      const { status, text } = await answer
      expect([400, 415], `${type} ${body} ${text}`).toContain(status)
      expect(text).not.toMatch(developerWords)
    }
    expect(read((await note(token, 'after', 'dave')).text)).toMatchObject({ notes: ['after'] })
  })

  test('answers a handler that throws without its words, and serves on', async () => {
    const { reports } = program
    reports.add = () => {
      throw new Error('A bug at node_modules/of-the-app')
    }
    const failed = await ask(port, { path: '/report', token: newUser('bob') })
    Reflect.deleteProperty(reports, 'add')
    expect(failed.status).toBe(500)
    if (tellsNothing) expect(failed.text).not.toMatch(developerWords)
    expect((await note(newUser('bob'), 'after', 'bob')).status).toBeLessThan(300)
  })
}
