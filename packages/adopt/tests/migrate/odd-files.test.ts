import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { openCase, type OpenCase } from './migrate-case.ts'

let open: OpenCase | undefined
afterEach(() => open?.remove())

describe('migrate', () => {
  test('moves the rest beside a file whose names the compiler alone refuses', async () => {
    open = openCase('own-factory')
    const twice =
      "import type { TenantContext } from './context.ts'\nlet one: TenantContext | undefined\nlet one = 2\nvoid one\n"
    writeFileSync(join(open.root, 'src/twice.ts'), twice)
    const result = await open.run()
    expect(result.moved).toBeGreaterThan(0)
    expect(result.diagnosticsAfter).toBe(result.diagnosticsBefore)
  })
})
