// Packs every public package of the repository as npm would publish it.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { runProgram } from './run-program.mjs'

/** Packs all public packages into a directory. Gives of each its directory, its tarball and a digest of its `dist`. */
export async function packAll(root, directory) {
  rmSync(directory, { recursive: true, force: true })
  mkdirSync(directory, { recursive: true })
  const packages = new Map()
  for (const source of publicDirectories(root)) {
    const { name } = readManifest(source)
    const { exitCode, stdout, output } = await runProgram(
      'npm',
      ['pack', '--ignore-scripts', '--json', '--pack-destination', directory],
      { cwd: source },
    )
    if (exitCode !== 0) throw new Error(`npm pack of ${name} failed:\n${output}`)
    const [{ filename }] = JSON.parse(stdout)
    packages.set(name, {
      name,
      directory: source,
      tarball: join(directory, filename),
      digest: digestOf(join(source, 'dist')),
    })
  }
  return packages
}

/** A digest of all files below a directory, with their paths. */
export function digestOf(directory) {
  const hash = createHash('sha256')
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const paths = files.map((entry) => join(entry.parentPath ?? entry.path, entry.name)).sort()
  for (const path of paths)
    hash.update(path.slice(directory.length)).update('\0').update(readFileSync(path)).update('\0')
  return hash.digest('hex')
}

export function readManifest(directory) {
  return JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'))
}

function publicDirectories(root) {
  const workspaces = readManifest(root).workspaces.map((workspace) => join(root, workspace))
  return [root, ...workspaces].filter(
    (directory) => existsSync(join(directory, 'dist')) && readManifest(directory).private !== true,
  )
}
