// The slots of a process, which the workers of several databases share.
import { describe, expect, it } from 'vitest'
import { WorkerSlots, type SlotTaker } from '../../src/queue/worker-slots.ts'

type Taker = SlotTaker & { slotsTaken: number; looks: number }

const join = (slots: WorkerSlots): Taker => {
  const taker = { slotsTaken: 0, looks: 0, look: () => void taker.looks++ }
  slots.join(taker)
  return taker
}

/** A claim that gets a job for each slot that it is given, up to so many. */
const claim = (slots: WorkerSlots, taker: Taker, most = 1): number => {
  const given = Math.min(most, slots.reserve(taker))
  taker.slotsTaken += given
  slots.settle(taker)
  return given
}

const end = (slots: WorkerSlots, taker: Taker): void => {
  taker.slotsTaken--
  slots.tell()
}

describe('WorkerSlots', () => {
  it('gives a slot that comes free to the worker that was served longest ago', () => {
    const slots = new WorkerSlots(1)
    const [busy, other] = [join(slots), join(slots)]
    expect(claim(slots, busy)).toBe(1)
    expect(claim(slots, other)).toBe(0)
    end(slots, busy)
    expect(other.looks).toBe(1)
    expect(claim(slots, busy)).toBe(0)
    expect(claim(slots, other)).toBe(1)
  })

  it('counts the slot of a filed job as a turn', () => {
    const slots = new WorkerSlots(1)
    const [busy, other] = [join(slots), join(slots)]
    claim(slots, busy, 0)
    claim(slots, other, 0)
    // The busy one was served before the other, and takes a slot without a claim.
    expect(slots.take(busy)).toBe(true)
    busy.slotsTaken++
    expect(claim(slots, other)).toBe(0)
    end(slots, busy)
    expect(claim(slots, busy)).toBe(0)
    expect(claim(slots, other)).toBe(1)
  })

  it('gives a filed job no slot that another worker waits for', () => {
    const slots = new WorkerSlots(1)
    const [busy, other] = [join(slots), join(slots)]
    claim(slots, busy)
    claim(slots, other)
    end(slots, busy)
    expect(slots.take(busy)).toBe(false)
    expect(slots.take(other)).toBe(true)
  })

  it('gives no more than there is, whoever takes it', () => {
    const slots = new WorkerSlots(2)
    const [one, other] = [join(slots), join(slots)]
    expect(claim(slots, one)).toBe(1)
    expect(claim(slots, other)).toBe(1)
    expect(slots.take(one)).toBe(false)
    expect(claim(slots, other)).toBe(0)
    slots.leave(one)
    expect(claim(slots, other)).toBe(1)
  })

  it('shares what is free, and gives no claim more than it takes or may have at once', () => {
    const slots = new WorkerSlots(200)
    const one = join(slots)
    expect(slots.reserve(one)).toBe(50)
    slots.settle(one)
    join(slots)
    join(slots)
    expect(slots.reserve(one, 7)).toBe(7)
    const few = new WorkerSlots(10)
    const first = join(few)
    join(few)
    expect(few.reserve(first)).toBe(5)
  })

  it('keeps what a claim may bring until it is answered, and then tells those who wait', () => {
    const slots = new WorkerSlots(1)
    const [one, other] = [join(slots), join(slots)]
    expect(slots.reserve(one)).toBe(1)
    expect(slots.take(other)).toBe(false)
    expect(slots.reserve(other)).toBe(0)
    // A claim without slots frees none: to tell of it would make the worker claim without an end.
    slots.settle(other)
    expect(other.looks).toBe(0)
    slots.settle(one)
    expect(other.looks).toBe(1)
  })

  it('waits for nobody who was served, or has left', () => {
    const slots = new WorkerSlots(1)
    const [busy, served, gone] = [join(slots), join(slots), join(slots)]
    claim(slots, busy)
    claim(slots, served)
    end(slots, busy)
    claim(slots, served)
    end(slots, served)
    expect(slots.take(busy)).toBe(true)
    busy.slotsTaken++
    claim(slots, gone)
    slots.leave(gone)
    end(slots, busy)
    expect(slots.take(busy)).toBe(true)
  })

  it('gives none where a worker has more than there is, as after answers that were lost', () => {
    const slots = new WorkerSlots(1)
    const one = join(slots)
    one.slotsTaken = 2
    expect(slots.reserve(one)).toBe(0)
  })
})
