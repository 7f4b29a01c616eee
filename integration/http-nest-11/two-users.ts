// What an app of Nest must stand: two users at once over HTTP and in its gateway, a stranger, a client that leaves, a
// sign-out; and what it answers when the guard was forgotten.
import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import { openApp } from './app'
import type { Setting } from './app'
import type { LiveClient } from './live-client'

type Connect = (port: number, token?: string) => LiveClient
type Create = Setting['create']

/** With the guard. `refusal` is how the gateway ends a client that has no user. Gives what was counted. */
export const expectTwoUsersApart = async (create: Create, connect: Connect, refusal: number | string) => {
  const { app, port, sessions, open } = await openApp({ create, guarded: true })
  try {
    const counts = await expectNotesApart(port)
    expectSame(await answerOf(port), [401, signIn])
    await expectEndOfWork(port, open)

    const [ada, bob, stranger] = [connect(port, 'ada'), connect(port, 'bob'), connect(port)]
    await until(() => ada.isOpen() && bob.isOpen())
    for (const client of [ada, bob]) client.say('whoami')
    await until(() => ada.received.length === 1 && bob.received.length === 1)
    expectSame(ada.received, [{ event: 'you', data: 'ada' }])
    expectSame(bob.received, [{ event: 'you', data: 'bob' }])
    await until(() => stranger.ended.by !== undefined)
    assert.equal(stranger.ended.by, refusal)

    await sessions.revoke({ user: { namespace: 'tokens', userId: 'ada' } })
    await until(() => ada.ended.by !== undefined)
    assert.equal(ada.ended.by, refusal)
    expectSame(await answerOf(port, 'ada'), [401, signIn])
    bob.say('whoami')
    await until(() => bob.received.length === 2)
    bob.close()
    return counts
  } finally {
    await app.close()
  }
}

/** Without the guard: nobody is served, and nobody is told why. */
export const expectRefusal = async (create: Create, connect: Connect) => {
  const { app, port } = await openApp({ create, guarded: false })
  try {
    expectSame(await answerOf(port, 'ada'), [500, ourSide])
    const ada = connect(port, 'ada')
    await until(ada.isOpen)
    ada.say('whoami')
    await until(() => ada.received.length > 0)
    expectSame(ada.received, [{ event: 'exception', data: { status: 'error', ...ourSide } }])
    ada.close()
  } finally {
    await app.close()
  }
}

const signIn = { code: 'ERR_CONTEXT_IDENTITY_REFUSED', message: 'Please sign in.' }
const ourSide = { code: 'ERR_CONTEXT_NOT_ISSUED', message: 'Something went wrong on our side.' }

async function expectNotesApart(port: number) {
  const texts = Array.from({ length: 40 }, (_, index) => ({ user: index % 2 ? 'ada' : 'bob', text: `note ${index}` }))
  const answers = await Promise.all(texts.map(({ user, text }) => answerOf(port, user, `${text} of ${user}`)))
  let crossed = 0
  for (const [index, [status, body]] of answers.entries()) {
    const { user, text } = texts[index]
    assert.equal(status, 201)
    assert.ok(body.notes?.includes(`${text} of ${user}`))
    if (body.user !== user || body.notes?.some((note) => !note.endsWith(` of ${user}`))) crossed += 1
  }
  assert.equal(crossed, 0)
  const [, last] = await answerOf(port, 'ada', 'last of ada')
  assert.equal(last.notes?.length, 21)
  return { users: new Set(texts.map(({ user }) => user)).size, requests: answers.length, crossed }
}

async function expectEndOfWork(port: number, open: { readonly scopes: number }) {
  const leaving = new AbortController()
  const headers = { authorization: 'Bearer bob' }
  const left = fetch(`http://127.0.0.1:${port}/wait`, { headers, signal: leaving.signal }).catch(() => {})
  await until(() => open.scopes === 1)
  leaving.abort()
  await left
  await until(() => open.scopes === 0)
}

type Body = { readonly code?: string; readonly message?: string; readonly user?: string; readonly notes?: string[] }

async function answerOf(port: number, token?: string, text = 'note'): Promise<[number, Body]> {
  const authorization: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const headers = { 'content-type': 'application/json', ...authorization }
  const body = JSON.stringify({ text })
  const response = await fetch(`http://127.0.0.1:${port}/notes`, { method: 'POST', headers, body })
  return [response.status, (await response.json()) as Body]
}

async function until(isTrue: () => boolean) {
  for (let tries = 0; tries < 3_000 && !isTrue(); tries += 1) await pause(10)
  assert.ok(isTrue(), `Waited for nothing: ${isTrue}`)
}

// As text: under Jest, what fetch() gives has other prototypes than what a test makes.
function expectSame(found: unknown, wanted: unknown) {
  assert.equal(JSON.stringify(found), JSON.stringify(wanted))
}
