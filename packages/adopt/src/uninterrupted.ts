/**
 * Work that Ctrl-C may not cut in two. The command runs in a worker thread, and the main thread ends the process at
 * once; only while files are being replaced, or stand replaced on trial, does it wait.
 */
import { workerData } from 'node:worker_threads'

/** States of the first cell that both threads share. The second says that an interruption waits. */
const free = 0
const writing = 1
const interrupted = 2

const pollMs = 20

/** Memory that both threads see: given to the worker as its data. */
export const newInterruptCell = (): Int32Array => new Int32Array(new SharedArrayBuffer(8))

/** Runs the work as a whole. After an interruption it never begins: the process is about to end. */
export const runUninterrupted = <Result>(work: () => Result): Result => {
  const cell = takeCell()
  try {
    return work()
  } finally {
    giveCell(cell)
  }
}

/**
 * The same for work that lasts: it hears of an interruption by its signal, puts back what it changed, and settles. The
 * process ends then.
 */
export const runInterruptible = async <Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result> => {
  const cell = takeCell()
  const controller = new AbortController()
  const poll = setInterval(() => {
    if (cell && Atomics.load(cell, 1) === interrupted) controller.abort()
  }, pollMs)
  try {
    return await work(controller.signal)
  } finally {
    clearInterval(poll)
    giveCell(cell)
  }
}

/** Main thread: true once no work can begin any more, false while some is under way. */
export const tryInterrupt = (cell: Int32Array): boolean => {
  Atomics.store(cell, 1, interrupted)
  return Atomics.compareExchange(cell, 0, free, interrupted) !== writing
}

function takeCell(): Int32Array | undefined {
  const cell = workerData instanceof Int32Array ? workerData : undefined
  if (cell && Atomics.compareExchange(cell, 0, free, writing) === interrupted) Atomics.wait(cell, 0, interrupted)
  return cell
}

/** After an interruption nothing more is said: the process ends in a moment. */
function giveCell(cell: Int32Array | undefined): void {
  if (!cell) return
  Atomics.store(cell, 0, free)
  if (Atomics.load(cell, 1) !== interrupted) return
  while (Atomics.load(cell, 0) === free) Atomics.wait(cell, 0, free, pollMs)
  Atomics.wait(cell, 0, interrupted)
}
