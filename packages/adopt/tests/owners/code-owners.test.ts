import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { parseCodeOwners, readCodeOwners } from '../../src/owners/code-owners.ts'

// The example of GitHub's documentation, with the answers that its comments give.
const documented = `# This is a comment.
*       @global-owner1 @global-owner2
*.js    @js-owner #This is an inline comment.
*.go docs@example.com
*.txt @octo-org/octocats
/build/logs/ @doctocat
docs/* docs@example.com
apps/ @octocat
/docs/ @doctocat
/scripts/ @doctocat @octocat
**/logs @octocat
/apps/ @octocat
/apps/github
`

describe('parseCodeOwners', () => {
  const ownersOf = parseCodeOwners(documented)
  test.each([
    ['README.md', '@global-owner1 @global-owner2'],
    ['deep/down/a.js', '@js-owner'],
    ['a.go', 'docs@example.com'],
    ['notes/b.txt', '@octo-org/octocats'],
    ['build/logs/one/two.js', '@octocat'],
    ['inner/build/logs.ts', '@global-owner1 @global-owner2'],
    ['docs/getting-started.md', '@doctocat'],
    ['src/apps/one.ts', '@octocat'],
    ['scripts/run.sh', '@doctocat @octocat'],
    ['deeply/nested/logs/one.ts', '@octocat'],
    ['apps/one.ts', '@octocat'],
    ['apps/github/one.ts', ''],
    ['apps/githubs.ts', '@octocat'],
  ])('%s belongs to: %s', (file, owners) => {
    expect(ownersOf(file).join(' ')).toBe(owners)
  })

  test.each([
    ['docs/* @a', 'docs/one.md', ['@a']],
    ['docs/* @a', 'docs/build/one.md', []],
    ['docs/* @a', 'inner/docs/one.md', []],
    ['/src/** @a', 'src/a/b.ts', ['@a']],
    ['src/**/context.ts @a', 'src/context.ts', ['@a']],
    ['src/**/context.ts @a', 'src/one/two/context.ts', ['@a']],
    ['context.ts @a', 'one/two/context.ts', ['@a']],
    ['Context.ts @a', 'context.ts', []],
    ['a?.ts @a', 'ab.ts', ['@a']],
    ['with\\ space.ts @a', 'with space.ts', ['@a']],
    ['.github @a', '.github/workflows/ci.yml', ['@a']],
    ['(group)/page.tsx @a', 'app/(group)/page.tsx', []],
    ['app/(group)/ @a', 'app/(group)/page.tsx', ['@a']],
    ['{a,b}.ts @a', 'a.ts', []],
    ['!a.ts @a', 'a.ts', []],
    ['[ab].ts @a', 'a.ts', []],
    ['* @a\na.ts @b\n* @c', 'a.ts', ['@c']],
    ['* @a\r\nsrc/ @b\r\n', 'src/a.ts', ['@b']],
    ['* no-owner', 'a.ts', []],
  ])('%s: %s', (text, file, owners) => {
    expect(parseCodeOwners(text)(file)).toEqual(owners)
  })
})

describe('readCodeOwners', () => {
  const root = mkdtempSync(join(tmpdir(), 'owners-'))
  afterAll(() => rmSync(root, { recursive: true, force: true }))

  test('takes the file of .github first, and the one of the repository for a directory in it', () => {
    expect(readCodeOwners(join(root))).toBeUndefined()
    mkdirSync(join(root, '.git'))
    mkdirSync(join(root, '.github'))
    mkdirSync(join(root, 'apps/web'), { recursive: true })
    writeFileSync(join(root, 'CODEOWNERS'), '* @second\n')
    expect(readCodeOwners(root)?.('a.ts')).toEqual(['@second'])
    writeFileSync(join(root, '.github/CODEOWNERS'), '* @first\n/apps/web/src/ @web\n')
    expect(readCodeOwners(root)?.('a.ts')).toEqual(['@first'])
    expect(readCodeOwners(join(root, 'apps/web'))?.('src/a.ts')).toEqual(['@web'])
    expect(readCodeOwners(join(root, 'apps/web'))?.('a.ts')).toEqual(['@first'])
  })
})
