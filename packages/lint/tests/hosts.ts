// Runs the built plugin in its two real hosts, over a directory that has this package installed under its name.
import { execFileSync, spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { afterAll } from 'vitest'

const host = resolve('tests/host')
const made: string[] = []
afterAll(() => made.forEach((directory) => rmSync(directory, { recursive: true, force: true })))
const ruleNames = [
  'no-context-assertion',
  'no-vouch-outside',
  'no-module-context',
  'no-enter-with',
  'no-computed-reason',
  'no-context-write',
  'no-loose-method',
]
const rules = Object.fromEntries(ruleNames.map((rule) => [`user-execution-context/${rule}`, 'error']))
const allow = ['error', { allow: ['jobs/**/*.{ts,mjs}'] }]

/** A problem as `file:line rule`, and its message. */
export type Problem = { readonly at: string; readonly message: string }

/** Installs ESLint from its own lock file, unless it is installed already. */
export const installEslint = (): void => {
  const installed = join(host, 'node_modules/.package-lock.json')
  const stamp = join(host, 'node_modules/.installed-lock')
  const lock = readFileSync(join(host, 'package-lock.json'), 'utf8')
  if (existsSync(installed) && existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return
  execFileSync('npm', ['ci', '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: host,
    stdio: ['ignore', 2, 'inherit'],
  })
  writeFileSync(stamp, lock)
}

/** Writes the files to a new directory in which `user-execution-context` resolves to this checkout. */
export const makeDirectory = (files: Readonly<Record<string, string>>): string => {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'lint-')))
  made.push(directory)
  mkdirSync(join(directory, 'node_modules'))
  symlinkSync(resolve('../..'), join(directory, 'node_modules/user-execution-context'), 'dir')
  symlinkSync(resolve('.'), join(directory, 'node_modules/eslint-plugin-user-execution-context'), 'dir')
  // A package of its own: what lies above the temporary directory must not decide what a name resolves to.
  writeFileSync(join(directory, 'package.json'), '{ "name": "lint-case", "private": true }')
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, file)), { recursive: true })
    writeFileSync(join(directory, file), text)
  }
  return directory
}

/** A host over a directory, with options of rules instead of those of the tests. */
type RunHost = (directory: string, overrides?: Readonly<Record<string, unknown>>) => readonly Problem[]

/** ESLint 10 with @typescript-eslint/parser. The configuration takes `recommended`, as a user's would. */
export const runEslint: RunHost = (directory, overrides = {}) => {
  writeEslintConfiguration(directory, overrides)
  return readEslint('eslint', directory)
}

/** The same with ESLint 9. */
export const runEslint9: RunHost = (directory, overrides = {}) => {
  writeEslintConfiguration(directory, overrides)
  return readEslint('eslint-9', directory)
}

const writeEslintConfiguration = (directory: string, overrides: Readonly<Record<string, unknown>>): void => {
  const parser = join(host, 'node_modules/@typescript-eslint/parser/dist/index.js')
  const vouching = JSON.stringify({ 'user-execution-context/no-vouch-outside': allow, ...overrides })
  writeFileSync(
    join(directory, 'eslint.config.mjs'),
    `import contextLint from 'eslint-plugin-user-execution-context'
import parser from ${JSON.stringify(parser)}
export default [
  { files: ['**/*.ts'], languageOptions: { parser } },
  { files: ['**/*.js'], languageOptions: { sourceType: 'commonjs' } },
  { files: ['src/**', 'jobs/**'], ...contextLint.configs.recommended },
  { files: ['src/**', 'jobs/**'], rules: ${vouching} },
]
`,
  )
}

/** What an ESLint says with the configuration in the directory. */
export const readEslint = (name: 'eslint' | 'eslint-9', directory: string): readonly Problem[] => {
  const text = run(
    join(host, 'node_modules', name, 'bin/eslint.js'),
    ['--format', 'json', 'src', ...(existsSync(join(directory, 'jobs')) ? ['jobs'] : [])],
    directory,
  )
  const results = JSON.parse(text) as {
    filePath: string
    messages: { ruleId: string | null; line: number; message: string }[]
  }[]
  return results.flatMap(({ filePath, messages }) =>
    messages.map(({ ruleId, line, message }) => toProblem(directory, filePath, line, ruleId ?? message, message)),
  )
}

/** oxlint with the same plugin file as a JavaScript plugin. */
export const runOxlint: RunHost = (directory, overrides = {}) => {
  const config = {
    jsPlugins: ['eslint-plugin-user-execution-context'],
    categories: { correctness: 'off' },
    rules: { ...rules, 'user-execution-context/no-vouch-outside': allow, ...overrides },
  }
  writeFileSync(join(directory, '.oxlintrc.json'), JSON.stringify(config))
  return readOxlint(directory)
}

/** What oxlint says with the configuration in the directory. */
export const readOxlint = (directory: string): readonly Problem[] => {
  const text = run(
    resolve('../../node_modules/oxlint/bin/oxlint'),
    ['--config', '.oxlintrc.json', '--format', 'json', 'src', ...(existsSync(join(directory, 'jobs')) ? ['jobs'] : [])],
    directory,
  )
  const { diagnostics } = JSON.parse(text) as {
    diagnostics: { code: string; filename: string; message: string; labels: { span: { line: number } }[] }[]
  }
  return diagnostics.map(({ code, filename, message, labels }) =>
    toProblem(directory, join(directory, filename), labels[0]?.span.line ?? 0, code, message),
  )
}

// ESLint says user-execution-context/rule, oxlint user-execution-context(rule).
const toProblem = (directory: string, file: string, line: number, rule: string, message: string): Problem => {
  const name = ruleNames.find((one) => rule.includes(one)) ?? rule
  return { at: `${file.slice(directory.length + 1)}:${line} ${name}`, message }
}

const run = (program: string, words: readonly string[], directory: string): string => {
  const { stdout, stderr, status } = spawnSync(process.execPath, [program, ...words], {
    cwd: directory,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], NO_COLOR: '1' },
  })
  if (status !== 0 && status !== 1) throw new Error(`${program} ended with ${status}:\n${stdout}\n${stderr}`)
  return stdout
}
