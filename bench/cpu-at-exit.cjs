// Loaded into a measured process (`node --require`, CommonJS because that costs least): at its end it writes the CPU
// seconds of the process and of all its children, also of those that it killed and did not wait for.
const { readdirSync, readFileSync, writeFileSync } = require('node:fs')

const ticksPerSecond = 100

process.on('exit', () => {
  const { user, system } = process.cpuUsage()
  const waitedFor = statOf('self').slice(15, 17)
  const stillThere = readdirSync('/proc/self/task')
    .flatMap((thread) => readFileSync(`/proc/self/task/${thread}/children`, 'utf8').split(' '))
    .filter((pid) => pid.trim() !== '')
    .flatMap((pid) => statOf(pid).slice(13, 17))
  const ticks = [...waitedFor, ...stillThere].reduce((total, value) => total + Number(value), 0)
  writeFileSync(process.env.CPU_AT_EXIT_FILE, String((user + system) / 1e6 + ticks / ticksPerSecond))
})

/**
 * Fields of /proc/PID/stat, counted from 0; 13 to 16 are utime, stime, cutime, cstime. A command's name may hold
 * spaces.
 */
function statOf(pid) {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return ['pid', 'name', ...text.slice(text.lastIndexOf(')') + 2).split(' ')]
}
