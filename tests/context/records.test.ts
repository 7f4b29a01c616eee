import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { createForUser } from '../../src/context/user-execution-context.ts'
import { catchError, toFaults } from '../errors/catch-error.ts'
import { newUser } from '../users.ts'

const copy = (record: object): unknown =>
  createForUser(newUser(), { agentContext: record as Record<string, string> }).agentContext
const faultsOf = (record: object): readonly string[] => toFaults(catchError(() => copy(record)))

describe('agentContext', () => {
  test('may hold one array, or one object, in several places: that is no cycle', () => {
    const [list, entry] = [[1, 2], { a: 1 }]
    const record = { first: list, second: list, inner: { list, entry, entries: [entry, entry] }, entry }
    expect(copy(record)).toEqual(record)
  })

  test('may hold any number of arrays beside each other: only nesting is bounded', () => {
    const lists = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`list${index}`, [[index]]]))
    expect(copy({ ...lists, all: Object.values(lists) })).toEqual({ ...lists, all: Object.values(lists) })
  })

  test('refuses an array that holds itself, directly or further down', () => {
    const direct: unknown[] = []
    direct.push(direct)
    const inner: unknown[] = []
    inner.push({ back: [inner] })
    expect(faultsOf({ direct })).toEqual(['agentContext[key 1][0]: cycle'])
    expect(faultsOf({ inner })).toEqual(['agentContext[key 1][0][key 1][0]: cycle'])
  })

  test('takes plain objects and arrays of another realm, and copies them into this one', () => {
    const foreign = runInNewContext('({ a: { b: [1, { c: null }] } })') as object
    const copied = copy({ foreign }) as { foreign: { a: { b: unknown[] } } }
    expect(copied).toEqual({ foreign: { a: { b: [1, { c: null }] } } })
    expect(Object.getPrototypeOf(copied.foreign.a)).toBe(Object.prototype)
    expect(Object.getPrototypeOf(copied.foreign.a.b)).toBe(Array.prototype)
  })

  test('refuses a live object of another realm, and one whose prototype only looks like a foreign one', () => {
    const live = runInNewContext('({ map: new Map(), date: new Date(), own: new (class Own {})() })') as object
    expect(faultsOf({ live })).toEqual([
      'agentContext[key 1][key 1]: live object',
      'agentContext[key 1][key 2]: live object',
      'agentContext[key 1][key 3]: live object',
    ])
    const orphan = Object.create(Object.create(null, { steal: { value: () => 'key' } })) as object
    expect(faultsOf({ orphan })).toEqual(['agentContext[key 1]: live object'])
  })
})
