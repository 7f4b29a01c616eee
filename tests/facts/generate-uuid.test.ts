import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { generateUuid } from '../../src/facts/generate-uuid.ts'

const sample = Array.from({ length: 20_000 }, generateUuid)

describe('generateUuid', () => {
  test('never repeats, also across refills of its pool', () => {
    expect(new Set(sample).size).toBe(sample.length)
  })

  test('sets version and variant as RFC 9562 says', () => {
    expect(
      sample.filter((uuid) => !/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(uuid)),
    ).toEqual([])
  })

  test('leaves the other 122 bits to chance: every bit is set in about half of all ids', () => {
    const bits = sample.map((uuid) => BigInt(`0x${uuid.replaceAll('-', '')}`))
    const free = Array.from({ length: 128 }, (_, bit) => bit).filter(
      (bit) => !(bit >= 76 && bit <= 79) && bit !== 62 && bit !== 63,
    )
    expect(free).toHaveLength(122)
    for (const bit of free) {
      const share = bits.filter((value) => (value >> BigInt(bit)) & 1n).length / bits.length
      // Eight standard deviations of a fair coin: a wrong failure is less likely than one in 10^15.
      expect(Math.abs(share - 0.5)).toBeLessThan((8 * 0.5) / Math.sqrt(bits.length))
    }
  })

  test('says at load that a runtime has no source of random bytes', () => {
    const program = "delete globalThis.crypto; require('user-execution-context')"
    const { status, stderr } = spawnSync(process.execPath, ['-e', program], { encoding: 'utf8' })
    expect(status).toBe(1)
    expect(stderr).toContain('this runtime has no Web Crypto (globalThis.crypto). Use Node.js >= 20.19.')
  })

  test('keeps the source of random bytes that it found at load', () => {
    const program = `
      const { newRunId } = require('user-execution-context')
      // A bare \`crypto\` is the module of that name in a program of -e, and not the global.
      globalThis.crypto.getRandomValues = (bytes) => bytes.fill(0)
      String.fromCharCode = () => 'patched'
      console.log(newRunId())`
    const { stdout } = spawnSync(process.execPath, ['-e', program], { encoding: 'utf8' })
    expect(stdout).toMatch(/^[0-9a-f]{8}-/)
    expect(stdout).not.toContain('00000000')
  })
})
