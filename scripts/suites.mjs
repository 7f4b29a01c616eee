// The suites of `npm test`, one line each: the directory of the package, and the command. The longest come first, and
// those that wait for timers, sockets and a browser, so that they wait beside one that computes. Every command closes
// with a line "N passed, N failed".
//   ci: true      takes minutes: runs where CI is set, or when it is named
//   longestMs     how long it may take, where the usual limit is too short
//   soak: true    has a long version: `npm run soak` runs it with SOAK=true
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'

const script = (name, ...words) => [process.execPath, fileURLToPath(new URL(name, import.meta.url)), ...words]
const vitest = (name, directory, traits = {}) => ({
  name,
  directory,
  command: script('run-vitest.mjs', name),
  ...traits,
})

export const suites = [
  {
    name: 'integration',
    directory: '.',
    command: script('../integration/run.mjs'),
    ci: true,
    needsChromium: true,
    longestMs: 2_400_000,
  },
  vitest('commands', 'packages/adopt', { ci: true, longestMs: 1_800_000 }),
  vitest('acceptance', 'packages/adopt', { ci: true, soak: true }),
  vitest('postgres-servers', 'packages/postgres', { ci: true }),
  vitest('golden-path', 'packages/golden-path'),
  vitest('postgres', 'packages/postgres'),
  vitest('page', 'examples/notes-server', { ci: true, needsChromium: true }),
  vitest('start', 'examples/notes-server', { ci: true }),
  vitest('isolation', 'examples/notes-server', { ci: true, soak: true }),
  vitest('unit', '.'),
  vitest('adopt', 'packages/adopt'),
  vitest('migrate', 'packages/adopt', { ci: true }),
  vitest('report-page', 'packages/adopt', { ci: true, needsChromium: true }),
  vitest('cached-scans', 'packages/adopt', { ci: true }),
  vitest('doc-programs', '.', { ci: true }),
  vitest('kill', 'packages/postgres', { ci: true, soak: true }),
  { name: 'postgres-15', directory: 'packages/postgres', command: script('run-postgres-15.mjs'), ci: true },
  { name: 'upgrade', directory: 'packages/postgres', command: script('run-postgres-15.mjs', 'upgrade'), ci: true },
  { name: 'pgbouncer', directory: 'packages/postgres', command: script('run-pgbouncer.mjs'), ci: true },
  { name: 'style', directory: '.', command: script('run-style.mjs') },
  vitest('floods', 'packages/golden-path', { ci: true }),
  vitest('http', 'packages/http'),
  vitest('notes-server', 'examples/notes-server'),
  vitest('docs', '.'),
  { name: 'types', directory: '.', command: script('run-types.mjs') },
  vitest('violators', '.'),
  vitest('consumers', '.', { ci: true }),
  vitest('builds', '.', { ci: true }),
  vitest('lint', 'packages/lint'),
  vitest('mcp', 'packages/mcp'),
  vitest('mcp-processes', 'packages/mcp', { ci: true }),
  vitest('transfer', 'packages/transfer'),
  vitest('testing', 'packages/testing'),
]

/** The suites that a word names: the one of this name, and all suites of a package by the name of its directory. */
export const suitesNamed = (word) =>
  suites.filter(({ name, directory }) => name === word || basename(directory) === word)
