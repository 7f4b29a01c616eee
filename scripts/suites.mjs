// The suites of `npm test`, one line each. First the longest, and those that wait for timers,
// sockets and a browser, so that they wait beside one that computes. Every command closes with a line "N passed, N failed".
const node = process.execPath

export const suites = [
  { name: 'acceptance', command: [node, 'scripts/run-vitest.mjs', 'acceptance'] },
  { name: 'golden-path', command: [node, 'scripts/run-vitest.mjs', 'golden-path'] },
  { name: 'page', command: [node, 'scripts/run-vitest.mjs', 'page'], needsChromium: true },
  { name: 'adopt', command: [node, 'scripts/run-vitest.mjs', 'adopt'], needsChromium: true },
  { name: 'isolation', command: [node, 'scripts/run-vitest.mjs', 'isolation'] },
  { name: 'migrate', command: [node, 'scripts/run-vitest.mjs', 'migrate'] },
  { name: 'violators', command: [node, 'scripts/run-vitest.mjs', 'violators'] },
  { name: 'unit', command: [node, 'scripts/run-vitest.mjs', 'unit'] },
  { name: 'lint', command: [node, 'scripts/run-vitest.mjs', 'lint'] },
  { name: 'types', command: [node, 'scripts/run-tsc.mjs'] },
  { name: 'tsd', command: [node, 'scripts/run-tsd.mjs'] },
  { name: 'docs', command: [node, 'scripts/run-vitest.mjs', 'docs'] },
]
