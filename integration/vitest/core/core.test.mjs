import { createForUser, deriveChild, identityProvider } from 'user-execution-context'
import * as core from 'user-execution-context'
import { currentContext, runWithContext } from 'user-execution-context/ambient'
import * as restricted from 'user-execution-context/restricted'
import { expect, test } from 'vitest'
import { attack } from '../../harness/attack.mjs'
import { rows } from '../.data/forgeries/rows.mjs'

const signIn = identityProvider({ name: 'session', verify: async (cookie) => ({ userId: cookie }) })

test('makes a context for a verified user', async () => {
  const context = createForUser(await signIn('user-1'))
  expect(context.userId).toBe('user-1')
  expect(runWithContext(deriveChild(context, 'child'), () => currentContext().operation)).toBe('child')
})

test('refuses every row of the forgery table', async () => {
  expect((await attack(rows, { core, restricted })).failures).toEqual([])
}, 120_000)

test('shares one seal with a library that vitest does not transform', async () => {
  const library = await import('library')
  expect(core.isUserExecutionContext(library.makeContext())).toBe(true)
  expect(library.accepts(createForUser(await signIn('user-1')))).toBe(true)
})
