// One tab, one user after another: what belongs to the first is gone when the second comes, whatever is still under
// way.
import type { Route } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { eventsPerRun } from '../../../../packages/golden-path/tests/server/clients/slow-agent.ts'
import type { User } from './browser.ts'
import { eachSteppedWorld } from './each-stepped-world.ts'

const world = eachSteppedWorld({ tokenLifetimeSeconds: 5 })

const storedName = async ({ page }: User): Promise<string> =>
  (JSON.parse(await page.evaluate(`sessionStorage.getItem('user-execution-context.session')`)) as { userName: string })
    .userName

/** Runs a script in the page with the stored session, as a sleeping tab, a crash or a script of the tab changes it. */
const changeSession = ({ page }: User, script: string): Promise<unknown> =>
  page.evaluate(`{
    const key = 'user-execution-context.session'
    const stored = JSON.parse(sessionStorage.getItem(key))
    ${script}
  }`)
const signOut = ({ page }: User): Promise<void> => page.getByRole('button', { name: 'Sign out' }).click()
const pause = (timeMs: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, timeMs))

/** Holds the first request of a path back until it is let go. */
const hold = async ({ page }: User, path: string) => {
  const held: Route[] = []
  await page.route(`**${path}`, (route) => (held.length === 0 ? void held.push(route) : route.continue()))
  return { isHeld: () => held.length > 0, letGo: () => held[0]!.continue() }
}

describe('the page, when one user signs in after another', () => {
  test('does not keep a token that was renewed for the one who has left', async () => {
    const user = await world.open()
    const renewal = await hold(user, '/token')
    // The token still answers when it is let go: a sign-out that did not reach the server.
    await user.page.route('**/logout', (route) => route.abort())
    await user.signIn(0)
    await expect.poll(renewal.isHeld).toBe(true)
    await signOut(user)
    await user.signIn(1)
    await renewal.letGo()
    await pause(300)
    expect(await storedName(user)).toBe(world.server.users[1].userName)
    await user.page.reload()
    await expect.poll(() => user.page.locator('#who').textContent()).toBe(world.server.users[1].userName)
  })

  test('does not take an answer to the one who has left for the end of the new session', async () => {
    const user = await world.open()
    const threads = await hold(user, '/threads')
    await user.signIn(0)
    await expect.poll(threads.isHeld).toBe(true)
    await signOut(user)
    await user.signIn(1)
    await threads.letGo()
    await pause(300)
    expect(await user.page.locator('#who').textContent()).toBe(world.server.users[1].userName)
  })

  test('leaves no word of the last answer in the page when the session has ended', async () => {
    const user = await world.open()
    await user.signIn(0)
    world.stepped.allow(eventsPerRun)
    await user.ask('canary')
    await expect.poll(() => user.page.getByRole('status').textContent()).toContain('canary')
    const { token } = JSON.parse(await user.page.evaluate(`sessionStorage.getItem('user-execution-context.session')`))
    await world.server.request('POST', '/logout', { token })
    await user.page.getByRole('alert').getByText('Your session has ended. Please sign in again.').waitFor()
    await pause(100)
    expect(await user.page.content()).not.toContain('canary')
  })

  test('opens with the sign-in when what the tab has stored is no session', async () => {
    const user = await world.open()
    await user.page.evaluate(`sessionStorage.setItem('user-execution-context.session', 'garbage')`)
    await user.page.reload()
    await user.signIn(0)
    expect(user.problems).toEqual([])
  })

  test.each([
    ['has ended', `stored.issuedAtMs -= 3_600_000, sessionStorage.setItem(key, JSON.stringify(stored))`],
    ['is gone', `sessionStorage.removeItem(key)`],
    ['is unreadable', `sessionStorage.setItem(key, 'garbage')`],
  ])('keeps no draft for the next user when the session %s while the tab is not looked at', async (_what, change) => {
    const user = await world.open()
    await user.signIn(0)
    await user.page.getByLabel('Message', { exact: true }).fill('a draft of the first')
    await changeSession(user, change)
    await user.page.reload()
    await user.page.getByRole('heading', { name: 'Sign in' }).waitFor()
    expect(await user.page.evaluate('sessionStorage.length + localStorage.length')).toBe(0)
    await user.signIn(1)
    expect(await user.page.getByLabel('Message', { exact: true }).inputValue()).toBe('')
    expect(user.problems).toEqual([])
  })

  test('says that the session has ended while the tab was closed, and names its thread no more', async () => {
    const user = await world.open()
    await user.signIn(0)
    await changeSession(user, `stored.issuedAtMs -= 3_600_000, sessionStorage.setItem(key, JSON.stringify(stored))`)
    await user.page.reload()
    await user.page.getByRole('alert').getByText('Your session has ended. Please sign in again.').waitFor()
    expect(new URL(user.page.url()).search).toBe('')
  })

  test('shows a user no draft that is filed under another', async () => {
    const user = await world.open()
    await user.signIn(0)
    await user.page.getByLabel('Message', { exact: true }).fill('a draft of the first')
    const [token, { userName }] = [await world.server.signIn(1), world.server.users[1]]
    const other = JSON.stringify({ token, userName, issuedAtMs: Date.now(), lifetimeSeconds: 5 })
    await changeSession(user, `sessionStorage.setItem(key, ${JSON.stringify(other)})`)
    await user.page.reload()
    await user.page.getByText('Connected', { exact: true }).waitFor()
    expect(await user.page.locator('#who').textContent()).toBe(userName)
    expect(await user.page.getByLabel('Message', { exact: true }).inputValue()).toBe('')
    expect(await user.page.evaluate('JSON.stringify(sessionStorage)')).not.toContain('draft of')
  })

  test('leads to the thread of a bookmark after the sign-in', async () => {
    const user = await world.open()
    await user.page.goto(`${new URL(user.page.url()).origin}/?thread=bookmarked`)
    await user.signIn(0)
    expect(new URL(user.page.url()).search).toBe('?thread=bookmarked')
  })
})
