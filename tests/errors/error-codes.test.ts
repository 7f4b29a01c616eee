import { describe, expect, test } from 'vitest'
import { errorCodes } from '../../src/errors/error-codes.ts'

const entries = Object.entries(errorCodes)

describe('errorCodes', () => {
  test.each(entries)('%s is an upper-case code with a cause and a fix in sentences', (code, { happened, fix }) => {
    expect(code).toMatch(/^ERR_CONTEXT_[A-Z]+(_[A-Z]+)*$/)
    expect(happened).toMatch(/^[A-Za-z].*[^.]$/)
    expect(fix).toMatch(/^[A-Za-z].*\.$/)
  })

  test.each(entries)(
    '%s tells a client a fixed sentence, an HTTP status and a close code it may receive',
    (_code, { client }) => {
      expect(client.message).toMatch(/^[A-Z][A-Za-z., ]+\.$/)
      expect(client.httpStatus).toBeGreaterThanOrEqual(400)
      expect(client.httpStatus).toBeLessThan(600)
      // RFC 6455 section 7.4: 1001 going away, 1009 too big, 1011 internal error, 1013 try again later, 4000 to 4999
      // private.
      expect(
        [1001, 1009, 1011, 1013].includes(client.closeCode) || (client.closeCode >= 4000 && client.closeCode <= 4999),
      ).toBe(true)
    },
  )

  test('tells nobody whether a resource of another user exists', () => {
    expect(errorCodes.ERR_CONTEXT_ISOLATION.client.httpStatus).toBe(404)
  })
})
