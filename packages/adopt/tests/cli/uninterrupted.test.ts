import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { describe, expect, test } from 'vitest'
import { newInterruptCell, runUninterrupted, tryInterrupt } from '../../src/uninterrupted.ts'

const source = (work: string): string => `
  import { runUninterrupted } from ${JSON.stringify(pathToFileURL('dist/uninterrupted.js').href)}
  import { parentPort } from 'node:worker_threads'
  const wait = (ms) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
  ${work}
`
const startWorker = (work: string, cell: Int32Array): Worker =>
  new Worker(new URL(`data:text/javascript,${encodeURIComponent(source(work))}`), { workerData: cell })
const next = (worker: Worker): Promise<unknown> => new Promise((done) => worker.once('message', done))

describe('runUninterrupted', () => {
  test('is never cut in two: an interruption has to wait for its end', async () => {
    const cell = newInterruptCell()
    const worker = startWorker(
      `runUninterrupted(() => { parentPort.postMessage('begun'); wait(200) }); parentPort.postMessage('ended')`,
      cell,
    )
    await next(worker)
    expect(tryInterrupt(cell)).toBe(false)
    await next(worker)
    expect(tryInterrupt(cell)).toBe(true)
  })

  test('never begins after an interruption', async () => {
    const cell = newInterruptCell()
    expect(tryInterrupt(cell)).toBe(true)
    const worker = startWorker(
      `parentPort.postMessage('ready'); runUninterrupted(() => parentPort.postMessage('begun'))`,
      cell,
    )
    await next(worker)
    const begun = await Promise.race([next(worker), new Promise((done) => setTimeout(done, 300, 'waits'))])
    await worker.terminate()
    expect(begun).toBe('waits')
  })

  test('just runs the work where nobody can interrupt it', () => {
    expect(runUninterrupted(() => 42)).toBe(42)
  })
})
