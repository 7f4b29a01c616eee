/**
 * How a user came to be verified: what log lines and audit records say of it.
 */
import type { ConstantText } from '../facts/constant-text.ts'
import type { RequestId } from '../facts/ids.ts'

// Captured before any other code can replace them.
const { freeze } = Object

/** The step of another process that an identity continues. All fields may be logged. */
export type HopOrigin = {
  readonly requestId: RequestId
  /** How deep that step was. */
  readonly depth: number
  /** The provider that verified the user, where they signed in: before the first of several hops. */
  readonly provider: string
}

/** Why a context outlives the proof of its user. Both fields may be logged. */
export type OutlivesIdentity = {
  /** 1 to 200 printable characters. A constant of the source. */
  readonly reason: string
  /** When the exemption ends, milliseconds since the epoch. */
  readonly untilMs: number
}

/** The same as code declares it. */
export type OutlivesIdentityInput<Reason extends string = string> = {
  /** 1 to 200 printable characters, a constant of the source: the compiler refuses what it cannot read there. */
  readonly reason: Reason & ConstantText<Reason>
  /**
   * When the exemption ends, milliseconds since the epoch: at most `maxProofMs` of the registry from now, and without
   * one a day (86,400,000 ms), because no revocation ends it sooner.
   */
  readonly untilMs: number
}

/** How a user came to be verified. All fields may be logged. */
export type IdentityOrigin = {
  /** Name of the identity provider, or `'vouched'`. Given by the code that called identityProvider(). */
  readonly provider: string
  /** Why code vouched for the user; undefined for one whom a provider verified. 1 to 200 printable characters. */
  readonly reason: string | undefined
  /** `'service'` for a program that acts for itself. From the provider. */
  readonly kind: 'person' | 'service'
  /** The hop that the identity came over; undefined for a user who signed in here. */
  readonly origin: HopOrigin | undefined
  /** The exemption of a context that outlives the proof; undefined for every other. */
  readonly outlives: OutlivesIdentity | undefined
}

/** Of a user who was verified just now. */
export const toOrigin = (
  provider: string,
  reason: string | undefined,
  kind: IdentityOrigin['kind'],
  origin: HopOrigin | undefined,
  outlives?: OutlivesIdentity,
): IdentityOrigin => freeze({ provider, reason, kind, origin, outlives })
