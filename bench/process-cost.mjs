// What a program costs with everything that it starts: CPU seconds and peak memory. Reads /proc: Linux only.
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

const ticksPerSecond = 100
const pollMs = 15

/** Runs a command to its end. `peakBytes` adds up the peaks of its processes; `status` is its exit code. */
export async function costOf(command, cwd) {
  const before = secondsOfChildren()
  const child = spawn(command[0], command.slice(1), { cwd, stdio: ['ignore', 'ignore', 'pipe'] })
  const peaks = new Map()
  const look = () => {
    for (const pid of withDescendants(child.pid)) peaks.set(pid, Math.max(peaks.get(pid) ?? 0, peakOf(pid)))
  }
  const timer = setInterval(look, pollMs)
  let errors = ''
  child.stderr.on('data', (data) => (errors += data))
  const status = await new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  })
  clearInterval(timer)
  const peakBytes = [...peaks.values()].reduce((sum, bytes) => sum + bytes, 0)
  return { cpuSeconds: secondsOfChildren() - before, peakBytes, status, errors }
}

/** User and system time of every child that has ended and was waited for, with what those waited for. */
function secondsOfChildren() {
  const text = readFileSync('/proc/self/stat', 'utf8')
  // After the name in brackets, which may hold blanks, field 13 and 14 are cutime and cstime.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[13]) + Number(fields[14])) / ticksPerSecond
}

function withDescendants(pid) {
  try {
    const children = readdirSync(`/proc/${pid}/task`)
      .flatMap((thread) => readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' '))
      .filter((word) => word.trim() !== '')
    return [pid, ...children.flatMap((child) => withDescendants(Number(child)))]
  } catch {
    return [] // it has ended
  }
}

function peakOf(pid) {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024
  } catch {
    return 0
  }
}
