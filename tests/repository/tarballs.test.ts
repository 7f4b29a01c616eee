// The exact files of each tarball: a file that slips in, or one that is forgotten, turns this red.
import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'

type Packed = { readonly files: readonly { readonly path: string; readonly size: number }[] }

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

function pack(folder: string): Packed {
  const { stdout } = spawnSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: folder,
    encoding: 'utf8',
  })
  return (JSON.parse(stdout) as readonly [Packed])[0]
}

describe('the tarball', () => {
  test.each(Object.entries(packages))('of %s holds exactly the files that were reviewed', async (name, folder) => {
    const paths = pack(folder)
      .files.map(({ path }) => path)
      .sort()
    expect(paths).toContain('LICENSE')
    await expect(`${paths.join('\n')}\n`).toMatchFileSnapshot(`tarballs/${name}.txt`)
  })

  test('of the core leaves room under 1 MB on disk, in blocks of 4 kB', () => {
    const bytes = pack('.').files.reduce((sum, { size }) => sum + Math.ceil(size / 4096) * 4096, 0)
    // ts-brand takes 45,056 more.
    expect(bytes).toBeLessThan(913_000)
  })
})
