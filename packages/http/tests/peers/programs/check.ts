/**
 * What a program has of its own for the token: the same beside every library. For tests only.
 */
import type { RequestIdentity } from '@user-execution-context/http'

/** The user of a header, by hand. */
export const check = (identity: RequestIdentity, header: string | undefined): ReturnType<RequestIdentity> =>
  identity(/^Bearer (\S+)$/.exec(header ?? '')?.[1] ?? '')
