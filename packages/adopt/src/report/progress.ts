/**
 * Progress on stderr: one line that is rewritten, with the phase, honest counts and the time that is left of the phase.
 * Silent in CI, without a terminal and with --quiet: a log is for results.
 */
import type { ScanProgress } from '../scan/scan-result.ts'

/** A progress line. `stop` removes it, so that nothing of it stays on the screen. It may be shown again. */
export type ProgressLine = { readonly show: (progress: ScanProgress) => void; readonly stop: () => void }

/** Where the line goes, and whether there may be one. `nowMs` is the clock. */
export type ProgressOptions = {
  readonly write: (text: string) => unknown
  readonly nowMs: () => number
}

const phases: Readonly<Record<ScanProgress['phase'], string>> = {
  files: 'listing files',
  parse: 'parsing',
  projects: 'opening projects',
  types: 'asking for types',
  seal: 'sealing the type in memory',
  callers: 'finding callers',
}
const clearLine = '\r\u001b[K'
const minGapMs = 100

type Watching = 'isTerminal' | 'isCi' | 'isQuiet'

/** True when a person watches: a terminal, not CI, not --quiet. */
export const isWatched = ({ isTerminal, isCi, isQuiet }: Readonly<Record<Watching, boolean | undefined>>): boolean =>
  isTerminal === true && isCi !== true && isQuiet !== true

/** Starts a line. At most ten updates a second; the first and the last of a phase are always shown. */
export const startProgress = ({ write, nowMs }: ProgressOptions): ProgressLine => {
  let phase: ScanProgress['phase'] | undefined
  let phaseStartMs = 0
  let shownAtMs = 0
  const show = (progress: ScanProgress): void => {
    const now = nowMs()
    const isNewPhase = progress.phase !== phase
    if (isNewPhase) phaseStartMs = now
    const isEnd = progress.total > 0 && progress.done >= progress.total
    if (!isNewPhase && !isEnd && now - shownAtMs < minGapMs) return
    phase = progress.phase
    shownAtMs = now
    write(`${clearLine}${describe(progress, now - phaseStartMs)}`)
  }
  const stop = (): void => {
    if (phase !== undefined) write(clearLine)
    phase = undefined
  }
  return { show, stop }
}

const describe = ({ phase, done, total }: ScanProgress, elapsedMs: number): string => {
  const names = Object.keys(phases)
  const step = `[${names.indexOf(phase) + 1}/${names.length}] ${phases[phase]}`
  if (total === 0 && done > 0) return `${step}, ${done} so far`
  return total > 1 ? `${step} ${done} of ${total}${timeLeft(done, total, elapsedMs)}` : step
}

// No guess from the first two percent: an early guess is always wrong.
const timeLeft = (done: number, total: number, elapsedMs: number): string => {
  if (done === 0 || done === total || elapsedMs < 500 || done / total < 0.02) return ''
  return `, about ${Math.max(1, Math.round(((elapsedMs / done) * (total - done)) / 1000))} s left`
}
