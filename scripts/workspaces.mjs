// The workspaces of this repository as their manifests tell them, in the order in which they build.
import { readFileSync } from 'node:fs'

const manifestOf = (directory) => JSON.parse(readFileSync(`${directory}/package.json`, 'utf8'))

/** The directory of every workspace. The root, which is the core, is none of them. */
export const workspaces = () => manifestOf('.').workspaces

/** A workspace and every workspace that it needs at run time. */
export const workspacesNeededBy = (target) => {
  const needed = new Set([target])
  for (const directory of needed) {
    const { dependencies = {}, peerDependencies = {} } = manifestOf(directory)
    const names = [...Object.keys(dependencies), ...Object.keys(peerDependencies)]
    for (const other of workspaces()) if (names.includes(manifestOf(other).name)) needed.add(other)
  }
  return workspaces().filter((directory) => needed.has(directory))
}
