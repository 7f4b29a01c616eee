// Section "postgres": a user session against the same work by hand, and what a run costs on disk.
import { inFreshProcess, inFreshProcesses, printHeading, printRow, spread } from './measure.mjs'

export function postgres() {
  const pair = (name) => inFreshProcesses(3, process.execPath, 'bench/postgres-session.mjs', name)
  printHeading('Time of one session of one query / BEGIN, set_config, query, COMMIT by hand, in four round trips')
  printRow('control: by hand / itself', pair('control'))
  printRow('withUserSession()', pair('session'), 1.1)
  const { disk, wal } = inFreshProcess('bench/postgres-bytes.mjs')
  printHeading('Bytes of runs of 50 events with 300 bytes each / bytes of their content')
  printRow('tables and indexes', spread(disk.ratios))
  printRow('write-ahead log', spread(wal.ratios))
}
