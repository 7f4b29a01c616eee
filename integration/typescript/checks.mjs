// Each compiler with each module resolution that it has: a program compiles with the declarations of the package
// checked and its own written, runs, and a violator beside it is refused with the advice.
import { cpSync, mkdirSync, readdirSync, rmSync, writeFileSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { check } from '../harness/check.mjs'
import { runProgram } from '../harness/run-program.mjs'

const advice = 'call createForUser() to obtain a UserExecutionContext'
const require = createRequire(import.meta.url)

const resolutions = {
  node10: { module: 'commonjs', moduleResolution: 'node10' },
  node16: { module: 'node16', moduleResolution: 'node16' },
  nodenext: { module: 'nodenext', moduleResolution: 'nodenext' },
  bundler: { module: 'esnext', moduleResolution: 'bundler' },
}
const compilers = ['5.0', '5.4', '5.9', '6.0', '7.0'].map((name) => ({
  name,
  version: require(`./node_modules/typescript-${name}/package.json`).version,
  has: Object.keys(resolutions).filter((resolution) => name !== '7.0' || resolution !== 'node10'),
}))
/** A consumer without the types of Node has those of the browser; no one has `lib.esnext.disposable`. */
const globals = {
  'with @types/node': { types: ['node'], lib: ['es2022'] },
  'without @types/node': { types: [], lib: ['es2022', 'dom'] },
}

for (const compiler of compilers) {
  for (const resolution of compiler.has) {
    for (const [which, options] of Object.entries(globals)) await checkOne(compiler, resolution, which, options)
    await checkOldTarget(compiler, resolution)
    if (resolution !== 'node10') await checkServer(compiler, resolution)
  }
}

async function checkOne(compiler, resolution, which, options) {
  const environment = `TypeScript ${compiler.version}, ${resolution}`
  const directory = join(import.meta.dirname, '.data', `${compiler.name}-${resolution}-${which.replaceAll(/\W/g, '')}`)
  const bothKinds = resolution === 'node16' || resolution === 'nodenext'
  const sources = readdirSync('sources').filter((file) => file.endsWith('.ts') || bothKinds)
  writeProject(directory, sources, {
    ...resolutionOf(compiler, resolution),
    ...options,
  })
  const tsc = join(import.meta.dirname, `node_modules/typescript-${compiler.name}/bin/tsc`)
  const { output } = await runProgram(process.execPath, [tsc, '-p', '.', '--pretty', 'false'], { cwd: directory })
  const errors = output.split(/\n(?=\S)/).filter((message) => message.trim() !== '')
  const ofViolator = errors.filter((message) => message.startsWith('violator.ts'))

  await check(environment, `a program compiles ${which}`, () => {
    const others = errors.filter((message) => !message.startsWith('violator.ts'))
    if (others.length > 0) throw new Error(others.join('\n'))
  })
  await check(environment, `a violator is refused with the advice ${which}`, () => {
    const refused = [4, 5, 6].filter((line) =>
      ofViolator.some((message) => message.startsWith(`violator.ts(${line},`) && message.includes(advice)),
    )
    if (refused.length !== 3) throw new Error(`Refused with the advice: lines ${refused.join()} of 4, 5, 6.\n${output}`)
  })
  if (resolution === 'bundler' || which !== 'with @types/node') return
  await check(environment, 'the emitted program runs', () =>
    expectOutput(directory, 'program.js', '[true,1,"child",false]'),
  )
  if (sources.includes('exchange.mts'))
    await check(environment, 'a .mts and a .cts file exchange contexts', () =>
      expectOutput(directory, 'exchange.mjs', '[true,1]'),
    )
}

function resolutionOf({ name }, resolution) {
  const isDeprecated = name === '6.0' && resolution === 'node10'
  return { ...resolutions[resolution], ...(isDeprecated && { ignoreDeprecations: '6.0' }) }
}

/** The oldest target that README.md names, with no more than its own library. */
async function checkOldTarget(compiler, resolution) {
  const directory = join(import.meta.dirname, '.data', `${compiler.name}-${resolution}-es2015`)
  writeProject(
    directory,
    ['old-target.ts'],
    { ...resolutionOf(compiler, resolution), types: [], lib: ['es2015'] },
    'es2015',
  )
  const tsc = join(import.meta.dirname, `node_modules/typescript-${compiler.name}/bin/tsc`)
  await check(`TypeScript ${compiler.version}, ${resolution}`, 'a program compiles for ES2015', async () => {
    const { exitCode, output } = await runProgram(process.execPath, [tsc, '-p', '.', '--pretty', 'false'], {
      cwd: directory,
    })
    if (exitCode !== 0) throw new Error(output)
  })
}

/** The server of the golden path names types of Node: they must be found without an option `types`. */
async function checkServer(compiler, resolution) {
  const directory = join(import.meta.dirname, '.data', `${compiler.name}-${resolution}-server`)
  const program = readFileSync('golden-path/server.mts', 'utf8')
  rmSync(directory, { recursive: true, force: true })
  mkdirSync(directory, { recursive: true })
  writeFileSync(join(directory, 'server.mts'), program)
  // Not those of the repository around this project.
  const typeRoots = [join(import.meta.dirname, 'node_modules/@types')]
  const compilerOptions = { ...resolutions[resolution], target: 'es2022', strict: true, noEmit: true, typeRoots }
  writeFileSync(join(directory, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['server.mts'] }))
  const tsc = join(import.meta.dirname, `node_modules/typescript-${compiler.name}/bin/tsc`)
  await check(
    `TypeScript ${compiler.version}, ${resolution}`,
    'the server of the golden path compiles with @types/node installed, and no option for it',
    async () => {
      const { exitCode, output } = await runProgram(process.execPath, [tsc, '-p', '.', '--pretty', 'false'], {
        cwd: directory,
      })
      if (exitCode !== 0) throw new Error(output)
    },
  )
}

function writeProject(directory, sources, options, target = 'es2022') {
  rmSync(directory, { recursive: true, force: true })
  mkdirSync(directory, { recursive: true })
  for (const file of sources) cpSync(join('sources', file), join(directory, file))
  const compilerOptions = {
    ...options,
    target,
    strict: true,
    skipLibCheck: false,
    skipDefaultLibCheck: true,
    declaration: true,
    outDir: 'out',
  }
  writeFileSync(join(directory, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: sources }, undefined, 2))
  writeFileSync(join(directory, 'package.json'), JSON.stringify({ private: true }))
}

async function expectOutput(directory, file, expected) {
  const { output } = await runProgram(process.execPath, [join(directory, 'out', file)])
  if (output.trim() !== expected) throw new Error(`Expected ${expected}, got:\n${output}`)
}
