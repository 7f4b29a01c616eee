/**
 * A part of the page that a button opens and closes. On a phone it lies over what is behind it.
 */

/** The drawer that lies over the rest: there is one at a time. */
let onTop: Drawer | undefined

/** What opens and closes, the button for it, whether it lies over the rest now, and what gets the focus inside. */
export type DrawerOptions = {
  readonly element: HTMLElement
  readonly toggle: HTMLButtonElement
  readonly liesOver: () => boolean
  readonly findFirst: () => HTMLElement | null
}

/** Closes by its button, by Escape, and by the focus that leaves it while it lies over the rest. */
export class Drawer {
  readonly #options: DrawerOptions
  readonly #closing = new AbortController()

  constructor(options: DrawerOptions) {
    this.#options = options
    const { element, toggle, liesOver } = options
    toggle.onclick = () => (this.isOpen ? this.hide() : this.#open())
    element.onkeydown = (event) => {
      if (event.key !== 'Escape' || !this.isOpen) return
      this.hide()
      toggle.focus()
    }
    // The focus must not go behind what hides it.
    element.addEventListener(
      'focusout',
      ({ relatedTarget }) => {
        if (!this.isOpen || !liesOver() || !(relatedTarget instanceof Node)) return
        if (relatedTarget !== toggle && !element.contains(relatedTarget)) this.hide()
      },
      { signal: this.#closing.signal },
    )
  }

  get isOpen(): boolean {
    return this.#options.element.hasAttribute('data-open')
  }

  /** Shows it, and leaves the focus where it is. */
  show(): void {
    this.#set(true)
  }

  hide(): void {
    this.#set(false)
  }

  /** The user leaves: nothing stays open for the next one. */
  close(): void {
    this.#closing.abort()
    this.hide()
  }

  #open(): void {
    this.#set(true)
    this.#options.findFirst()?.focus()
  }

  #set(open: boolean): void {
    const { element, toggle, liesOver } = this.#options
    if (open && liesOver()) putOnTop(this)
    else if (onTop === this) onTop = undefined
    element.toggleAttribute('data-open', open)
    toggle.setAttribute('aria-expanded', String(open))
  }
}

function putOnTop(drawer: Drawer): void {
  if (onTop !== drawer) onTop?.hide()
  onTop = drawer
}
