// Section "postgres": a user session against the same work by hand.
import { inFreshProcesses, printHeading, printRow } from './measure.mjs'

export function postgres() {
  const pair = (name) => inFreshProcesses(3, process.execPath, 'bench/postgres-session.mjs', name)
  printHeading('Time of one session of one query / BEGIN, set_config, query, COMMIT by hand, in four round trips')
  printRow('control: by hand / itself', pair('control'))
  printRow('withUserSession()', pair('session'), 1.1)
}
