/**
 * The panel beside the conversation: the context of the run, attempts to forge one, and a second user beside this one.
 */
import { Drawer } from './drawer.ts'
import { announce, byId, copyTemplate, part } from './elements.ts'
import { tryForgeries, type Attempt } from './forgeries.ts'
import { OtherPanes } from './other-panes.ts'
import { RunContext } from './run-context.ts'
import type { Session } from './session.ts'

/** As in context.css: from here on the panel has a column of its own. */
const isWide = matchMedia('(min-width: 70em)')

/** Lives from sign-in to sign-out. */
export class ContextPanel {
  /** Shows the context of the newest run. */
  readonly runContext = new RunContext()
  readonly #session: Session
  readonly #panes: OtherPanes
  readonly #list = byId('forgeries', HTMLElement)
  readonly #button = byId('forge-button', HTMLButtonElement)
  readonly #drawer = new Drawer({
    element: byId('context', HTMLElement),
    toggle: byId('context-button', HTMLButtonElement),
    liesOver: () => !isWide.matches,
    findFirst: () => byId('context-title', HTMLElement),
  })
  #isClosed = false
  #isTrying = false

  constructor(session: Session) {
    this.#session = session
    this.#panes = new OtherPanes(session.userName, () => this.runContext.runId)
    this.#button.onclick = () => void this.#forge()
    byId('second-pane', HTMLAnchorElement).onclick = (event) => {
      if (openBeside()) event.preventDefault()
    }
    if (isWide.matches) this.#drawer.show()
  }

  close(): void {
    this.#isClosed = true
    this.#panes.close()
    this.#drawer.close()
    this.#list.replaceChildren()
  }

  async #forge(): Promise<void> {
    // Not disabled: a button that has the focus would lose it.
    if (this.#isTrying) return
    this.#isTrying = true
    this.#button.setAttribute('aria-busy', 'true')
    const foreignRunId = await this.#panes.findForeignRun()
    const attempts = await tryForgeries({ token: this.#session.token, foreignRunId })
    this.#isTrying = false
    this.#button.removeAttribute('aria-busy')
    if (this.#isClosed) return
    this.#list.replaceChildren(...attempts.map(toItem))
    const refused = attempts.filter(({ isRefused }) => isRefused).length
    announce(`${refused} of ${attempts.length} forgeries were refused.`)
  }
}

function toItem({ title, sent, status, code, isRefused }: Attempt): HTMLElement {
  const item = copyTemplate('forgery-template')
  item.dataset['state'] = isRefused ? 'refused' : 'open'
  part(item, 'forgery-title').textContent = title
  part(item, 'forgery-sent').textContent = `${sent}.`
  part(item, 'forgery-verdict').textContent = isRefused ? 'Refused' : status === 0 ? 'No answer' : 'Not refused'
  part(item, 'forgery-code').textContent = [status || '', code].join(' ').trim()
  return item
}

// A window that knows its opener would get a copy of this tab's storage, and with it this user's sign-in.
function openBeside(): boolean {
  const { availWidth, availHeight } = screen
  if (availWidth < 900) return false
  const half = Math.floor(availWidth / 2)
  open('/', '_blank', `noopener,popup,left=${half},top=0,width=${half},height=${availHeight}`)
  return true
}
