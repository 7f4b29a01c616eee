// Section "postgres": a user session against the same work by hand, the log and the queue against bare programs, a
// start against initdb, and what a run costs on disk. Nothing is measured as a superuser.
import { inFreshProcess, inFreshProcesses, printHeading, printRatios, printRow, spread } from './measure.mjs'

export function postgres() {
  const pairs = (file, processes, ...words) =>
    inFreshProcesses(processes, process.execPath, `bench/postgres-${file}.mjs`, ...words)
  printHeading('Time of one session of one query / BEGIN, set_config, query, COMMIT by hand, in four round trips')
  printRow('control: by hand / itself', pairs('session', 3, 'control'))
  printRow('withUserSession()', pairs('session', 3, 'session'), 1.1)
  printRow('withUserSession() in a shard / in a single database', pairs('session', 3, 'enter'))

  printHeading('Events a second, from the log to the sockets / by a bare program with the same batches and frames')
  printRow('control: the bare program / itself', pairs('delivery', 2, 'bare', 'bare'))
  printRatios('50 users, 200 events each', [pairs('delivery', 2, 'ours', 'bare')], { atLeast: 0.6 })

  printHeading('Runs a second / by a bare loop with FOR UPDATE SKIP LOCKED over the same payload')
  printRow('control: the bare loop / itself', pairs('runs', 2, 'bare', 'bare'))
  printRatios('400 runs of 40 users', [pairs('runs', 2, 'ours', 'bare')], { atLeast: 0.8 })

  printHeading('First event at a connection: time more than in process / one durable commit')
  printRow('median of 30 runs, one after the other', pairs('first-event', 2), 1.5)

  printHeading('Time of an event in a log of 10,000,000 events / in one of 10,000')
  printRow('control: 10,000 events / 10,000', pairs('growth', 1, 'control'))
  printRow('append', pairs('growth', 1, 'append'), 1.1)
  printRow('feed', pairs('growth', 1, 'feed'), 1.1)

  printHeading('Statements a second of a node that nobody asks anything')
  printRow('over a minute', pairs('idle', 1), 1)

  printHeading('Time of npm start, until it listens / initdb and the start of PostgreSQL by hand, until it answers')
  printRow('first start', pairs('start', 1, 'first'))
  printRow('next start', pairs('start', 1, 'next'))

  const { disk, wal } = inFreshProcess('bench/postgres-bytes.mjs')
  printHeading('Bytes of runs of 50 events with 300 bytes each / bytes of their content')
  printRow('tables and indexes', spread(disk.ratios))
  printRow('write-ahead log', spread(wal.ratios))
}
