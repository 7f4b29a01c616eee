import { describe, expect, test } from 'vitest'
import { findLaterWrite } from '../../src/migrate/later-writes.ts'
import { parseSyntax } from '../../src/engine/syntax.ts'
import { findNode } from '../../src/engine/syntax-search.ts'

/** Whether the value `({ a: 1 })` of the text is written to later. */
function isWritten(text: string): boolean {
  const tree = parseSyntax('a.ts', text)
  const start = text.indexOf('{ a: 1 }')
  const site = findNode(tree, start, start + '{ a: 1 }'.length)
  if (!site) throw new Error('the text holds no site')
  return findLaterWrite(tree, site) !== undefined
}

describe('findLaterWrite', () => {
  test.each([
    ['a field', 'const c = { a: 1 }; c.a = 2'],
    ['a nested field', 'const c: T = { a: 1 } as T; c.list.first!.a = 2'],
    ['a computed field', "const c = known ?? { a: 1 }; c['a'] = 2"],
    ['a counter', 'let c = { a: 1 }; c.a++'],
    ['delete', 'const c = { a: 1 }; delete c.a'],
    ['Object.assign', 'const c = { a: 1 }; Object.assign(c, more)'],
    ['the value itself, by Object.assign', 'const c = Object.assign({ a: 1 }, more)'],
    ['the value itself, by Reflect.set', "Reflect.set(known ?? ({ a: 1 } as T), 'a', 2)"],
    ['a nested list', 'const c = { a: 1 }; c.list.push(2)'],
    ['a pattern', 'const c = { a: 1 }; [c.a] = list'],
    ['a nested pattern', 'const c = { a: 1 }; ({ b: { d: c.a } } = more)'],
    ['the head of a loop', 'const c = { a: 1 }; for (c.a of list) use(c)'],
    ['inside a callback', 'function f() { const c = { a: 1 }; later(() => { c.a = 2 }) }'],
    ['a variable set later', 'let c: T; c = { a: 1 }; c.a = 2'],
    ['an own field', 'class D { c = { a: 1 }; m() { this.c.a = 2 } }'],
    ['an own field set in a method', 'class D { m() { this.c = { a: 1 } } n() { this.c.a = 2 } }'],
    ['a member of another object', 'desk.c = { a: 1 }; desk.c.a = 2'],
    ['a parameter with a default', 'function f(c: T = { a: 1 }) { c.a = 2 }'],
  ])('sees a write to %s', (_name, text) => {
    expect(isWritten(text)).toBe(true)
  })

  test.each([
    ['reading it', 'const c = { a: 1 }; use(c.a)'],
    ['reading it in a pattern', 'const c = { a: 1 }; ({ [c.a]: d, e = c.a } = more)'],
    ['copying it', 'const c = Object.assign({}, { a: 1 })'],
    ['giving the variable another value', 'let c = { a: 1 }; c = other'],
    ['writing to another variable', 'const c = { a: 1 }; d.a = 2'],
    ['writing to a variable that begins alike', 'const c = { a: 1 }; cc.a = 2'],
    [
      'writing in another function to its own variable',
      'function f() { const c = { a: 1 } } function g(c: T) { c.a = 2 }',
    ],
    ['setting the field that holds it', 'class D { c = { a: 1 }; m() { this.c = other } }'],
    ['a value that no name holds', 'use({ a: 1 }); c.a = 2'],
  ])('is not misled by %s', (_name, text) => {
    expect(isWritten(text)).toBe(false)
  })
})
