// docs/compatibility.md, written from the checks that ran.

const head = `# Where it runs

What the suite \`integration\` runs, and what came of it. Each environment installs the packed packages from their
tarballs, as a user would. The suite writes this page (\`node integration/run.mjs --write\`) and fails when the page
says anything else than what was run; CI runs the suite.
`

/** The page for the checks of a whole run, and its rows. They are sorted, because the projects run side by side. */
export function toCompatibilityPage(checks) {
  const environments = groupByEnvironment(checks)
  const rows = Array.from(environments, ([environment, found]) => toRow(environment, found))
  rows.sort((one, other) => one.localeCompare(other, 'en', { numeric: true }))
  return { page: `${head}\n| Environment | What is run | Result |\n|---|---|---|\n${rows.join('\n')}\n`, rows }
}

function toRow(environment, checks) {
  const whats = [...new Set(checks.map(({ what }) => what))].sort()
  const failed = checks.filter(({ passed }) => !passed).map(({ what }) => what)
  const result = failed.length === 0 ? 'passes' : `fails: ${failed.join('; ')}`
  return `| ${environment} | ${whats.join('; ')} | ${result} |`
}

function groupByEnvironment(checks) {
  const groups = new Map()
  for (const check of checks) groups.set(check.environment, [...(groups.get(check.environment) ?? []), check])
  return groups
}
