import { describe, expect, it } from 'vitest'
import { defaultLimits, parseLimits } from '../../src/index.ts'

describe('parseLimits', () => {
  it('gives the defaults, frozen, where nothing is set', () => {
    expect(parseLimits()).toEqual(defaultLimits)
    expect(parseLimits(undefined)).toEqual(defaultLimits)
    expect(Object.isFrozen(parseLimits({ concurrentRuns: 5 }))).toBe(true)
  })

  it('changes what is named and leaves the rest', () => {
    expect(parseLimits({ concurrentRuns: 5 })).toEqual({ ...defaultLimits, concurrentRuns: 5 })
  })

  it('leaves the default where undefined is given', () => {
    expect(parseLimits({ concurrentRuns: undefined } as never)).toEqual(defaultLimits)
  })

  for (const [limits, kind] of [
    [{ concurrentRuns: 0 }, 'too small'],
    [{ concurrentRuns: -1 }, 'too small'],
    [{ concurrentRuns: 1.5 }, 'not a number'],
    [{ concurrentRuns: Number.POSITIVE_INFINITY }, 'not a number'],
    [{ concurrentRuns: '5' }, 'not a number'],
    [{ concurrentRuns: 2_147_483_648 }, 'too large'],
    [{ concurentRuns: 5 }, 'unknown key'],
    [{ subAgentDepth: 9 }, 'too small'],
    [{ subAgentDepth: 11 }, 'too large'],
    [{ eventBytes: 2_000_000 }, 'does not fit'],
  ] as const) {
    it(`refuses ${JSON.stringify(limits)} as ${kind}`, () => {
      expect(() => parseLimits(limits as never)).toThrow(
        expect.objectContaining({
          code: 'ERR_CONTEXT_INVALID_OPTIONS',
          issues: [{ path: `limits.${Object.keys(limits)[0]}`, kind }],
        }),
      )
    })
  }
})
