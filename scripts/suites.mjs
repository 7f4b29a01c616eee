// The suites of `npm test`, one line each, the longest first. Every command closes with a line "N passed, N failed".
const node = process.execPath

export const suites = [
  { name: 'acceptance', command: [node, 'scripts/run-vitest.mjs', 'acceptance'] },
  { name: 'adopt', command: [node, 'scripts/run-vitest.mjs', 'adopt'] },
  { name: 'golden-path', command: [node, 'scripts/run-vitest.mjs', 'golden-path'] },
  { name: 'migrate', command: [node, 'scripts/run-vitest.mjs', 'migrate'] },
  { name: 'page', command: [node, 'scripts/run-vitest.mjs', 'page'] },
  { name: 'violators', command: [node, 'scripts/run-vitest.mjs', 'violators'] },
  { name: 'unit', command: [node, 'scripts/run-vitest.mjs', 'unit'] },
  { name: 'isolation', command: [node, 'scripts/run-vitest.mjs', 'isolation'] },
  { name: 'lint', command: [node, 'scripts/run-vitest.mjs', 'lint'] },
  { name: 'types', command: [node, 'scripts/run-tsc.mjs'] },
  { name: 'tsd', command: [node, 'scripts/run-tsd.mjs'] },
  { name: 'docs', command: [node, 'scripts/run-vitest.mjs', 'docs'] },
]
