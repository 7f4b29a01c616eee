// One process at a time: what two `npm start` or `npm test` at once would do to one directory, they do one after the
// other.
import { readFileSync, rmSync, writeFileSync } from 'node:fs'

/** Waits until no living process holds the lock file, holds it, and lets go of it when this process ends. */
export const holdLockFile = (file) => {
  while (!tryToHold(file)) {
    if (!isHeld(file)) rmSync(file, { force: true })
    else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100)
  }
  const release = () => rmSync(file, { force: true })
  process.once('exit', release)
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130))
}

function tryToHold(file) {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if (error.code === 'EEXIST') return false
    throw error
  }
}

/** A process that was killed has left its file behind. */
function isHeld(file) {
  try {
    const pid = Number(readFileSync(file, 'utf8'))
    // Empty while its process writes it.
    if (pid !== 0) process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}
