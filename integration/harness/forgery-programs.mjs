// Writes the forgery table (tests/forgery/forgeries.ts) as plain JavaScript: as ES modules, one file a row, and as
// functions in one file, for CommonJS and for bundles.
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const ts = createRequire(import.meta.url)('typescript-6.0')

/** Reads the programs of the table. `scratch` is a directory below the root, where the table is compiled to. */
export async function loadForgedPrograms(root, scratch) {
  mkdirSync(scratch, { recursive: true })
  for (const file of ['forgeries', 'forged-program']) {
    const source = readFileSync(join(root, 'tests/forgery', `${file}.ts`), 'utf8')
    writeFileSync(join(scratch, `${file}.js`), transpile(source, ts.ModuleKind.ESNext))
  }
  writeFileSync(join(scratch, 'package.json'), '{ "type": "module" }')
  const { forgedPrograms } = await import(pathToFileURL(join(scratch, 'forged-program.js')).href)
  return forgedPrograms
}

/** Writes the programs, and a second copy of the core for those that use one. The core is installed in the project. */
export function writeForgedPrograms(programs, project) {
  const directory = join(project, '.data/forgeries')
  rmSync(directory, { recursive: true, force: true })
  mkdirSync(directory, { recursive: true })
  const installed = join(project, 'node_modules/user-execution-context')
  cpSync(join(installed, 'dist'), join(directory, 'second-copy'), { recursive: true })
  writeFileSync(join(directory, 'second-copy/package.json'), '{ "type": "module" }')
  const named = programs.map((program) => ({ ...program, text: toInstalledPaths(program.text) }))
  for (const { file, text } of named)
    writeFileSync(join(directory, toModule(file)), transpile(text, ts.ModuleKind.ESNext))
  const moduleRows = named.map((row) => `  { ${describe(row)}, run: () => import('./${toModule(row.file)}') },\n`)
  writeFileSync(join(directory, 'rows.mjs'), `export const rows = [\n${moduleRows.join('')}]\n`)
  const runner =
    'const run = async (require, program) => { const exports = {}; await program(exports, require); return exports }\n'
  const functionRows = (start) =>
    named.map(
      (row) =>
        `  { ${describe(row)}, imports: ${JSON.stringify(importsOf(row))}, ` +
        `run: ${start}run(require, ${toFunction(row)}) },\n`,
    )
  writeFileSync(
    join(directory, 'rows.cjs'),
    `'use strict'\n${runner}exports.rows = [\n${functionRows('() => ').join('')}]\n`,
  )
  writeFileSync(
    join(directory, 'bundle-rows.mjs'),
    `${runner}export const rows = [\n${functionRows('(require) => ').join('')}]\n`,
  )
  for (const file of ['attack.mjs', 'attack-bundle.mjs']) cpSync(new URL(file, import.meta.url), join(directory, file))
  const attack = readFileSync(new URL('attack.mjs', import.meta.url), 'utf8')
  writeFileSync(join(directory, 'attack.cjs'), transpile(attack, ts.ModuleKind.CommonJS))
}

function describe({ target, name, runTime }) {
  return `target: ${JSON.stringify(target)}, name: ${JSON.stringify(name)}, runTime: ${JSON.stringify(runTime)}`
}

/** A row whose imports are calls of a `require`: that of CommonJS, or a table of what a bundle holds. */
function toFunction({ text }) {
  const required = text.replaceAll('/second-copy/esm/', '/second-copy/cjs/')
  return `async (exports, require) => {\n${transpile(required, ts.ModuleKind.CommonJS)}}`
}

/** What a row imports, by name. */
function importsOf(row) {
  return Array.from(
    toFunction(row).matchAll(/require\("([^"]+)"\)|require\('([^']+)'\)/g),
    ([, double, single]) => double ?? single,
  )
}

function toModule(file) {
  return file.replace(/\.[jt]s$/, '.mjs')
}

/** The table names files of the core by a path from two directories below the root of the repository. */
function toInstalledPaths(text) {
  return text.replaceAll("'../../dist/", "'../../node_modules/user-execution-context/dist/")
}

/** What was compiled before: all projects get the same programs. */
const compiled = new Map()

function transpile(text, module) {
  const key = `${module} ${text}`
  if (!compiled.has(key)) {
    const compilerOptions = { target: ts.ScriptTarget.ES2022, module, rewriteRelativeImportExtensions: true }
    compiled.set(key, ts.transpileModule(text, { compilerOptions }).outputText)
  }
  return compiled.get(key)
}
