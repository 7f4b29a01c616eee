// What the programs that sign users in must show: two users, and a forged proof refused.
import { betterAuth } from 'better-auth'
import { memoryAdapter } from 'better-auth/adapters/memory'
import { toNodeHandler } from 'better-auth/node'
import { SignJWT } from 'jose'
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { Provider } from 'oidc-provider'
import * as openId from 'openid-client'
import passport from 'passport'
import { createForUser, liveSessions } from 'user-execution-context'
import * as auth from './programs/better-auth.ts'
import { openSignIn } from './programs/openid-client.ts'
import * as jwt from './programs/passport-jwt.ts'
import { each } from './users.mjs'

export const signInGuides = [
  {
    library: 'better-auth',
    what: 'a session is a user, and a stranger or the page of one is refused',
    run: expectSessions,
  },
  { library: 'passport-jwt', what: 'a token is a user, and a forged one is refused', run: expectTokens },
  { library: 'openid-client', what: 'a sign-in is a user, and of the browser that began it', run: expectSignIns },
]

async function expectSessions() {
  const http = createServer().listen(0, '127.0.0.1')
  await once(http, 'listening')
  const baseURL = `http://127.0.0.1:${http.address().port}`
  const app = betterAuth({
    database: memoryAdapter({ user: [], session: [], account: [], verification: [] }),
    secret: crypto.randomUUID() + crypto.randomUUID(),
    baseURL,
    telemetry: { enabled: false },
    rateLimit: { enabled: false },
    emailAndPassword: { enabled: true },
    // A copy of the session in a cookie of its own, which a sign-out does not reach.
    session: { cookieCache: { enabled: true, maxAge: 300 } },
  })
  http.on('request', toNodeHandler(await auth.openServer(app, [baseURL])))
  const ask = async (cookie, method = 'GET', more = { origin: baseURL }) => {
    const answer = await fetch(baseURL, { method, headers: { ...(cookie && { cookie }), ...more } })
    return { status: answer.status, userId: (await answer.json()).userId }
  }
  const ownPage = { 'content-type': 'application/json', 'origin': baseURL }
  const signUp = async (name) => {
    const body = JSON.stringify({ name, email: `${name}@example.com`, password: crypto.randomUUID() })
    const answer = await fetch(`${baseURL}/api/auth/sign-up/email`, { method: 'POST', headers: ownPage, body })
    const cookies = answer.headers.getSetCookie().map((line) => line.split(';')[0])
    assert.equal(cookies.length, 2)
    return { userId: (await answer.json()).user.id, cookie: cookies.join('; ') }
  }
  const users = await Promise.all(['ada', 'bob'].map(signUp))
  const [ada, bob] = users
  const answers = await Promise.all(
    Array.from({ length: 40 }, (_, index) => ask(users[index % 2].cookie, index % 4 < 2 ? 'GET' : 'POST')),
  )
  for (const [index, { userId }] of answers.entries()) assert.equal(userId, users[index % 2].userId)
  assert.notEqual(ada.userId, bob.userId)

  // A page of somebody else, with her cookie, which her browser sends along; and a request that names no page.
  const evil = { 'origin': 'https://evil.example.com', 'sec-fetch-site': 'cross-site' }
  for (const more of [evil, { origin: 'null' }, {}, { 'sec-fetch-site': 'same-site' }])
    assert.deepEqual(await ask(ada.cookie, 'POST', more), { status: 403, userId: undefined })
  const forged = 'better-auth.session_token=forged'
  for (const cookie of [undefined, forged, `${ada.cookie}; ${forged}`, ada.cookie.replace(/(token=.)./, '$1-')])
    assert.deepEqual(await ask(cookie), { status: 401, userId: undefined })

  const headers = { ...ownPage, cookie: ada.cookie }
  assert.equal((await fetch(`${baseURL}/api/auth/sign-out`, { method: 'POST', headers, body: '{}' })).status, 200)
  assert.equal((await ask(ada.cookie)).status, 401)
  assert.equal((await ask(bob.cookie)).userId, bob.userId)
  http.close()
  http.closeAllConnections()
}

async function expectTokens() {
  const secret = 's'.repeat(32)
  const strategy = jwt.strategy(secret)
  const http = createServer((request, response) => {
    passport.authenticate(strategy, { session: false }, (error, user) => {
      if (!user) return response.writeHead(401).end()
      request.user = user
      response.end(jwt.contextOf(request).userId)
    })(request, response, () => response.writeHead(500).end())
  }).listen(0, '127.0.0.1')
  await once(http, 'listening')
  const ask = async (subject, key = secret) => {
    const token = await new SignJWT({ sub: subject })
      .setProtectedHeader({ alg: 'HS256' })
      .setIssuer('https://id.example.com')
      .setAudience('notes')
      .setExpirationTime('10m')
      .sign(Buffer.from(key))
    const headers = { authorization: `Bearer ${token}` }
    const answer = await fetch(`http://127.0.0.1:${http.address().port}/`, { headers })
    return { status: answer.status, text: await answer.text() }
  }
  const answers = await each(async (context) => ({ context, ...(await ask(context.userId)) }))
  for (const { context, text } of answers) assert.equal(text, context.userId)
  assert.equal((await ask('patient-ada', 'f'.repeat(32))).status, 401)
  // What a client puts on the request is no user.
  assert.throws(() => jwt.contextOf({ user: { userId: 'patient-ada' } }), { code: 'ERR_CONTEXT_USER_NOT_VERIFIED' })
  http.close()
}

async function expectSignIns() {
  const { issuer, config, close } = await openProvider()
  const sessions = liveSessions({ maxProofMs: 12 * 3_600_000 })
  const { begin, finish, identity } = openSignIn(config, `${issuer}/callback`, sessions)
  const cookies = []
  for (const name of ['patient-ada', 'patient-bob']) {
    const { url, cookie } = await begin()
    const address = await signInAt(url, name)
    cookies.push(await finish(cookie, address))
    await assert.rejects(finish(cookie, address), /began no sign-in/)
    const context = createForUser(await identity(cookies.at(-1)))
    assert.deepEqual([context.userId, context.identity.provider], [name, 'openid-client'])
  }
  assert.ok(cookies.every((cookie) => /^[\w-]{43}$/.test(cookie)))

  // The address with which somebody else signed in, in a browser that began a sign-in of its own, and in none.
  const [ofAda, ofBob] = [await begin(), await begin()]
  const address = await signInAt(ofAda.url, 'patient-ada')
  await assert.rejects(finish(ofBob.cookie, address), { code: 'OAUTH_INVALID_RESPONSE' })
  await assert.rejects(finish('forged', address), /began no sign-in/)
  // The code of hers with the state of his: the code is bound to the browser that began.
  const his = await begin()
  const mixed = await signInAt(his.url, 'patient-bob')
  mixed.searchParams.set('code', address.searchParams.get('code'))
  await assert.rejects(finish(his.cookie, mixed), { error: 'invalid_grant' })
  await assert.rejects(identity('forged'), { code: 'ERR_CONTEXT_IDENTITY_REFUSED' })

  const [ada, bob] = await Promise.all(cookies.map(async (cookie) => createForUser(await identity(cookie))))
  await sessions.revoke({ session: ada })
  await assert.rejects(identity(cookies[0]), { code: 'ERR_CONTEXT_IDENTITY_REVOKED' })
  assert.equal(createForUser(await identity(cookies[1])).userId, bob.userId)
  close()
}

/** A certified OpenID provider in this process, with the pages on which its users sign in and agree. */
async function openProvider() {
  const http = createServer().listen(0, '127.0.0.1')
  await once(http, 'listening')
  const issuer = `http://127.0.0.1:${http.address().port}`
  const web = { client_id: 'web', client_secret: 'secret-of-web', redirect_uris: [`${issuer}/callback`] }
  const [{ info, warn }, quiet] = [console, () => undefined]
  Object.assign(console, { info: quiet, warn: quiet })
  const provider = new Provider(issuer, {
    clients: [web],
    findAccount: (_context, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
  })
  http.on('request', provider.callback())
  const insecure = { execute: [openId.allowInsecureRequests] }
  const config = await openId.discovery(new URL(issuer), 'web', 'secret-of-web', undefined, insecure)
  const close = () => {
    Object.assign(console, { info, warn })
    http.close()
    http.closeAllConnections()
  }
  return { issuer, config, close }
}

/** What a browser does on the pages of the provider. Gives the address to which it is sent back. */
async function signInAt(url, login) {
  const jar = new Map()
  const visit = async (address, form) => {
    const cookie = Array.from(jar, (pair) => pair.join('=')).join('; ')
    const body = form && new URLSearchParams(form)
    const method = form ? 'POST' : 'GET'
    const answer = await fetch(address, { method, body, headers: { cookie }, redirect: 'manual' })
    for (const line of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)
      if (value === '') jar.delete(name)
      else jar.set(name, value)
    }
    const next = answer.headers.get('location')
    return next === null ? undefined : new URL(next, address)
  }
  let at = await visit(url)
  for (let step = 0; step < 10 && !at.pathname.endsWith('/callback'); step++) {
    if (!at.pathname.startsWith('/interaction/')) at = await visit(at)
    else at = (await visit(at, { prompt: 'login', login, password: 'any' })) ?? (await visit(at, { prompt: 'consent' }))
  }
  return at
}
