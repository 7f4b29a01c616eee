/**
 * The user of this page: the access token, its renewal, and requests that carry it.
 * The token is kept for this tab only (sessionStorage), so that a reload does not sign out and another tab does not
 * share it.
 */
import { isRecord } from './wire.ts'

const storageKey = 'user-execution-context.session'
/** The share of a token's life after which it is renewed. */
const renewAfter = 0.6

type Stored = {
  readonly token: string
  readonly userName: string
  readonly issuedAtMs: number
  readonly lifetimeSeconds: number
}

/** What the server said about a failed request, in words for people. */
export class RequestFailed extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/** A signed-in user. */
export class Session {
  #stored: Stored
  #timer: ReturnType<typeof setTimeout> | undefined
  /** An answer that comes after a sign-out is dropped: another user may be here by then. */
  #isForgotten = false
  /** Told of each new token, so that an open socket can be renewed in place. */
  onRenewed: (token: string) => void = () => {}
  /** Told when the server no longer accepts the session. */
  onEnded: () => void = () => {}

  private constructor(stored: Stored) {
    this.#stored = stored
    sessionStorage.setItem(storageKey, JSON.stringify(stored))
    this.#scheduleRenewal()
  }

  /** Signs in. @throws {RequestFailed} with the server's sentence. */
  static async signIn(userName: string, password: string): Promise<Session> {
    const answer = await request('/login', 'POST', undefined, { userName, password })
    return new Session(toStored(answer, userName))
  }

  /**
   * The session of this tab before a reload. `ended`: there was one, which is forgotten now; also when what is stored
   * is no session.
   */
  static restore(): Session | 'ended' | undefined {
    if (sessionStorage.getItem(storageKey) === null) return undefined
    const stored = readStored()
    if (isStored(stored) && endsAtMs(stored) > Date.now()) return new Session(stored)
    sessionStorage.removeItem(storageKey)
    return 'ended'
  }

  get token(): string {
    return this.#stored.token
  }

  get userName(): string {
    return this.#stored.userName
  }

  /** Asks the server for JSON as this user. @throws {RequestFailed} */
  async fetchJson(path: string): Promise<unknown> {
    try {
      return await request(path, 'GET', this.token)
    } catch (error) {
      if (!this.#isForgotten && error instanceof RequestFailed && error.status === 401) this.onEnded()
      throw error
    }
  }

  /**
   * Forgets the session here, and tells the server, which closes its sockets. Resolves to whether the server has done
   * so: without it, who has the token can use it until it ends.
   */
  async signOut(): Promise<boolean> {
    const { token } = this
    this.forget()
    return request('/logout', 'POST', token).then(
      () => true,
      () => false,
    )
  }

  /** Forgets the session here only. */
  forget(): void {
    this.#isForgotten = true
    clearTimeout(this.#timer)
    sessionStorage.removeItem(storageKey)
  }

  #scheduleRenewal(): void {
    clearTimeout(this.#timer)
    const { issuedAtMs, lifetimeSeconds } = this.#stored
    const dueAtMs = issuedAtMs + lifetimeSeconds * 1000 * renewAfter
    this.#timer = setTimeout(() => void this.#renew(), Math.max(0, dueAtMs - Date.now()))
  }

  async #renew(): Promise<void> {
    try {
      const renewed = toStored(await request('/token', 'POST', this.token), this.userName)
      if (this.#isForgotten) return
      this.#stored = renewed
    } catch (error) {
      if (this.#isForgotten) return
      const refused = error instanceof RequestFailed && error.status === 401
      if (refused || endsAtMs(this.#stored) <= Date.now()) return this.onEnded()
      this.#timer = setTimeout(() => void this.#renew(), 10_000)
      return
    }
    sessionStorage.setItem(storageKey, JSON.stringify(this.#stored))
    this.#scheduleRenewal()
    this.onRenewed(this.token)
  }
}

async function request(path: string, method: string, token: string | undefined, body?: object): Promise<unknown> {
  let response: Response
  try {
    response = await fetch(path, {
      method,
      cache: 'no-store',
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  } catch {
    throw new RequestFailed(0, 'The server cannot be reached. Check the connection and try again.')
  }
  const answer: unknown = response.headers.get('content-type')?.includes('json') ? await response.json() : undefined
  if (response.ok) return answer
  const said = isRecord(answer) ? (isRecord(answer['error']) ? answer['error'] : answer)['message'] : undefined
  throw new RequestFailed(response.status, typeof said === 'string' ? said : 'Something went wrong.')
}

function toStored(answer: unknown, userName: string): Stored {
  const token = isRecord(answer) ? answer['accessToken'] : undefined
  const lifetimeSeconds = isRecord(answer) ? answer['expiresIn'] : undefined
  if (typeof token !== 'string' || typeof lifetimeSeconds !== 'number')
    throw new RequestFailed(0, 'The server gave no token.')
  return { token, userName, issuedAtMs: Date.now(), lifetimeSeconds }
}

function readStored(): unknown {
  try {
    return JSON.parse(sessionStorage.getItem(storageKey) ?? 'null')
  } catch {
    return undefined
  }
}

function isStored(value: unknown): value is Stored {
  return (
    isRecord(value) &&
    typeof value['token'] === 'string' &&
    typeof value['userName'] === 'string' &&
    typeof value['issuedAtMs'] === 'number' &&
    typeof value['lifetimeSeconds'] === 'number'
  )
}

function endsAtMs(stored: Stored): number {
  return stored.issuedAtMs + stored.lifetimeSeconds * 1000
}
