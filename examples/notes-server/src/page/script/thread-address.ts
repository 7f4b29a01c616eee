/**
 * The thread on show in the address of the page, so that a reload, a bookmark and the way back lead to it. An id of a
 * thread opens nothing: the server shows a user their own runs only.
 */

const name = 'thread'

/** The thread that the address names. Undefined for none, and for what is no id. */
export const findThreadInAddress = (): string | undefined => {
  const threadId = new URL(location.href).searchParams.get(name) ?? ''
  return /^[\w.:-]{1,128}$/.test(threadId) ? threadId : undefined
}

/** Names a thread in the address, in place of the one before. */
export const setThreadInAddress = (threadId: string): void => history.replaceState(null, '', toAddress(threadId))

/** Names another thread in the address: the way back leads to the one before. */
export const pushThreadToAddress = (threadId: string): void => history.pushState(null, '', toAddress(threadId))

/**
 * Calls back with the thread that the browser goes back or forth to.
 *
 * @returns A function that stops it, and names no thread any more.
 */
export const followAddress = (onThread: (threadId: string) => void): (() => void) => {
  const listen = (): void => {
    const threadId = findThreadInAddress()
    // The skip link moves in the page, too, and names no other thread.
    if (threadId !== undefined) onThread(threadId)
  }
  addEventListener('popstate', listen)
  return () => {
    removeEventListener('popstate', listen)
    forgetThreadInAddress()
  }
}

/** Names no thread any more: which one it was is the user's own. */
export const forgetThreadInAddress = (): void => history.replaceState(null, '', location.pathname)

function toAddress(threadId: string): string {
  return `${location.pathname}?${name}=${encodeURIComponent(threadId)}`
}
