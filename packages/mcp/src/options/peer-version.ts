/**
 * The versions of the MCP SDK that this package is tested with.
 */
import { ContextError } from 'user-execution-context'

/** The oldest version of each package that has all that is called of it. */
export const oldestVersions = {
  '@modelcontextprotocol/server': '2.4.0',
  '@modelcontextprotocol/sdk': '1.32.2',
} as const

/** The majors of each package of the SDK that the tests run with. */
export const testedMajors = {
  '@modelcontextprotocol/server': [2],
  '@modelcontextprotocol/sdk': [1],
} as const

/** A package of the SDK. */
export type Peer = keyof typeof testedMajors

const warned = new Set<Peer>()

/**
 * Checks the installed version of a peer: one that is older than those tested is refused, a newer major is named once
 * in a warning of the process. A version that cannot be found, such as in a bundle or on a runtime that is not Node, is
 * not judged.
 *
 * @throws {ContextError} `ERR_CONTEXT_PEER_UNSUPPORTED`.
 */
export const assertPeerVersion = (peer: Peer): void => {
  if (warned.has(peer)) return
  const version = findVersion(peer)
  if (version === undefined) return
  if (isOlder(version, toNumbers(oldestVersions[peer])!)) throw refusePeer(peer)
  const [major] = version
  const tested: readonly number[] = testedMajors[peer]
  if (tested.includes(major!)) return
  warned.add(peer)
  process.emitWarning(
    `${peer} ${major} is installed. @user-execution-context/mcp is tested with ${peer} ${tested.join(' and ')}.`,
    'PeerVersionWarning',
  )
}

const refusePeer = (peer: Peer): ContextError =>
  new ContextError('ERR_CONTEXT_PEER_UNSUPPORTED', {
    issues: [{ path: peer, kind: 'does not fit' }],
    fix: `Install ${peer} ${oldestVersions[peer]} or newer.`,
  })

function isOlder(version: readonly number[], other: readonly number[]): boolean {
  const at = other.findIndex((part, index) => version[index] !== part)
  return at !== -1 && version[at]! < other[at]!
}

/** The version that stands in the directory of the peer: many packages do not export their package.json. */
function findVersion(peer: Peer): readonly number[] | undefined {
  try {
    const { createRequire } = process.getBuiltinModule('node:module')
    const { readFileSync } = process.getBuiltinModule('node:fs')
    for (const directory of createRequire(findOwnFile()).resolve.paths(peer) ?? []) {
      const manifest = findText(() => readFileSync(`${directory}/${peer}/package.json`, 'utf8'))
      if (manifest !== undefined) return toNumbers((JSON.parse(manifest) as { readonly version: string }).version)
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

/** Major, minor and patch. */
function toNumbers(version: string): readonly number[] | undefined {
  const parts = /^(\d+)\.(\d+)\.(\d+)/.exec(version)
  return parts?.slice(1).map(Number)
}

/** This file, by the call stack: where this code is CommonJS, `import.meta` is a syntax error. */
function findOwnFile(): string {
  return /\((.+?):\d+:\d+\)/.exec(new Error().stack ?? '')?.[1] ?? ''
}
