// One case of tests/fixtures/migrate: `input` is copied, migrated with --write, and compared with `output` byte by
// byte.
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { migrate } from '../../src/migrate/migrate.ts'
import type { MigrateOptions, MigrateResult } from '../../src/migrate/migrate-options.ts'
import { scan } from '../../src/scan/scan.ts'
import type { ScanOptions } from '../../src/scan/scan-result.ts'
import { installPackages } from '../fixtures/legacy-app/packages.mjs'

export const casesDirectory = resolve('tests/fixtures/migrate')

export type OpenCase = {
  readonly root: string
  readonly run: (more?: Partial<MigrateOptions>) => Promise<MigrateResult>
  readonly remove: () => void
}

/**
 * Copies a case to a temporary directory, with a strict tsconfig unless it brings its own, and the built package
 * installed.
 */
export function openCase(name: string): OpenCase {
  const root = mkdtempSync(join(tmpdir(), 'migrate-case-'))
  cpSync(join(casesDirectory, name, 'input'), root, { recursive: true })
  if (!existsSync(join(root, 'tsconfig.json'))) writeFileSync(join(root, 'tsconfig.json'), strictConfig)
  if (!existsSync(join(root, 'package.json'))) writeFileSync(join(root, 'package.json'), '{ "type": "module" }\n')
  installPackages(root)
  const file = join(casesDirectory, name, 'options.json')
  const {
    types = ['UserExecutionContext'],
    factories,
    ...options
  } = (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}) as Partial<MigrateOptions> &
    Pick<ScanOptions, 'types' | 'factories'>
  const scanOptions = { root, types, ...(factories && { factories }) }
  return {
    root,
    run: (more = {}) => migrate({ scan: scanOptions, ...options, ...more }, scan),
    remove: () => rmSync(root, { recursive: true, force: true }),
  }
}

/** Source files below a directory by relative path, as bytes read in latin1 so that a changed byte shows. */
export function readSources(root: string): Record<string, string> {
  const entries = existsSync(root) ? readdirSync(root, { recursive: true, withFileTypes: true }) : []
  const files = entries
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
  const own = files.filter((file) => !relative(root, file).startsWith('node_modules')).sort()
  return Object.fromEntries(
    own.map((file) => [relative(root, file).replaceAll('\\', '/'), readFileSync(file, 'latin1')]),
  )
}

// Neither the types of Node nor those of a browser, which take the compiler longer than a case: one that needs them
// brings its own tsconfig, and no case has an error to begin with.
export const strictConfig = JSON.stringify({
  compilerOptions: {
    target: 'es2022',
    lib: ['es2023', 'esnext.disposable'],
    module: 'nodenext',
    moduleResolution: 'nodenext',
    strict: true,
    noEmit: true,
    types: [],
    skipLibCheck: true,
    noUnusedLocals: true,
  },
  include: ['src'],
})
