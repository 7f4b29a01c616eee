// The table of forgeries as values, which users throw at services of theirs: no row of our own table is missing there.
import { forgeries as values } from '@user-execution-context/testing'
import { describe, expect, test } from 'vitest'
import { forgeries } from './forgeries.ts'

/** What only the compiler sees: its value is one of another row. */
const sameValue = 'a value of another row under another type'

/** By the name of a row: the name of its value, or why there is none. */
const valueOf: Readonly<Record<string, string>> = {
  'object literal': 'an object literal with every field and another user',
  'satisfies': sameValue,
  'spread': 'a spread',
  'spread with an override': 'a spread with another user',
  'Object.assign': 'Object.assign with another user',
  'Object.create of the prototype': 'Object.create of its prototype with every field',
  'Object.create of a context': 'Object.create of the context with another user',
  'Object.setPrototypeOf': 'a copy whose prototype was set',
  'Proxy': 'a Proxy that passes everything on',
  'spread with every other member beside it': 'a spread with every other member beside it',
  'spread of what destructuring leaves': 'a spread of what destructuring leaves',
  'spread with getters of its own': 'a spread with a getter of its own',
  'literal with the context as its prototype': 'Object.create of the context with another user',
  'clone with its prototype and descriptors': 'a copy with prototype and property descriptors',
  'structuredClone that gets its prototype back': 'structuredClone that gets its prototype back',
  'entries put together again': 'entries put together again',
  'serialized by v8': 'a v8 round trip',
  'borrowed getters': 'an object whose getters are borrowed',
  'Proxy that reads through the real one': 'a Proxy that reads through the real one',
  'Proxy of an empty object that answers for the context': 'a Proxy that answers with another user',
  'private member added by a base class that returns another object': 'a private member added to a copy',
  'structuredClone': 'structuredClone',
  'JSON round trip': 'a JSON round trip',
  'as': 'a cast of { userId }',
  'as unknown as': sameValue,
  'angle-bracket assertion': sameValue,
  'any': sameValue,
  '@ts-expect-error': sameValue,
  'definite assignment': 'undefined',
  'non-null assertion': 'undefined',
  'generic return type': sameValue,
  'promise of a context': 'a promise of the context',
  'new context.constructor()': 'an instance of its constructor',
  'new (context as any).constructor()': 'an instance of its constructor',
  'new of the class, guessing its parameters': 'an instance of its constructor',
  'new of the class, without parameters': 'an instance of its constructor',
  'Reflect.construct': 'an instance of its constructor',
  'subclass': 'an instance of its constructor',
  'implements': 'an instance of a class of the same name and shape',
  'interface extension': sameValue,
  'module augmentation: a maker for strings': sameValue,
  'module augmentation: a field more': sameValue,
  'Pick': sameValue,
  'Omit': sameValue,
  'Partial': 'an empty object',
  'mapped type': sameValue,
  'lying type predicate': sameValue,
  'lying assertion function': sameValue,
  'second copy of the package': 'needs a second copy of the package',
  'worker-thread message': 'structuredClone',
  'vm realm': 'needs another realm',
  'plain JavaScript caller': 'a spread with another user',
}
const reasons = [sameValue, 'needs a second copy of the package', 'needs another realm']

describe('the forgeries of @user-execution-context/testing', () => {
  const names = values().map(({ name }) => name)
  const rows = forgeries.filter(({ runTime }) => runTime === 'refused').map(({ name }) => name)

  test('say of each row of the table that makes a value which one it is, or why it has none', () => {
    expect(Object.keys(valueOf).sort()).toEqual([...new Set(rows)].sort())
  })

  test('have each of these values', () => {
    const missing = Object.values(valueOf).filter((name) => !reasons.includes(name) && !names.includes(name))
    expect(missing).toEqual([])
  })
})
