import { setTimeout as pause } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { describe, expect, test } from 'vitest'
import { newInterruptCell, runUninterrupted, tryInterrupt } from '../../src/uninterrupted.ts'

const source = (work: string): string => `
  import { runInterruptible, runUninterrupted } from ${JSON.stringify(pathToFileURL('dist/uninterrupted.js').href)}
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
    while (!tryInterrupt(cell)) await pause(10)
    // Nothing is said between the end of the work and that of the process.
    expect(await Promise.race([next(worker), pause(300, 'waits')])).toBe('waits')
    await worker.terminate()
  })

  test('tells work that lasts, which settles before the process ends', async () => {
    const cell = newInterruptCell()
    const lasting = `await runInterruptible(async (signal) => {
      parentPort.postMessage('begun')
      await new Promise((done) => signal.addEventListener('abort', done))
      parentPort.postMessage('put back')
    })
    parentPort.postMessage('ended')`
    const worker = startWorker(lasting, cell)
    await next(worker)
    const said = next(worker)
    expect(tryInterrupt(cell)).toBe(false)
    expect(await said).toBe('put back')
    while (!tryInterrupt(cell)) await pause(10)
    expect(await Promise.race([next(worker), pause(300, 'waits')])).toBe('waits')
    await worker.terminate()
  })

  test('never begins after an interruption', async () => {
    const cell = newInterruptCell()
    expect(tryInterrupt(cell)).toBe(true)
    const worker = startWorker(
      `parentPort.postMessage('ready'); runUninterrupted(() => parentPort.postMessage('begun'))`,
      cell,
    )
    await next(worker)
    const begun = await Promise.race([next(worker), pause(300, 'waits')])
    await worker.terminate()
    expect(begun).toBe('waits')
  })

  test('just runs the work where nobody can interrupt it', () => {
    expect(runUninterrupted(() => 42)).toBe(42)
  })
})
