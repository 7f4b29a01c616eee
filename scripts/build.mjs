// Compiles the package of the current directory from src to dist, if its sources have changed since. It compiles into a
// directory of its own and swaps that for dist: a deleted source file leaves nothing behind, a build that fails changes
// nothing, and two builds at once do not meet. A package whose export map has a `require` condition is built for both
// module systems:
//   dist/cjs/  the code and its declarations, as CommonJS
//   dist/esm/  one file for each entry point that re-exports it by name, so that `import` and `require` give the same
//              classes: two compiled copies would be two seals
// A package with a build-page.mjs has that write into the same directory, which it is given.
//   node ../../scripts/build.mjs vitest jest    these entry points import a library that exists once for each module
//              system, with classes and types of its own (a test runner, tRPC): each is compiled for both, over the one
//              code in dist/cjs
import { spawnSync } from 'node:child_process'
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { basename, posix, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { digestInputs, isBuilt, rememberBuild } from './build-stamp.mjs'
import { documentSignatures } from './document-signatures.mjs'
import { holdLockFile } from './lock-file.mjs'

const manifest = JSON.parse(readFileSync('package.json', 'utf8'))
const commonJsEntries = Object.values(manifest.exports ?? {}).flatMap((target) =>
  target.require === undefined ? [] : [target.require.default],
)
const dualEntries = process.argv.slice(2)

const built = 'dist.new'

holdLockFile('dist.lock')
const inputs = digestInputs(dualEntries)
if (!isBuilt(inputs)) {
  rmSync(built, { recursive: true, force: true })
  build()
  rmSync('dist.old', { recursive: true, force: true })
  if (existsSync('dist')) renameSync('dist', 'dist.old')
  renameSync(built, 'dist')
  rmSync('dist.old', { recursive: true, force: true })
  rememberBuild(inputs)
}

function build() {
  if (commonJsEntries.length === 0) {
    compile('--outDir', built)
    namePublishedFiles()
    if (existsSync('build-page.mjs')) run('build-page.mjs', built)
    return
  }
  compile(
    '--outDir',
    `${built}/cjs`,
    '--module',
    'commonjs',
    '--moduleResolution',
    'bundler',
    '--verbatimModuleSyntax',
    'false',
  )
  // Inside a package of type "module" Node takes .js files for ES modules unless a nearer package.json says otherwise.
  writeFileSync(`${built}/cjs/package.json`, '{ "type": "commonjs" }\n')
  mkdirSync(`${built}/esm`)
  if (dualEntries.length > 0) compileDualEntries()
  dropEmptyModules()
  freezeCommonJsModules()
  namePublishedFiles()
  commonJsEntries.filter((entry) => !dualEntries.includes(basename(entry, '.js'))).forEach(writeEsmEntry)
}

function compile(...flags) {
  const tsc = fileURLToPath(new URL('../node_modules/typescript/bin/tsc', import.meta.url))
  run(tsc, '-p', 'tsconfig.build.json', ...flags)
}

function run(...words) {
  const { status } = spawnSync(process.execPath, words, { stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}

/**
 * An entry point `vitest` is `vitest.ts` and the directory `vitest`: compiled as ES modules that import all else from
 * dist/cjs.
 */
function compileDualEntries() {
  compile('--outDir', `${built}/esm`, '--module', 'esnext', '--moduleResolution', 'bundler')
  const relative = /(from ['"])(\.[^'"]+)/g
  const isOwn = (file) => dualEntries.some((name) => file.startsWith(`${name}.`) || `${file}/`.startsWith(`${name}/`))
  for (const name of readdirSync(`${built}/esm`)) if (!isOwn(name)) rmSync(`${built}/esm/${name}`, { recursive: true })
  for (const path of ['.js', '.d.ts'].flatMap((extension) => filesOf(`${built}/esm`, extension))) {
    const file = posix.relative(`${built}/esm`, path)
    writeFileSync(path, readFileSync(path, 'utf8').replaceAll(relative, toCjs(file)))
  }

  function toCjs(file) {
    return (all, before, specifier) => {
      const target = posix.join(posix.dirname(file), specifier)
      return isOwn(target) ? all : `${before}${posix.relative(posix.dirname(file), `../cjs/${target}`)}`
    }
  }
}

/** A file that declares types only is compiled to a module without code, which nothing loads. */
function dropEmptyModules() {
  const comments = /\/\*[^]*?\*\/|^\s*\/\/.*$/gm
  const frame = /^("use strict";|Object\.defineProperty\(exports, "__esModule", \{ value: true \}\);|\s*)$/
  for (const file of filesOf(`${built}/cjs`, '.js')) {
    const lines = readFileSync(file, 'utf8').replaceAll(comments, '').split('\n')
    if (lines.every((line) => frame.test(line))) rmSync(file)
  }
}

/**
 * The exports of a CommonJS module can be replaced by whoever requires its file, those of an ES module cannot: frozen,
 * no guard of one file can be taken away from another.
 */
function freezeCommonJsModules() {
  for (const file of filesOf(`${built}/cjs`, '.js')) appendFileSync(file, 'Object.freeze(exports);\n')
}

/**
 * tsc leaves imports of `./file.ts` in declarations, where tools other than a new tsc look for a source file.
 *
 * And a class that leaves its file as a type only is declared as an exported one: before TypeScript 5.4 the compiler
 * finds no name for a class behind `export type { … }` (TS2742 for every export of a consumer that infers it). The
 * entry points still export it as a type, and the code exports nothing: an import of this file by its path fails at
 * load.
 */
function namePublishedFiles() {
  for (const file of filesOf(built, '.d.ts')) {
    const named = readFileSync(file, 'utf8').replaceAll(/((?:from |import\()['"]\.[^'"]*)\.ts(['"])/g, '$1.js$2')
    const text = documentSignatures(named)
    const isSealed = (name) => text.includes(`\ndeclare class ${name} `)
    writeFileSync(
      file,
      text
        // tsc names the first member that a value lacks: the advice, and not the mark that every sealed class has.
        .replaceAll(/^( +#private;\n)((?: +\/\*\* .* \*\/\n)? +private readonly '[^']+';\n)/gm, '$2$1')
        .replaceAll(/^export type \{ (\w+) \};\n/gm, (line, name) => (isSealed(name) ? '' : line))
        .replaceAll(/^declare class (\w+) /gm, (line, name) =>
          text.includes(`\nexport type { ${name} };\n`) ? `export ${line}` : line,
        ),
    )
  }
}

function filesOf(directory, extension) {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(extension))
    .map((file) => `${directory}/${file}`)
}

/**
 * The names are listed, so that a reader and a bundler see them. An entry point holds nothing but re-exports: its
 * declarations name the same files, which exist once for both module systems.
 */
function writeEsmEntry(entry) {
  const file = basename(entry)
  const compiled = entry.replace(/^\.\/dist/, built)
  const names = Object.keys(createRequire(import.meta.url)(resolve(compiled))).sort()
  const named = `export { ${names.filter((name) => name !== 'default').join(', ')} } from '../cjs/${file}'\n`
  // To Node the default export of a CommonJS module is all of its exports.
  const byDefault = `import module from '../cjs/${file}'\nexport default module.default\n`
  writeFileSync(`${built}/esm/${file}`, names.includes('default') ? byDefault + named : named)
  const declarations = readFileSync(compiled.replace(/js$/, 'd.ts'), 'utf8').replaceAll("from './", "from '../cjs/")
  writeFileSync(`${built}/esm/${file.replace(/js$/, 'd.ts')}`, declarations)
}
