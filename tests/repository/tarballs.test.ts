// The exact files of each tarball: a file that slips in, or one that is forgotten, turns this red.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

type Packed = { readonly name: string; readonly files: readonly { readonly path: string; readonly size: number }[] }

const packages = {
  'core': '.',
  'transfer': 'packages/transfer',
  'golden-path': 'packages/golden-path',
  'postgres': 'packages/postgres',
  'http': 'packages/http',
  'mcp': 'packages/mcp',
  'testing': 'packages/testing',
  'adopt': 'packages/adopt',
  'lint': 'packages/lint',
}

/** What npm would pack of each package, by its directory: told by one npm, as its start takes longer than packing. */
const packed: ReadonlyMap<string, Packed> = packAll()

function packAll(): ReadonlyMap<string, Packed> {
  const workspaces = Object.values(packages).flatMap((directory) =>
    directory === '.' ? [] : ['--workspace', directory],
  )
  const { stdout } = spawnSync(
    'npm',
    ['pack', '--dry-run', '--json', '--ignore-scripts', '--include-workspace-root', ...workspaces],
    { encoding: 'utf8', maxBuffer: 1 << 26 },
  )
  const byName = new Map((JSON.parse(stdout) as readonly Packed[]).map((one) => [one.name, one]))
  return new Map(
    Object.values(packages).map((directory) => {
      const { name } = JSON.parse(readFileSync(`${directory}/package.json`, 'utf8')) as { readonly name: string }
      return [directory, byName.get(name)!]
    }),
  )
}

describe('the tarball', () => {
  test.each(Object.entries(packages))('of %s holds exactly the files that were reviewed', async (name, directory) => {
    const paths = packed
      .get(directory)!
      .files.map(({ path }) => path)
      .sort()
    expect(paths).toContain('LICENSE')
    await expect(`${paths.join('\n')}\n`).toMatchFileSnapshot(`tarballs/${name}.txt`)
  })

  test('of the core leaves room under 1 MB on disk, in blocks of 4 kB', () => {
    const bytes = packed.get('.')!.files.reduce((sum, { size }) => sum + Math.ceil(size / 4096) * 4096, 0)
    // ts-brand takes 45,056 more.
    expect(bytes).toBeLessThan(913_000)
  })
})
