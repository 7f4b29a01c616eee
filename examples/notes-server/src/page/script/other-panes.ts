/**
 * Panes of this page in the same browser, each with a user of its own. They tell each other the id of a run, so that
 * one can try to read the other's. An id opens nothing: the server shows a user their own runs only.
 */
import { isRecord } from './wire.ts'

const channelName = 'user-execution-context.panes'
const waitMs = 250

/** Answers other panes, and asks them. */
export class OtherPanes {
  readonly #channel = new BroadcastChannel(channelName)
  readonly #userName: string
  readonly #ownRunId: () => string | undefined

  constructor(userName: string, ownRunId: () => string | undefined) {
    this.#userName = userName
    this.#ownRunId = ownRunId
    this.#channel.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
      const runId = this.#ownRunId()
      if (isRecord(data) && data['type'] === 'which_run' && runId !== undefined)
        this.#channel.postMessage({ type: 'run', runId, userName: this.#userName })
    })
  }

  /** A run of another user who is signed in beside this one, or undefined when no pane tells one. */
  findForeignRun(): Promise<string | undefined> {
    return new Promise((resolve) => {
      const end = (runId: string | undefined): void => {
        clearTimeout(timer)
        this.#channel.removeEventListener('message', listen)
        resolve(runId)
      }
      const listen = ({ data }: MessageEvent<unknown>): void => {
        if (!isRecord(data) || data['type'] !== 'run' || data['userName'] === this.#userName) return
        if (typeof data['runId'] === 'string') end(data['runId'])
      }
      const timer = setTimeout(() => end(undefined), waitMs)
      this.#channel.addEventListener('message', listen)
      this.#channel.postMessage({ type: 'which_run' })
    })
  }

  close(): void {
    this.#channel.close()
  }
}
