import { describe, expect, test } from 'vitest'
import { findNamespaceIssue } from '../../src/facts/namespace.ts'

describe('findNamespaceIssue', () => {
  test.each([
    ['https://id.example.com/realms/main'],
    ['https://login.example.com/common/v2.0?x=1'],
    ['accounts.example.com'],
    ['default'],
    ['test'],
    ['a'.repeat(256)],
  ])('takes what issuers are called: %s', (namespace) => {
    expect(findNamespaceIssue(namespace)).toBeUndefined()
  })

  test.each([
    [undefined, 'missing'],
    [null, 'missing'],
    [7, 'not a string'],
    ['', 'empty'],
    ['a'.repeat(257), 'too long'],
    ['a b', 'illegal character'],
    ['a\n', 'illegal character'],
    ['é', 'illegal character'],
    ["it's", 'illegal character'],
    ['<a>', 'illegal character'],
  ])('refuses %j: %s', (namespace, kind) => {
    expect(findNamespaceIssue(namespace)).toBe(kind)
  })
})
