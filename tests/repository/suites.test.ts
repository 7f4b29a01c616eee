import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { relative } from 'node:path'
import { describe, expect, it } from 'vitest'
import { suites, suitesNamed } from '../../scripts/suites.mjs'
import { workspaces, workspacesNeededBy } from '../../scripts/workspaces.mjs'

type Listed = { readonly file: string; readonly projectName: string }

const packages = ['.', ...workspaces()]

/** Prints the test files of each directory. One process lists all of them, since its start takes longer than that. */
const program = `
import { createVitest } from 'vitest/node'
const found = {}
for (const directory of process.argv.slice(1)) {
  const vitest = await createVitest('test', { root: directory, watch: false })
  const specifications = await vitest.globTestSpecifications()
  found[directory] = specifications.map(({ moduleId, project }) => ({ file: moduleId, projectName: project.name }))
  await vitest.close()
}
process.stdout.write(JSON.stringify(found), () => process.exit())
`
const listed = JSON.parse(
  execFileSync(process.execPath, ['--input-type=module', '-e', program, ...packages], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  }),
) as Readonly<Record<string, readonly Listed[]>>

describe.each(packages)('the suites of %s', (directory) => {
  const found = listed[directory]!

  it('run every test file, and each in one suite only', () => {
    const files = readdirSync(`${directory}/tests`, { recursive: true, encoding: 'utf8' })
      .map((file) => `tests/${file}`)
      .filter((file) => file.endsWith('.test.ts') && !/fixtures|node_modules|tests\/host\//.test(file))
    expect(files.length).toBeGreaterThan(0)
    expect(found.map(({ file }) => relative(directory, file)).sort()).toEqual(files.sort())
  })

  it('are one for every project of vitest', () => {
    const names = suites.filter((suite) => suite.directory === directory).map(({ name }) => name)
    const projects = new Set(found.map(({ projectName }) => projectName.replace(/-memory$/, '')))
    expect([...projects].filter((name) => !names.includes(name))).toEqual([])
  })
})

describe('npm test -- NAME', () => {
  it('takes the name of a suite, or of a package for all of its suites', () => {
    expect(suitesNamed('migrate').map(({ name }) => name)).toEqual(['migrate'])
    const all = ['commands', 'acceptance', 'adopt', 'migrate', 'report-page', 'cached-scans']
    expect(suitesNamed('adopt').map(({ name }) => name)).toEqual(all)
    expect(suitesNamed('no-such-suite')).toEqual([])
  })
})

describe('npm start', () => {
  it('installs and builds what it runs, and nothing else', () => {
    const needed = workspacesNeededBy('examples/notes-server')
    expect(needed).toContain('packages/golden-path')
    expect(needed.at(-1)).toBe('examples/notes-server')
    expect(needed).not.toContain('packages/adopt')
  })
})
