import { existsSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { forgeries } from './forgeries.ts'
import { renderForgeriesPage } from './forgeries-page.ts'

/** The forms that issue and design name, each by a word of its row: a row cannot be dropped unseen. */
const named = [
  'object literal',
  'satisfies',
  'spread',
  'spread with an override',
  'Object.assign',
  'Object.create of a context',
  'Object.setPrototypeOf',
  'Proxy',
  'structuredClone',
  'JSON round trip',
  'as',
  'as unknown as',
  'any',
  'new of the imported type',
  'new context.constructor()',
  'Reflect.construct',
  'subclass',
  'implements',
  'interface extension',
  'module augmentation: a maker for strings',
  'Pick',
  'Omit',
  'Partial',
  'mapped type',
  'lying type predicate',
  'mutation of a field',
  'mutation of nested data',
  'patching the prototype',
  'deep import by name',
  'deep import by path',
  'second copy of the package',
  'worker-thread message',
  'vm realm',
  'plain JavaScript caller',
]

describe('docs/forgeries.md', () => {
  test('says what the table of forgeries says', async () => {
    // A missing page would be written anew and pass.
    if (process.env['CI']) expect(existsSync('docs/forgeries.md')).toBe(true)
    await expect(renderForgeriesPage()).toMatchFileSnapshot('../../docs/forgeries.md')
  })
})

describe('forgeries', () => {
  test('has a row for every form that must be refused', () => {
    const rows = forgeries.map(({ name }) => name)
    expect(new Set(rows).size).toBe(rows.length)
    expect(named.filter((name) => !rows.includes(name))).toEqual([])
  })
})
