import { afterEach } from 'vitest'

type Closable = { readonly close: () => unknown }

/** Gives a function that keeps what a test opens, until it is closed behind the test. */
export const closeAfterEach = (): (<Opened extends Closable>(each: Opened) => Opened) => {
  const opened: Closable[] = []
  afterEach(async () => {
    for (const each of opened.splice(0)) await each.close()
  })
  return (each) => {
    opened.push(each)
    return each
  }
}
