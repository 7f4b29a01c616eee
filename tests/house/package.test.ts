// What npm would publish: the files, the export map, and what the core door loads.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { publint } from 'publint'
import { describe, expect, test } from 'vitest'

type Manifest = {
  readonly exports: Readonly<Record<string, string | { readonly types: string; readonly default: string }>>
  readonly bin?: Readonly<Record<string, string>>
  readonly dependencies: Readonly<Record<string, string>>
}
const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest
const targets = [
  ...Object.values(manifest.exports).flatMap((target) =>
    typeof target === 'string' ? [target] : Object.values(target),
  ),
  ...Object.values(manifest.bin ?? {}),
]
const packed = (): readonly string[] => {
  const { stdout } = spawnSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { encoding: 'utf8' })
  return (JSON.parse(stdout) as readonly [{ readonly files: readonly { readonly path: string }[] }])[0].files.map(
    ({ path }) => path,
  )
}

/** All modules that a program loads, as URLs, told by a hook of Node's own loader. */
function loadedModules(program: string): readonly string[] {
  const hooks =
    'export async function resolve(specifier, context, next) { const found = await next(specifier, context); process._rawDebug(`loads ${found.url}`); return found }'
  const register = `import { register } from 'node:module'; register('data:text/javascript,${encodeURIComponent(hooks)}')`
  const { status, stderr } = spawnSync(
    process.execPath,
    ['--import', `data:text/javascript,${encodeURIComponent(register)}`, '--input-type=module', '-e', program],
    { encoding: 'utf8' },
  )
  expect(status, stderr).toBe(0)
  return Array.from(stderr.matchAll(/^loads (.+)$/gm), ([, url]) => url!)
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
    expect(modules.filter((file) => !files.includes(file.replace('.js', '.d.ts')))).toEqual([])
    expect(
      files.filter((file) => !/^(dist\/|docs\/|schema\/|bin\/|package\.json$|README\.md$|LICENSE$)/.test(file)),
    ).toEqual([])
    expect(files.filter((file) => /\.test\.|tsbuildinfo|\.data|^dist\/server/.test(file))).toEqual([])
  })

  test('holds every page that its README links to', () => {
    const linked = Array.from(readFileSync('README.md', 'utf8').matchAll(/\]\((docs\/[^)#]+)/g), ([, page]) => page!)
    expect(linked.length).toBeGreaterThan(3)
    expect(linked.filter((page) => !files.includes(page))).toEqual([])
  })

  test('has no wildcard and no internal file behind a door', () => {
    expect(Object.keys(manifest.exports).filter((door) => door.includes('*'))).toEqual([])
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

describe('the core door', () => {
  const dist = pathToFileURL(resolve('dist')).href

  test('loads nothing but its own floors, built-ins of Node and ts-brand', () => {
    const urls = loadedModules("await import('user-execution-context')")
    const own = urls.filter((url) => url.startsWith(dist)).map((url) => url.slice(dist.length + 1))
    expect(own).toContain('context/user-execution-context.js')
    expect(own.filter((file) => !/^(index\.js|(errors|facts|identity|context|scope)\/)/.test(file))).toEqual([])
    expect(
      urls.filter(
        (url) => !url.startsWith(dist) && !url.startsWith('node:') && !url.includes('/node_modules/ts-brand/'),
      ),
    ).toEqual([])
  })

  test('does not load the ambient reader, which makes every await dearer', () => {
    const urls = loadedModules("await import('user-execution-context')")
    expect(urls).not.toContain('node:async_hooks')
    expect(urls.filter((url) => url.includes('ambient'))).toEqual([])
    expect(loadedModules("await import('user-execution-context/ambient')")).toContain('node:async_hooks')
  })
})
