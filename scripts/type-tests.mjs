// Type tests against the emitted declarations. tsd prints nothing on success and skips what it does not
// find, so this runner counts the assertions itself, and first proves on two canaries that tsd can fail.
import { readFileSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { relative, resolve } from 'node:path'

const require = createRequire(import.meta.url)
checkOwnFilesOnly()

// tsd is CommonJS with a default export of its own.
const tsd = require('tsd').default
/** Tests of the root that must fail, and how many errors each must give at least. */
const canaries = { 'type-tests/canary/must-fail.test-d.ts': 4, 'type-tests/canary/package-missing.test-d.ts': 1 }

/**
 * Runs the type tests of packages, each by its directory: as one program, since each would read the library of
 * TypeScript, the types of Node and the core anew. Prints what fails, and gives the totals.
 */
export async function runTypeTests(directories) {
  let passed = 0
  let failed = 0
  const fail = (message) => {
    failed++
    console.log(message)
  }
  const filesOf = (directory) =>
    readdirSync(`${directory}/type-tests`)
      .filter((file) => file.endsWith('.test-d.ts'))
      .map((file) => `${directory === '.' ? '' : `${directory}/`}type-tests/${file}`)
  const diagnostics = await tsd({
    cwd: resolve('.'),
    typingsFile: JSON.parse(readFileSync('package.json', 'utf8')).types,
    testFiles: [...directories.flatMap(filesOf), ...Object.keys(canaries)],
  })
  const errors = diagnostics
    .filter(({ severity }) => severity === 'error')
    .map((error) => ({ ...error, fileName: relative('.', error.fileName) }))
  for (const directory of directories) {
    const assertions = filesOf(directory).reduce((sum, file) => sum + countAssertions(file), 0)
    if (assertions === 0) fail(`${directory}/type-tests holds no assertion`)
    passed += assertions
  }
  for (const { fileName, line, column, message } of errors.filter(
    ({ fileName }) => !Object.hasOwn(canaries, fileName),
  )) {
    passed--
    fail(`${fileName}:${line}:${column}: ${message}`)
  }
  for (const [file, least] of Object.entries(canaries)) {
    const found = errors.filter(({ fileName }) => fileName === file).length
    if (found >= least) passed++
    else fail(`${file}: expected at least ${least} errors, got ${found}: tsd cannot fail`)
  }
  return { passed: Math.max(0, passed), failed }
}

function countAssertions(file) {
  return readFileSync(file, 'utf8').match(/^\s*(if \(.*\) )?expect\w+[<(]|^\s*\/\/ @ts-expect-error/gm)?.length ?? 0
}

// tsd type-checks every declaration under node_modules and then throws those messages away. Asking for our files only
// gives the same answers at half the time.
function checkOwnFilesOnly() {
  const path = require.resolve('@tsd/typescript', { paths: [require.resolve('tsd')] })
  const compiler = { ...require(path) }
  const { createProgram } = compiler
  compiler.createProgram = (...parameters) => {
    const program = createProgram(...parameters)
    const own = program.getSourceFiles().filter(({ fileName }) => !fileName.includes('/node_modules/'))
    const ask = program.getSemanticDiagnostics
    program.getSemanticDiagnostics = (file) => (file ? ask(file) : own.flatMap((each) => ask(each)))
    return program
  }
  require.cache[path].exports = compiler
}
