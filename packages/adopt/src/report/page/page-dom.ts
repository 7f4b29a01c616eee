/**
 * The few parts of the DOM that the page's script uses, declared here so that the rest of the package has no browser
 * types.
 */

export type PageEvent = { readonly key: string; readonly target: PageElement; preventDefault: () => void }

export type PageElement = {
  textContent: string | null
  className: string
  hidden: boolean
  disabled: boolean
  value: string
  scrollTop: number
  readonly clientHeight: number
  readonly style: { height: string; transform: string }
  readonly dataset: Record<string, string | undefined>
  append: (...children: readonly (PageElement | string)[]) => void
  replaceChildren: (...children: readonly (PageElement | string)[]) => void
  addEventListener: (name: string, listener: (event: PageEvent) => void) => void
  setAttribute: (name: string, value: string) => void
  removeAttribute: (name: string) => void
  closest: (selector: string) => PageElement | null
  scrollIntoView: (options: { readonly block: string }) => void
}

export type PageDocument = {
  readonly documentElement: PageElement
  getElementById: (id: string) => PageElement | null
  createElement: (name: string) => PageElement
  querySelectorAll: (selector: string) => Iterable<PageElement>
}

export type PageWindow = {
  readonly innerWidth: number
  addEventListener: (name: string, listener: () => void) => void
  requestAnimationFrame: (callback: () => void) => void
}
