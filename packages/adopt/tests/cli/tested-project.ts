// A project whose `npm test` really compiles and runs: no test runner to install, seconds instead of minutes.
import { symlinkSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** Compiles src/ and tests/ to out/ and runs every test; a test is a module that throws. */
export const testedFiles = {
  '.gitignore': 'node_modules\nout\n',
  'package.json': JSON.stringify({
    name: 'small',
    type: 'module',
    scripts: { test: 'node build.cjs && node out/run.mjs' },
  }),
  'tsconfig.json':
    '{ "compilerOptions": { "strict": true, "target": "es2022", "module": "nodenext", "noEmit": true }, ' +
    '"include": ["src", "tests"] }\n',
  'build.cjs': `const { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } = require('node:fs')
const { dirname } = require('node:path')
const { transpileModule } = require('transpiler')
rmSync('out', { recursive: true, force: true })
const tests = []
for (const directory of ['src', 'tests'])
  for (const file of readdirSync(directory, { recursive: true })) {
    if (!file.endsWith('.ts')) continue
    const target = 'out/' + directory + '/' + file.replace(/ts$/, 'js')
    if (target.endsWith('.test.js')) tests.push(target)
    mkdirSync(dirname(target), { recursive: true })
    const compilerOptions = { target: 'es2022', module: 'esnext' }
    writeFileSync(target, transpileModule(readFileSync(directory + '/' + file, 'utf8'), { compilerOptions }).outputText)
  }
writeFileSync('out/run.mjs', tests.map((test) => 'import ' + JSON.stringify('./' + test.slice(4))).join('\\n'))
`,
} as const

/** Gives the project what compiles it; `typescript` only when it is to have a compiler of its own. */
export function installTranspiler(root: string, hasCompiler: boolean): void {
  const compiler = resolve('../../node_modules/typescript-5.9')
  symlinkSync(compiler, join(root, 'node_modules/transpiler'))
  if (hasCompiler) symlinkSync(compiler, join(root, 'node_modules/typescript'))
}
