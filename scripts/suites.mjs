// The suites of `npm test`, one line each. Every command closes with a line "N passed, N failed".
const node = process.execPath

export const suites = [
  { name: 'types', lane: 'compile', command: [node, 'scripts/run-tsc.mjs'] },
  { name: 'tsd', lane: 'compile', command: [node, 'scripts/run-tsd.mjs'] },
  { name: 'violators', lane: 'compile', command: [node, 'scripts/run-vitest.mjs', 'violators'] },
  { name: 'docs', lane: 'compile', command: [node, 'scripts/run-vitest.mjs', 'docs'] },
  { name: 'unit', lane: 'run', command: [node, 'scripts/run-vitest.mjs', 'unit'] },
  { name: 'golden-path', lane: 'run', command: [node, 'scripts/run-vitest.mjs', 'golden-path'] },
  { name: 'isolation', lane: 'compile', command: [node, 'scripts/run-vitest.mjs', 'isolation'] },
  { name: 'page', lane: 'run', command: [node, 'scripts/run-vitest.mjs', 'page'] },
  { name: 'adopt', lane: 'run', command: [node, 'scripts/run-vitest.mjs', 'adopt'] },
  { name: 'lint', lane: 'run', command: [node, 'scripts/run-vitest.mjs', 'lint'] },
]
