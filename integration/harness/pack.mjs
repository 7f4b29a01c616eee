// Packs every public package of the repository as npm would publish it.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { runProgram } from './run-program.mjs'

/** Packs all public packages into a folder. Gives each by its name: its folder, its tarball, a digest of its `dist`. */
export async function packAll(root, folder) {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const packages = new Map()
  for (const source of publicFolders(root)) {
    const { name } = readManifest(source)
    const { exitCode, stdout, output } = await runProgram(
      'npm',
      ['pack', '--ignore-scripts', '--json', '--pack-destination', folder],
      { cwd: source },
    )
    if (exitCode !== 0) throw new Error(`npm pack of ${name} failed:\n${output}`)
    const [{ filename }] = JSON.parse(stdout)
    packages.set(name, {
      name,
      folder: source,
      tarball: join(folder, filename),
      digest: digestOf(join(source, 'dist')),
    })
  }
  return packages
}

/** A digest of all files below a folder, with their paths. */
export function digestOf(folder) {
  const hash = createHash('sha256')
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const paths = files.map((entry) => join(entry.parentPath ?? entry.path, entry.name)).sort()
  for (const path of paths) hash.update(path.slice(folder.length)).update('\0').update(readFileSync(path)).update('\0')
  return hash.digest('hex')
}

export function readManifest(folder) {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
}

function publicFolders(root) {
  const workspaces = readManifest(root).workspaces.map((workspace) => join(root, workspace))
  return [root, ...workspaces].filter(
    (folder) => existsSync(join(folder, 'dist')) && readManifest(folder).private !== true,
  )
}
