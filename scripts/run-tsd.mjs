// Suite "tsd": type tests against the emitted declarations. tsd prints nothing on success and skips what it does not
// find, so this runner counts the assertions itself, and first proves on two canaries that tsd can fail.
import { readFileSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)
checkOwnFilesOnly()

// tsd is CommonJS with a default export of its own.
const tsd = require('tsd').default
const testFiles = readdirSync('type-tests').filter((file) => file.endsWith('.test-d.ts')).map((file) => `type-tests/${file}`)
const canaries = { 'type-tests/canary/must-fail.test-d.ts': 4, 'type-tests/canary/package-missing.test-d.ts': 1 }

const diagnostics = await tsd({ cwd: process.cwd(), typingsFile: 'dist/index.d.ts', testFiles: [...testFiles, ...Object.keys(canaries)] })
const errors = diagnostics.filter(({ severity }) => severity === 'error')
const inFile = (file) => errors.filter(({ fileName }) => fileName.endsWith(file))

let failed = 0
for (const [file, least] of Object.entries(canaries)) {
  if (inFile(file).length >= least) continue
  failed++
  console.log(`${file}: expected at least ${least} errors, got ${inFile(file).length}: tsd cannot fail`)
}
for (const { fileName, line, column, message } of errors.filter(({ fileName }) => !fileName.includes('type-tests/canary/'))) {
  failed++
  console.log(`${fileName}:${line}:${column}: ${message}`)
}
const assertions = testFiles.reduce((sum, file) => sum + countAssertions(file), 0)
const passed = Math.max(0, assertions + Object.keys(canaries).length - failed)
console.log(`${passed} passed, ${failed} failed`)
process.exit(failed === 0 && assertions > 0 ? 0 : 1)

function countAssertions(file) {
  return readFileSync(file, 'utf8').match(/^\s*(if \(.*\) )?expect\w+[<(]|^\/\/ @ts-expect-error/gm)?.length ?? 0
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
