// Takes the lock of each directory in turn, at the same instant as another thread, and says which it got.
import { parentPort, workerData } from 'node:worker_threads'
import { lockDirectory } from '../../dist/embedded/directory-lock.js'

const { directories, arrived, threads } = workerData
const won = []
for (const [round, directory] of directories.entries()) {
  Atomics.add(arrived, 0, 1)
  while (Atomics.load(arrived, 0) < threads * (round + 1));
  try {
    await lockDirectory(directory, undefined, () => {}, 'file')
    won.push(round)
  } catch (error) {
    if (error.code !== 'ERR_CONTEXT_STORE_IN_USE') throw error
  }
}
parentPort.postMessage(won)
