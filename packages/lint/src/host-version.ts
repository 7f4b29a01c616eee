/**
 * The versions of the hosts that the rules are tested with.
 */
import { readFileSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The majors of each host that the tests run with. */
const testedMajors = { eslint: [9, 10], oxlint: [1] } as const

/**
 * Says once, in a warning of the process, which versions the rules are tested with, where another one has loaded them:
 * an install never fails for it. A host that is no command, such as an editor's, is not judged.
 */
export const warnOfHostVersion = (): void => {
  const host = findHost(process.argv[1])
  if (host === undefined || !Object.hasOwn(testedMajors, host.name)) return
  const tested: readonly number[] = testedMajors[host.name as keyof typeof testedMajors]
  if (tested.includes(Number.parseInt(host.version, 10))) return
  process.emitWarning(
    `${host.name} ${host.version} is installed. eslint-plugin-user-execution-context is tested with ${host.name} ` +
      `${tested.join(' and ')}.`,
    'PeerVersionWarning',
  )
}

type Host = { readonly name: string; readonly version: string }

/** The package of the command that runs: the nearest package.json above its file. */
function findHost(command: string | undefined): Host | undefined {
  try {
    for (let directory = dirname(realpathSync(command!)); directory !== dirname(directory);) {
      const host = findManifest(directory)
      if (host !== undefined) return host
      directory = dirname(directory)
    }
    return undefined
  } catch {
    return undefined
  }
}

function findManifest(directory: string): Host | undefined {
  try {
    const { name, version } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as Partial<Host>
    return name === undefined || version === undefined ? undefined : { name, version }
  } catch {
    return undefined
  }
}
