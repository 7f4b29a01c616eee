/**
 * What seals and what opens: two classes that only the key rings of this package make.
 *
 * An opener turns text into a user. One of a caller's own form would be a second way to make users, so it is sealed
 * as a context is: a brand check on a `#` field at run time, a private member whose name is the advice for the
 * compiler.
 */
import { ContextError } from 'user-execution-context'
import type { Awaitable } from '../replay/replay-memory.ts'
import { invalidOption } from '../text/refused.ts'

/** The claims of a text, as JSON. */
export type ClaimsRecord = { readonly [name: string]: unknown }
/** For whom and what a text is. */
export type Destination = { readonly audience: string; readonly purpose: string }
/** How a user is named in a text: as they are, or by a pseudonym that one audience alone can compare. */
export type ToPseudonym = (kind: 'user' | 'session' | 'person', audience: string, parts: readonly string[]) => string

/** How a sealer seals. */
export type SealerParts = {
  readonly workload: string
  /** Whether the text hides what it holds. Only then may it carry data. */
  readonly encrypts: boolean
  /** Undefined where users are named as they are. */
  readonly toPseudonym: ToPseudonym | undefined
  readonly seal: (claims: ClaimsRecord, destination: Destination) => Awaitable<string>
}

/** How an opener opens. */
export type OpenerParts = {
  /** The workload whose keys these are; undefined when any workload of the deployment may have sealed. */
  readonly workload: string | undefined
  /** Whether nobody but its sealers could read a text. Only then may it carry data. */
  readonly encrypts: boolean
  /** Gives the claims, and when the key of the text was retired. */
  readonly open: (
    text: string,
    destination: Destination,
  ) => Awaitable<{ readonly claims: unknown; readonly retiredAtMs: number | undefined }>
}

const token = Symbol('maker of sealers and openers')
let sealerParts: (sealer: Sealer) => SealerParts | undefined
let openerParts: (opener: Opener) => OpenerParts | undefined
let newSealer: (parts: SealerParts) => Sealer
let newOpener: (parts: OpenerParts) => Opener

/** Seals contexts into text. Made by sealingKeys() or signingKeys(). It prints nothing of its keys. */
class Sealer {
  /** Never set. Its name is what tsc prints for a value that is no Sealer. */
  // @ts-ignore TS6133: a private member that no code reads; its NAME is the message.
  declare private readonly 'call sealingKeys() or signingKeys() to obtain a Sealer': never
  readonly #parts: SealerParts

  private 'constructor'(secret: symbol, parts: SealerParts) {
    if (secret !== token) throw new ContextError('ERR_CONTEXT_NOT_CONSTRUCTIBLE')
    this.#parts = parts
    Object.freeze(this)
  }

  static {
    newSealer = (parts) => new Sealer(token, parts)
    sealerParts = (value) => (typeof value === 'object' && value !== null && #parts in value ? value.#parts : undefined)
    Object.defineProperty(Sealer.prototype, 'constructor', { value: Object })
    Object.freeze(Sealer.prototype)
    Object.freeze(Sealer)
  }
}

/** Opens texts of a sealer. Made by sealingKeys() or verificationKeys(). It prints nothing of its keys. */
class Opener {
  /** Never set. Its name is what tsc prints for a value that is no Opener. */
  // @ts-ignore TS6133: a private member that no code reads; its NAME is the message.
  declare private readonly 'call sealingKeys() or verificationKeys() to obtain an Opener': never
  readonly #parts: OpenerParts

  private 'constructor'(secret: symbol, parts: OpenerParts) {
    if (secret !== token) throw new ContextError('ERR_CONTEXT_NOT_CONSTRUCTIBLE')
    this.#parts = parts
    Object.freeze(this)
  }

  static {
    newOpener = (parts) => new Opener(token, parts)
    openerParts = (value) => (typeof value === 'object' && value !== null && #parts in value ? value.#parts : undefined)
    Object.defineProperty(Opener.prototype, 'constructor', { value: Object })
    Object.freeze(Opener.prototype)
    Object.freeze(Opener)
  }
}

export type { Opener, Sealer }

/** Makes a sealer. For the key rings. */
export const toSealer = (parts: SealerParts): Sealer => newSealer(parts)

/** Makes an opener. For the key rings. */
export const toOpener = (parts: OpenerParts): Opener => newOpener(parts)

/** How a sealer seals. @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS` for what no key ring made. */
export const partsOfSealer = (sealer: Sealer): SealerParts => {
  const parts = sealerParts(sealer)
  if (parts === undefined) throw invalidOption('sealer', 'does not fit')
  return parts
}

/** How an opener opens. @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS` for what no key ring made. */
export const partsOfOpener = (opener: Opener): OpenerParts => {
  const parts = openerParts(opener)
  if (parts === undefined) throw invalidOption('opener', 'does not fit')
  return parts
}
