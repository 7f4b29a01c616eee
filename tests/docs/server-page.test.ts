import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { renderServerPage } from './server-page.ts'
import { documentedRoutes } from './server-routes.ts'

const page = 'docs/server.md'
const directory = 'packages/golden-path/src/server/routes'

describe('docs/server.md', () => {
  test('says what the sources say', async () => {
    // A missing page would be written anew and pass.
    if (process.env['CI']) expect(existsSync(page)).toBe(true)
    await expect(renderServerPage()).toMatchFileSnapshot(`../../${page}`)
  })

  test('lists every route of the server, and no other', () => {
    const served = readdirSync(directory).flatMap((file) =>
      Array.from(
        readFileSync(`${directory}/${file}`, 'utf8').matchAll(/method: '(\w+)',\s*path(?:: ['`]([^'`]+)['`])?/g),
        ([, method, path]) => `${method} ${(path ?? '/chat').replace('${path}', '/chat')}`,
      ),
    )
    expect(served.length).toBeGreaterThan(10)
    expect([...served].sort()).toEqual(documentedRoutes.map(({ route }) => route).sort())
  })

  test('names every option that the server checks for', () => {
    const options = readFileSync('packages/golden-path/src/server/parse-server-options.ts', 'utf8')
    const keys = /const keys = \[([\s\S]*?)\n\]/
      .exec(options)![1]!
      .match(/'(\w+)'/g)!
      .map((key) => key.slice(1, -1))
    const rows = renderServerPage()
      .match(/^\| `\w+` \|/gm)!
      .map((row) => row.slice(3, -3))
    expect(keys.length).toBeGreaterThan(20)
    expect(keys.filter((key) => !rows.includes(key))).toEqual([])
  })
})
