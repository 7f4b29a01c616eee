import { describe, expect, test } from 'vitest'
import { moduleSpecifiersOf } from '../../src/scan/module-specifiers.ts'

describe('moduleSpecifiersOf', () => {
  test.each([
    ['import type { A } from \'./a\'\nexport * from "./b"', ['./a', './b']],
    ["import './a'\nimport b = require('./b')\nconst c = await import('./c')", ['./a', './b', './c']],
    ["type A = import('./a').A\nconst b = import(/* webpackChunkName: 'b' */ `./b`)", ['./a', './b']],
    ["import { a } from // why\n  './a'\nrequire /* now */ ( './b' )", ['./a', './b']],
    ['/// <reference path="a.ts" />\n/// <reference types="node" />', ['./a.ts', 'node']],
  ])('reads %j', (text, modules) => {
    expect(moduleSpecifiersOf(text)).toEqual(modules)
  })

  test('ends on a word with many comments behind it', () => {
    expect(moduleSpecifiersOf(`import ${'/* a */ '.repeat(2_000)} x`)).toEqual([])
  })

  test.each(["Buffer.from('x')", "Array.from ( 'x' )", "from('x')", "const important = 'x'", "reimport('x')"])(
    'takes no import from %s',
    (text) => {
      expect(moduleSpecifiersOf(text)).toEqual([])
    },
  )
})
