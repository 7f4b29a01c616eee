// The declarations of the sealed classes, as a consumer's compiler reads them.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

describe.each(['connection/connection', 'execution/agent-run'])('the declaration of %s', (file) => {
  test('has a private field and a private constructor, which no object outside of it can have', () => {
    const text = readFileSync(`dist/phases/${file}.d.ts`, 'utf8')
    expect(text).toMatch(/^ {4}#private;$/m)
    expect(text).toMatch(/^ {4}private constructor\(\);$/m)
  })
})
