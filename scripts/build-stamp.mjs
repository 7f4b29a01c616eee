// Tells whether the dist of the package in the current directory is what its sources give: a digest of everything that
// the build reads, and one of what it wrote.
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const stampFile = 'dist.stamp'
const sharedInputs = [
  'package-lock.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'scripts/build.mjs',
  'scripts/document-signatures.mjs',
]

/** What the build reads: own sources and settings, the build itself, the packages it compiles against, the words. */
export const digestInputs = (words) => {
  const own = readdirSync('.').filter((name) => /^(src|package\.json|tsconfig.*\.json|build.*\.mjs)$/.test(name))
  const shared = sharedInputs.map((name) => join(root, name))
  return digest([...own, ...shared, ...neighbours().map((directory) => join(directory, 'dist'))], words)
}

/** Whether dist was built from these inputs and has not changed since. */
export const isBuilt = (inputs) =>
  existsSync(stampFile) && existsSync('dist') && readFileSync(stampFile, 'utf8') === `${inputs} ${digest(['dist'])}`

/** Remembers that dist was built from these inputs. */
export const rememberBuild = (inputs) => writeFileSync(stampFile, `${inputs} ${digest(['dist'])}`)

function neighbours() {
  const { dependencies, peerDependencies, devDependencies } = JSON.parse(readFileSync('package.json', 'utf8'))
  const names = Object.keys({ ...dependencies, ...peerDependencies, ...devDependencies })
  const { name, workspaces } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const nameOf = (directory) => JSON.parse(readFileSync(join(root, directory, 'package.json'), 'utf8')).name
  const needed = workspaces.filter((directory) => names.includes(nameOf(directory)))
  const directories = names.includes(name) ? ['.', ...needed] : needed
  return directories
    .map((directory) => join(root, directory))
    .filter((directory) => resolve(directory) !== process.cwd())
}

function digest(paths, words = []) {
  const hash = createHash('sha256').update(JSON.stringify([process.version, ...words]))
  for (const path of paths.flatMap(filesIn)) {
    const bytes = readFileSync(path)
    hash.update(`${relative(root, path)} ${bytes.length}\n`).update(bytes)
  }
  return hash.digest('hex')
}

function filesIn(path) {
  if (!existsSync(path)) return []
  if (!statSync(path).isDirectory()) return [path]
  const entries = readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return entries.map(({ parentPath, name }) => join(parentPath, name)).sort()
}
