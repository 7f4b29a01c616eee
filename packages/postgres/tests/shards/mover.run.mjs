// A process that moves an owner, and is killed as a step begins.
import { moveOwner } from '@user-execution-context/postgres'

const { options, killedAt } = JSON.parse(process.argv[2])
await moveOwner({
  ...options,
  onStep: (step) => {
    if (step === killedAt) process.kill(process.pid, 'SIGKILL')
    // The signal comes before anything else is done.
    if (step === killedAt) return new Promise(() => {})
  },
})
