/**
 * The versions of the MCP SDK that this package is tested with.
 */
import { ContextError } from 'user-execution-context'

/** The majors of each package of the SDK that the tests run with. */
export const testedMajors = {
  '@modelcontextprotocol/server': [2],
  '@modelcontextprotocol/sdk': [1],
} as const

/** A package of the SDK. */
export type Peer = keyof typeof testedMajors

const warned = new Set<Peer>()

/**
 * Checks the installed version of a peer: an older major than those tested is refused, a newer one is named once in a
 * warning of the process. A version that cannot be found, such as in a bundle or on a runtime that is not Node, is not
 * judged.
 *
 * @throws {ContextError} `ERR_CONTEXT_PEER_UNSUPPORTED`.
 */
export const assertPeerVersion = (peer: Peer): void => {
  if (warned.has(peer)) return
  const major = findMajor(peer)
  const tested: readonly number[] = testedMajors[peer]
  if (major === undefined || tested.includes(major)) return
  if (major < Math.min(...tested)) throw refusePeer(peer, tested)
  warned.add(peer)
  process.emitWarning(
    `${peer} ${major} is installed. @user-execution-context/mcp is tested with ${peer} ${tested.join(' and ')}.`,
    'PeerVersionWarning',
  )
}

const refusePeer = (peer: Peer, tested: readonly number[]): ContextError =>
  new ContextError('ERR_CONTEXT_PEER_UNSUPPORTED', {
    issues: [{ path: peer, kind: 'does not fit' }],
    fix: `Install a version that it is tested with: ${peer} ${tested.join(' or ')}.`,
  })

/** The major that stands in the directory of the peer: many packages do not export their package.json. */
function findMajor(peer: Peer): number | undefined {
  try {
    const { createRequire } = process.getBuiltinModule('node:module')
    const { readFileSync } = process.getBuiltinModule('node:fs')
    for (const directory of createRequire(findOwnFile()).resolve.paths(peer) ?? []) {
      const manifest = findText(() => readFileSync(`${directory}/${peer}/package.json`, 'utf8'))
      if (manifest !== undefined) return toMajor(manifest)
    }
    return undefined
  } catch {
    return undefined
  }
}

function findText(read: () => string): string | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}

function toMajor(manifest: string): number | undefined {
  const major = Number.parseInt((JSON.parse(manifest) as { readonly version: string }).version, 10)
  return Number.isNaN(major) ? undefined : major
}

/** This file, by the call stack: where this code is CommonJS, `import.meta` is a syntax error. */
function findOwnFile(): string {
  return /\((.+?):\d+:\d+\)/.exec(new Error().stack ?? '')?.[1] ?? ''
}
