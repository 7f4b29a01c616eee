/**
 * One behaviour that every implementation of a port has.
 */

/** A sentence, and a check that rejects with what was found instead. Any test runner can run it. */
export type ContractCase = { readonly name: string; readonly run: () => Promise<void> }

/** Opens a port for a case, and closes it when the case is over, however that ends. */
export const withPort =
  <Port, Given extends readonly unknown[]>(
    open: (...given: Given) => Port | Promise<Port>,
    close: (port: Port) => unknown,
  ) =>
  (name: string, check: (port: Port) => Promise<void>, ...given: Given): ContractCase => ({
    name,
    run: async () => {
      const port = await open(...given)
      try {
        await check(port)
      } finally {
        await close(port)
      }
    },
  })

/** Waits until something holds: another process may take its time. */
export const eventually = async (holds: () => boolean, what: string): Promise<void> => {
  const endsAtMs = performance.now() + 10_000
  while (!holds()) {
    if (performance.now() > endsAtMs) throw new Error(`In 10 seconds it did not come to this: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/** The code that a call is refused with, at once or later. Throws when it is not refused. */
export const refusalOf = async (call: () => unknown): Promise<string> => {
  try {
    await call()
  } catch (error) {
    return String((error as { readonly code?: unknown }).code)
  }
  throw new Error('It was not refused')
}
