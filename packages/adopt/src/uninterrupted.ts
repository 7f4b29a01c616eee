/**
 * Work that Ctrl-C may not cut in two. The command runs in a worker thread, and the main thread ends the process at once;
 * only while files are being replaced does it wait.
 */
import { workerData } from 'node:worker_threads'

/** States of the one cell that both threads share. */
const free = 0
const writing = 1
const interrupted = 2

/** Memory that both threads see: given to the worker as its data. */
export const newInterruptCell = (): Int32Array => new Int32Array(new SharedArrayBuffer(4))

/** Runs the work as a whole. After an interruption it never begins: the process is about to end. */
export const runUninterrupted = <Result>(work: () => Result): Result => {
  const cell = workerData instanceof Int32Array ? workerData : undefined
  if (cell === undefined) return work()
  if (Atomics.compareExchange(cell, 0, free, writing) === interrupted) Atomics.wait(cell, 0, interrupted)
  try {
    return work()
  } finally {
    Atomics.store(cell, 0, free)
  }
}

/** Main thread: true once no work can begin any more, false while some is under way. */
export const tryInterrupt = (cell: Int32Array): boolean =>
  Atomics.compareExchange(cell, 0, free, interrupted) !== writing
