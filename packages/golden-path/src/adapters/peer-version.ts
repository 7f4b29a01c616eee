/**
 * The versions of optional peers that this package is tested with.
 */
import { createRequire } from 'node:module'
import { ContextError } from 'user-execution-context'

/** The majors of each optional peer that the tests run with. */
export const testedMajors = { 'ai': [6, 7], '@ag-ui/core': [0, 1], '@opentelemetry/api': [1] } as const

/** An optional peer. */
export type Peer = keyof typeof testedMajors

const warned = new Set<Peer>()

/**
 * Checks the installed version of a peer: an older major than those tested is refused, a newer one is named once in a
 * warning of the process. A version that cannot be found, such as in a bundle, is not judged.
 *
 * @throws {ContextError} `ERR_CONTEXT_PEER_UNSUPPORTED`.
 */
export const assertPeerVersion = (peer: Peer): void => {
  const major = findMajor(peer)
  const tested: readonly number[] = testedMajors[peer]
  if (major === undefined || tested.includes(major)) return
  if (major < Math.min(...tested)) throw refusePeer(peer)
  if (warned.has(peer)) return
  warned.add(peer)
  process.emitWarning(
    `${peer} ${major} is installed. The golden path is tested with ${peer} ${tested.join(' and ')}.`,
    'PeerVersionWarning',
  )
}

/** The error for a peer that is too old, or lacks what is called of it. */
export const refusePeer = (peer: Peer): ContextError =>
  new ContextError('ERR_CONTEXT_PEER_UNSUPPORTED', { issues: [{ path: peer, kind: 'does not fit' }] })

function findMajor(peer: Peer): number | undefined {
  try {
    const { version } = createRequire(findOwnFile())(`${peer}/package.json`) as { readonly version: string }
    return Number.parseInt(version, 10)
  } catch {
    return undefined
  }
}

/**
 * This file, by the call stack. Jest in CommonJS mode has this package compiled to CommonJS, where `import.meta` is a
 * syntax error.
 */
function findOwnFile(): string {
  return /\((.+?):\d+:\d+\)/.exec(new Error().stack ?? '')?.[1] ?? ''
}
