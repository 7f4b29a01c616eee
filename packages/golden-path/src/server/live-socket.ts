/**
 * One open WebSocket of one user: its connection, its messages, and the renewal of the user's token.
 */
import type { Socket } from 'node:net'
import { ContextError, createForUser, toLogFields, type VerifiedUser } from 'user-execution-context'
import type { Connection } from '../phases/connection/connection.ts'
import { openReceiver, type Receiver } from '../phases/open-receiver.ts'
import { watchConnection } from '../phases/connection/watch-connection.ts'
import { wireVersion } from '../phases/wire/wire-envelope.ts'
import { within } from '../phases/within.ts'
import { WsTransport } from '../phases/connection/ws-transport.ts'
import type { AddressPlaces } from './address-limits.ts'
import type { Services } from './services.ts'
import type { SocketOwner, UserSocket } from './user-socket.ts'

/** How long before the end of a token the client is reminded to renew it. */
const reminderMs = 60_000

/** How many messages may wait for an answer before no more are read: the check of a token can take seconds. */
const maxUnanswered = 8

/** What a socket has once its client has said something: most only listen. */
type Talk = { readonly receive: Receiver; last: Promise<void> | undefined; unanswered: number }

/** A socket whose user is known. It is its own transport: most sockets idle, and each object of one counts. */
export class LiveSocket extends WsTransport implements SocketOwner {
  readonly #services: Services
  readonly #connection: Connection
  readonly #places: AddressPlaces
  /** Replaced by a renewal, always by the same subject: what a run may do follows the newest token. */
  #user: VerifiedUser
  #isReminded: boolean
  #talk: Talk | undefined

  /**
   * @param places - Those of its address. One of them is given back when the socket closes.
   * @throws {ContextError} `ERR_CONTEXT_TOO_MANY_CONNECTIONS`, `ERR_CONTEXT_IDENTITY_EXPIRED`, `ERR_CONTEXT_CLOSED`.
   */
  constructor(services: Services, user: VerifiedUser, socket: UserSocket, rawSocket: Socket, places: AddressPlaces) {
    super(socket, rawSocket)
    this.#services = services
    this.#user = user
    this.#places = places
    this.#isReminded = isNearEnd(user, Date.now())
    this.#connection = services.goldenPath.connect(createForUser(user, services.connecting), this)
  }

  /** Where the client is, as limits count it. */
  get address(): string {
    return this.#places.address
  }

  /** Takes a message of the client. One after the other: a run that follows a renewal belongs to the renewed token. */
  receive(text: string, socket: UserSocket): void {
    const talk = (this.#talk ??= { receive: LiveSocket.#openReceiver(this), last: undefined, unanswered: 0 })
    const { receive } = talk
    const last = talk.last === undefined ? receive(text) : talk.last.then(() => receive(text))
    talk.last = last
    if (++talk.unanswered === maxUnanswered) socket.pause()
    void last.then(() => {
      if (talk.last === last) talk.last = undefined
      if (talk.unanswered-- === maxUnanswered) socket.resume()
    })
  }

  /** Reminds the client once that its token ends soon. */
  remind(nowMs: number): void {
    if (this.#isReminded || !isNearEnd(this.#user, nowMs)) return
    this.#isReminded = true
    const expiresAt = new Date(this.#user.expiresAtMs!).toISOString()
    this.#connection.send({ version: wireVersion, type: 'token_expiring', expiresAt })
  }

  /** The socket has closed. */
  release(): void {
    this.#services.addresses.giveBack(this.#places)
    this.#connection.release()
  }

  // Static: a class that has private methods marks each of its objects, which costs as much as a field.
  static #openReceiver(live: LiveSocket): Receiver {
    const report = (error: unknown): void => {
      const { correlationId } = toLogFields(live.#connection.context)
      live.#services.report('message-refused', error, { correlationId, address: live.address })
    }
    const renew = async (token: string): Promise<VerifiedUser> => {
      const { identity, limits } = live.#services
      // One message is answered after the other: a check that hangs would hold all that the client says after it.
      const renewed = await within(identity(token), limits.upgradeTimeMs, tookTooLong)
      assertExtends(live.#user, renewed)
      // An older token that the client still had: a renewal shortens nothing.
      if (endOf(renewed) < endOf(live.#user)) return live.#user
      watchConnection(live.#connection, renewed)
      // What runs already was begun with the proof before: it lasts as long as this one when nothing else differs.
      live.#services.sessions?.renew(live.#user, renewed)
      live.#user = renewed
      live.#isReminded = isNearEnd(renewed, Date.now())
      return renewed
    }
    return openReceiver(live.#services.goldenPath, live.#connection, {
      createContext: ({ threadId }) => createForUser(live.#user, { threadId }),
      renewToken: renew,
      onRefused: report,
    })
  }
}

function tookTooLong(): ContextError {
  return new ContextError('ERR_CONTEXT_SCOPE_TIMEOUT')
}

function endOf({ expiresAtMs }: VerifiedUser): number {
  return expiresAtMs ?? Infinity
}

function isNearEnd({ expiresAtMs }: VerifiedUser, nowMs: number): boolean {
  return expiresAtMs !== undefined && expiresAtMs - nowMs <= reminderMs
}

// Same person in the same tenant, and ids mean nothing but in their namespace. The session may be another: a user who
// signed in again renews with that. With fewer rights, or with other actors, what was begun ends at its own time: who
// acts is part of the proof, as for sessions.renew().
function assertExtends(user: VerifiedUser, renewed: VerifiedUser): void {
  const { namespace, tenantId, userId } = renewed
  if (user.userId !== userId || user.tenantId !== tenantId || user.namespace !== namespace)
    throw new ContextError('ERR_CONTEXT_ANOTHER_SUBJECT')
  if (!user.permissions.every((permission) => renewed.permissions.includes(permission)) || !isSameChain(user, renewed))
    throw new ContextError('ERR_CONTEXT_IDENTITY_REFUSED')
}

function isSameChain({ actors }: VerifiedUser, { actors: others }: VerifiedUser): boolean {
  return (
    actors.length === others.length &&
    actors.every(({ name, kind, source }, index) => {
      const other = others[index]!
      return name === other.name && kind === other.kind && source === other.source
    })
  )
}
