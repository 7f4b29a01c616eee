import { describe, expect, it } from 'vitest'
import { RunCancellation } from '../../../src/index.ts'

describe('RunCancellation', () => {
  it('tells the listener of the first reason, once', () => {
    const cancellation = new RunCancellation()
    const reasons: string[] = []
    cancellation.whenCancelled(({ reason }) => reasons.push(reason))
    expect(cancellation.cancelled).toBeUndefined()
    cancellation.cancel('user')
    cancellation.cancel('shutdown')
    expect(reasons).toEqual(['user'])
    expect(cancellation.cancelled?.reason).toBe('user')
  })

  it('tells a listener at once of what has happened before it came', () => {
    const cancellation = new RunCancellation()
    cancellation.cancel('shutdown')
    const reasons: string[] = []
    cancellation.whenCancelled(({ reason }) => reasons.push(reason))
    expect(reasons).toEqual(['shutdown'])
  })
})
