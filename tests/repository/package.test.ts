// What npm would publish: the files, the export map, and what the core loads.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { publint } from 'publint'
import { describe, expect, test } from 'vitest'

type Target = { readonly types: string; readonly default: string }
type Conditions = { readonly import: Target; readonly require: Target }
type Manifest = {
  readonly main: string
  readonly types: string
  readonly exports: Readonly<Record<string, string | Conditions>>
  readonly bin?: Readonly<Record<string, string>>
  readonly dependencies: Readonly<Record<string, string>>
}
const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest
const targets = [
  ...Object.values(manifest.exports).flatMap((target) =>
    typeof target === 'string' ? [target] : Object.values(target).flatMap((each) => Object.values(each)),
  ),
  ...Object.values(manifest.bin ?? {}),
  manifest.main,
  manifest.types,
]
const packed = (): readonly string[] => {
  const { stdout } = spawnSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { encoding: 'utf8' })
  return (JSON.parse(stdout) as readonly [{ readonly files: readonly { readonly path: string }[] }])[0].files.map(
    ({ path }) => path,
  )
}

/** Runs a CommonJS program in a process of its own and gives what it printed. */
function run(program: string): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['-e', program], { encoding: 'utf8' })
  expect(status, stderr).toBe(0)
  return stdout.trim()
}

/** All modules that requiring an entry point loads: files below this directory by their path in it, others by name. */
function modulesBehind(entryPoint: string): readonly string[] {
  const printed = run(`
    const Module = require('node:module')
    const load = Module._load
    const found = []
    Module._load = (request, parent, isMain) => {
      found.push(Module._resolveFilename(request, parent, isMain))
      return load(request, parent, isMain)
    }
    require('${entryPoint}')
    console.log(JSON.stringify(found))`)
  const root = `${process.cwd()}/`
  return (JSON.parse(printed) as readonly string[]).map((path) => path.replace(root, ''))
}

describe('the published package', () => {
  const files = packed()

  test('holds what the export map and the commands name', () => {
    expect(targets.filter((target) => !existsSync(target))).toEqual([])
    expect(targets.map((target) => target.replace('./', '')).filter((target) => !files.includes(target))).toEqual([])
  })

  test('holds declarations beside every module, the licence, the page, and nothing that is not for users', () => {
    expect(files).toEqual(expect.arrayContaining(['package.json', 'README.md', 'LICENSE']))
    const modules = files.filter((file) => /^dist\/.*\.js$/.test(file))
    expect(modules.length).toBeGreaterThan(20)
    expect(modules.filter((file) => !files.includes(file.replace(/\.js$/, '.d.ts')))).toEqual([])
    expect(
      files.filter((file) => !/^(dist\/(cjs|esm)\/|docs\/|package\.json$|README\.md$|LICENSE$)/.test(file)),
    ).toEqual([])
    expect(files.filter((file) => /\.test\.|tsbuildinfo|\.data/.test(file))).toEqual([])
  })

  test('holds no source map: one without its sources sends a debugger to files that are not there', () => {
    expect(files.filter((file) => file.endsWith('.map'))).toEqual([])
    const code = files.filter((file) => file.endsWith('.js'))
    expect(code.filter((file) => readFileSync(file, 'utf8').includes('sourceMappingURL'))).toEqual([])
  })

  test('holds every page about itself that its README links to, and no page of another package', () => {
    const linked = Array.from(readFileSync('README.md', 'utf8').matchAll(/\]\((docs\/[^)#]+)/g), ([, page]) => page!)
    expect(linked.filter((page) => files.includes(page)).length).toBeGreaterThan(2)
    // Every page takes room in every installation: that of a package belongs to those who install the package.
    const own = ['docs/core.md', 'docs/errors.md', 'docs/forgeries.md']
    expect(files.filter((file) => file.startsWith('docs/')).sort()).toEqual(own.sort())
    expect(own.filter((page) => !linked.includes(page))).toEqual([])
  })

  test('has no wildcard and no internal file behind an entry point', () => {
    expect(Object.keys(manifest.exports).filter((subpath) => subpath.includes('*'))).toEqual([])
    expect(targets.filter((target) => target.includes('*'))).toEqual([])
  })

  test('has nothing that publint would object to', async () => {
    const { messages } = await publint({ pkgDir: process.cwd(), level: 'suggestion', strict: true })
    expect(messages).toEqual([])
  })

  test('depends at run time on ts-brand alone', () => {
    expect(Object.keys(manifest.dependencies)).toEqual(['ts-brand'])
  })
})

describe('the core', () => {
  test('is one and the same for import and for require', () => {
    const program = `
      const required = { ...require('user-execution-context'), ...require('user-execution-context/restricted') }
      const ambient = require('user-execution-context/ambient')
      const load = async () => {
        const imported = await import('user-execution-context')
        const { vouchForUser } = await import('user-execution-context/restricted')
        const { currentContext } = await import('user-execution-context/ambient')
        const one = imported.createForUser(required.vouchForUser('user-1', { reason: 'loaded twice' }))
        const other = required.createForUser(vouchForUser('user-1', { reason: 'loaded twice' }))
        console.log(required.isUserExecutionContext(one), imported.isUserExecutionContext(other))
        console.log(ambient.runWithContext(one, () => currentContext() === one))
        console.log(imported.ContextError === required.ContextError)
      }
      load()`
    expect(run(program)).toBe('true true\ntrue\ntrue')
  })

  test('loads nothing but its own layers', () => {
    const modules = modulesBehind('user-execution-context')
    expect(modules).toContain('dist/cjs/context/user-execution-context.js')
    const others = modules.filter(
      (file) => !/^dist\/cjs\/(index\.js$|(errors|facts|identity|context|scope)\/)/.test(file),
    )
    expect(others).toEqual([])
  })

  test('does not load the ambient reader, which makes every await more expensive', () => {
    expect(modulesBehind('user-execution-context').filter((name) => /ambient|async_hooks/.test(name))).toEqual([])
    expect(modulesBehind('user-execution-context/ambient')).toContain('node:async_hooks')
  })

  test('lets no file replace what another one exports', () => {
    const modules = modulesBehind('user-execution-context').filter((name) => name.startsWith('dist/'))
    const program = (file: string): string => `console.log(Object.isFrozen(require('./${file}')))`
    expect(modules.length).toBeGreaterThan(15)
    expect(run(modules.map(program).join('\n'))).toBe(modules.map(() => 'true').join('\n'))
  })
})
