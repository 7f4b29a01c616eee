// What npm would publish: one seal for both module systems, and nothing at run time but the core and the framework.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { publint } from 'publint'
import { describe, expect, test } from 'vitest'

type Manifest = {
  readonly dependencies?: object
  readonly exports: Readonly<Record<string, string | { readonly require: { readonly default: string } }>>
}
const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest
const entries = Object.entries(manifest.exports).flatMap(([subpath, target]) =>
  typeof target === 'string' ? [] : [{ subpath, file: target.require.default }],
)
const run = (program: string): string => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['-e', program], { encoding: 'utf8' })
  expect(status, stderr).toBe(0)
  return stdout.trim()
}

describe('the published package', () => {
  test('has nothing that publint would object to', async () => {
    const { messages } = await publint({ pkgDir: process.cwd(), level: 'suggestion', strict: true })
    expect(messages).toEqual([])
  })

  test('depends on nothing that is installed with it', () => {
    expect(manifest.dependencies).toBeUndefined()
  })

  /** The others: tRPC exists once for each module system, and so does what throws its errors. */
  const singles = entries.filter(({ subpath }) => subpath !== './trpc')

  test('has one core for tRPC of both module systems, which each get the TRPCError of their own', () => {
    const program = `
      const required = { ...require('@user-execution-context/http/trpc'), ...require('@trpc/server') }
      Promise.all([import('@user-execution-context/http/trpc'), import('@trpc/server')]).then(async (both) => {
        const imported = Object.assign({}, ...both)
        const { createForUser, identityProvider } = require('user-execution-context')
        const signIn = identityProvider({ name: 'a', verify: (userId) => ({ userId }) })
        const userContext = createForUser(await signIn('ada'))
        for (const { initTRPC, TRPCError, userContext: users, contextOf } of [required, imported]) {
          const t = initTRPC.create()
          const router = t.router({ run: t.procedure.use(users(() => undefined)).query(() => 'served') })
          const error = await t.createCallerFactory(router)({ req: { headers: {} } }).run().catch((error) => error)
          console.log(error instanceof TRPCError, error.code, contextOf({ userContext }) === userContext)
        }
      })`
    expect(run(program)).toBe('true UNAUTHORIZED true\ntrue UNAUTHORIZED true')
  })

  test.each(singles)('is one and the same for import and for require: $subpath', ({ subpath }) => {
    const specifier = `@user-execution-context/http${subpath.slice(1)}`
    const program = `
      const required = require('${specifier}')
      import('${specifier}').then((imported) => {
        const names = Object.keys(imported).filter((name) => name !== 'default')
        console.log(names.length > 0 && names.every((name) => imported[name] === required[name]))
      })`
    expect(run(program)).toBe('true')
  })

  test.each(entries)('loads at run time the core alone, and its framework: $subpath', ({ subpath, file }) => {
    const program = `
      const Module = require('node:module')
      const load = Module._load
      const found = new Set()
      Module._load = (request, parent, isMain) => {
        if (parent?.filename.includes('/http/dist/') && !request.startsWith('.')) found.add(request)
        return load(request, parent, isMain)
      }
      require('${file}')
      console.log([...found].sort().join(' '))`
    const frameworks: Readonly<Record<string, string>> = {
      './nestjs': '@nestjs/common rxjs user-execution-context',
      './trpc': '@trpc/server user-execution-context',
    }
    expect(run(program)).toBe(frameworks[subpath] ?? 'user-execution-context')
  })
})
