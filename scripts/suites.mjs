// The suites of `npm test`, one line each: the folder of the package, and the command. First the longest, and those that
// wait for timers, sockets and a browser, so that they wait beside one that computes. Every command closes with a line
// "N passed, N failed".
import { fileURLToPath } from 'node:url'

const script = (name, ...parameters) => [process.execPath, fileURLToPath(new URL(name, import.meta.url)), ...parameters]
const vitest = (name, folder, needs = {}) => ({ name, folder, command: script('run-vitest.mjs', name), ...needs })

export const suites = [
  vitest('acceptance', 'packages/adopt'),
  vitest('golden-path', 'packages/golden-path'),
  vitest('page', 'examples/notes-server', { needsChromium: true }),
  vitest('adopt', 'packages/adopt', { needsChromium: true }),
  vitest('isolation', 'examples/notes-server'),
  vitest('notes-server', 'examples/notes-server'),
  vitest('migrate', 'packages/adopt'),
  vitest('violators', '.'),
  vitest('unit', '.'),
  vitest('lint', 'packages/lint'),
  { name: 'style', folder: '.', command: script('run-style.mjs') },
  { name: 'types', folder: '.', command: script('run-types.mjs') },
  vitest('docs', '.'),
]
