import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Issue } from '../../src/errors/issue.ts'
import { copyRecord, emptyRecord, isPlainObject, jsonLimits, mergeRecords } from '../../src/facts/json-copy.ts'

const jsonRecord = fc
  .dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 }))
  .filter((record) => !JSON.stringify(record).includes('__proto__'))

function copy(record: unknown): { readonly copy: unknown; readonly faults: readonly string[] } {
  const issues: Issue[] = []
  const copied = copyRecord(record, 'data', issues)
  return { copy: copied, faults: issues.map(({ path, kind }) => `${path}: ${kind}`) }
}

function isDeeplyFrozen(value: unknown): boolean {
  return (
    typeof value !== 'object' ||
    value === null ||
    (Object.isFrozen(value) && Object.values(value).every(isDeeplyFrozen))
  )
}

function nest(levels: number): object {
  return Array.from({ length: levels - 1 }).reduce<object>((inner) => ({ inner }), {})
}

class Session {
  readonly connected = true
}

describe('copyRecord', () => {
  test('gives an equal, deeply frozen copy of any JSON record that shares no object with it', () => {
    fc.assert(
      fc.property(jsonRecord, (record) => {
        const before = JSON.stringify(record)
        const { copy: copied, faults } = copy(record)
        expect(faults).toEqual([])
        expect(JSON.stringify(copied)).toBe(before)
        expect(isDeeplyFrozen(copied)).toBe(true)
        expect(Object.isFrozen(record)).toBe(false)
      }),
    )
  })

  test('does not change when its giver changes the original later', () => {
    const original = { list: [{ role: 'reader' }] }
    const { copy: copied } = copy(original)
    original.list[0]!.role = 'admin'
    original.list.push({ role: 'root' })
    expect(copied).toEqual({ list: [{ role: 'reader' }] })
  })

  test('leaves out what is undefined, as JSON does', () => {
    expect(copy({ here: 1, absent: undefined })).toEqual({ copy: { here: 1 }, faults: [] })
    expect('absent' in (copy({ absent: undefined }).copy as object)).toBe(false)
  })

  test('leaves out what is no data: symbol keys, hidden and inherited properties', () => {
    const record = Object.defineProperty({ [Symbol('key')]: 1, here: 2 }, 'hidden', { value: 3 })
    expect(Reflect.ownKeys(copy(record).copy as object)).toEqual(['here'])
  })

  test('shares one frozen object among all empty records', () => {
    expect(copy({}).copy).toBe(emptyRecord)
    expect(Object.isFrozen(emptyRecord)).toBe(true)
  })

  test('reads every property once, so that a getter cannot answer twice', () => {
    const reads: Record<string, number> = {}
    const counted = (name: string, value: unknown): PropertyDescriptor => ({
      enumerable: true,
      get: () => {
        reads[name] = (reads[name] ?? 0) + 1
        return reads[name] === 1 ? value : new Session()
      },
    })
    const inner = Object.defineProperties({}, { role: counted('role', 'reader') })
    const list = Object.defineProperties([], { 0: counted('item', 1) })
    const { copy: copied, faults } = copy(
      Object.defineProperties({}, { inner: counted('inner', inner), list: counted('list', list) }),
    )
    expect(faults).toEqual([])
    expect(copied).toEqual({ inner: { role: 'reader' }, list: [1] })
    expect(reads).toEqual({ inner: 1, role: 1, list: 1, item: 1 })
  })

  test.each([
    ['a function', { tool: () => 1 }, 'data[key 1]: live object'],
    ['a class instance', { session: new Session() }, 'data[key 1]: live object'],
    ['a date', { at: new Date() }, 'data[key 1]: live object'],
    ['a map', { cache: new Map() }, 'data[key 1]: live object'],
    ['a promise', { user: Promise.resolve() }, 'data[key 1]: live object'],
    ['a buffer', { bytes: Buffer.from('x') }, 'data[key 1]: live object'],
    ['an error', { error: new Error('x') }, 'data[key 1]: live object'],
    ['an object with an invented prototype', { user: Object.create({ admin: true }) }, 'data[key 1]: live object'],
    ['a bigint', { size: 1n }, 'data[key 1]: not JSON'],
    ['a symbol', { sign: Symbol('x') }, 'data[key 1]: not JSON'],
    ['undefined in a list', { list: [1, undefined] }, 'data[key 1][1]: not JSON'],
    // oxlint-disable-next-line no-sparse-arrays -- the hole is the input
    ['a hole in a list', { list: [1, , 3] }, 'data[key 1][1]: not JSON'],
    ['NaN', { count: Number.NaN }, 'data[key 1]: not finite'],
    ['infinity', { count: -Infinity }, 'data[key 1]: not finite'],
    [
      'a key that would set a prototype',
      JSON.parse('{ "a": { "__proto__": { "admin": true } } }'),
      'data[key 1][key 1]: illegal key',
    ],
    ['a fault deep inside', { a: [{ b: { c: [0, new Session()] } }] }, 'data[key 1][0][key 1][key 1][1]: live object'],
    ['a string', 'x', 'data: not a plain object'],
    ['a list', [], 'data: not a plain object'],
    ['null', null, 'data: not a plain object'],
    ['a class instance as the record', new Session(), 'data: not a plain object'],
  ])('refuses %s and says where it stands', (_what, record, fault) => {
    expect(copy(record).faults).toEqual([fault])
  })

  test('says all faults at once', () => {
    expect(copy({ a: () => 1, b: { c: 1n }, d: [Number.NaN] }).faults).toEqual([
      'data[key 1]: live object',
      'data[key 2][key 1]: not JSON',
      'data[key 3][0]: not finite',
    ])
  })

  // A key is data as a value is: { 'alice-has-asthma': … } must not reach a log by an error.
  test('counts keys, and names none', () => {
    const record = { fine: { canary_1: [{ canary_2: () => 1 }] }, canary_3: 1n, canary_4: { canary_5: Number.NaN } }
    const { faults } = copy(record)
    expect(faults).toEqual([
      'data[key 1][key 1][0][key 1]: live object',
      'data[key 2]: not JSON',
      'data[key 3][key 1]: not finite',
    ])
    expect(faults.join()).not.toContain('canary')
  })

  test('refuses a cycle, and takes the same object twice side by side', () => {
    const shared = { x: 1 }
    expect(copy({ left: shared, right: shared })).toEqual({ copy: { left: { x: 1 }, right: { x: 1 } }, faults: [] })
    const loop: { self?: unknown } = {}
    loop.self = { again: [loop] }
    expect(copy(loop).faults).toEqual(['data[key 1][key 1][0]: cycle'])
  })

  test(`takes ${jsonLimits.maxDepth} levels and refuses one more`, () => {
    expect(copy(nest(jsonLimits.maxDepth)).faults).toEqual([])
    expect(copy(nest(jsonLimits.maxDepth + 1)).faults).toEqual([
      `data${'[key 1]'.repeat(jsonLimits.maxDepth)}: too deep`,
    ])
  })

  test(`takes ${jsonLimits.maxValues} values and refuses one more, once`, () => {
    expect(copy({ list: Array(jsonLimits.maxValues - 1).fill(0) }).faults).toEqual([])
    expect(copy({ list: Array(jsonLimits.maxValues).fill(0), more: 1 }).faults).toEqual([
      `data[key 1][${jsonLimits.maxValues - 1}]: too large`,
    ])
  })

  test('counts the characters of keys and strings together, also of the last value', () => {
    const half = jsonLimits.maxCharacters / 2
    expect(copy({ ['k'.repeat(half)]: 'v'.repeat(half) }).faults).toEqual([])
    expect(copy({ a: 'v'.repeat(jsonLimits.maxCharacters) }).faults).toEqual(['data[key 1]: too large'])
    expect(copy({ ['k'.repeat(jsonLimits.maxCharacters + 1)]: 1 }).faults).toEqual(['data[key 1]: too large'])
  })

  test('ends in bounded time on a list that lies about its length', () => {
    const liar = new Proxy([], { get: (target, key) => (key === 'length' ? 2 ** 32 - 1 : Reflect.get(target, key)) })
    expect(copy({ liar }).faults.length).toBeLessThanOrEqual(jsonLimits.maxValues + 1)
  })

  test.each([[-1], [Number.NaN], [0.5], ['many'], [undefined]])('takes a list that says it is %s long', (length) => {
    const liar = new Proxy([], { get: (target, key) => (key === 'length' ? length : Reflect.get(target, key)) })
    expect(copy({ liar })).toEqual(
      length === 0.5
        ? { copy: { liar: [null] }, faults: ['data[key 1][0]: not JSON'] }
        : { copy: { liar: [] }, faults: [] },
    )
  })

  test('takes a record of another realm', () => {
    expect(copy(runInNewContext('({ list: [{ a: 1 }] })'))).toEqual({ copy: { list: [{ a: 1 }] }, faults: [] })
  })
})

describe('mergeRecords', () => {
  const frozen = (record: object): ReturnType<typeof copyRecord> => copyRecord(record, 'data', [])

  test('lets later keys win and shares what was frozen before', () => {
    const base = frozen({ kept: { a: 1 }, replaced: 1 })
    const merged = mergeRecords(base, frozen({ replaced: 2, added: 3 }))
    expect(merged).toEqual({ kept: { a: 1 }, replaced: 2, added: 3 })
    expect(merged['kept']).toBe(base['kept'])
    expect(Object.isFrozen(merged)).toBe(true)
    expect(base).toEqual({ kept: { a: 1 }, replaced: 1 })
  })

  test('gives the same object when one side is empty', () => {
    const base = frozen({ a: 1 })
    expect(mergeRecords(base, emptyRecord)).toBe(base)
    expect(mergeRecords(emptyRecord, base)).toBe(base)
  })
})

describe('isPlainObject', () => {
  test.each([[{}], [Object.create(null)], [JSON.parse('{}')], [runInNewContext('({})')]])(
    'takes a plain object (%#)',
    (value) => {
      expect(isPlainObject(value)).toBe(true)
    },
  )

  test.each([[[]], [null], [() => 1], ['x'], [new Session()], [new Map()], [Object.create({})], [new Date()]])(
    'takes nothing else (%#)',
    (value) => {
      expect(isPlainObject(value)).toBe(false)
    },
  )
})
