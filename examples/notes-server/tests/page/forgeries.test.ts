// What a forger gets, and a second user in a window beside the first.
import { describe, expect, test } from 'vitest'
import type { User } from './browser.ts'
import { eachPage, forge } from './each-page.ts'

const pages = eachPage()

/** The browser reports each refusal of a request to its console. */
const withoutRefusals = ({ problems }: User): readonly string[] =>
  problems.filter((problem) => !/^error: Failed to load resource: .* status of 40[014] /.test(problem))

describe('the forgeries', () => {
  test('are really sent, and are refused each with its status and code; the session stays', async () => {
    const user = await pages.open()
    const { page } = user
    await user.signIn(0)
    const asked: string[] = []
    page.on('request', (request) => asked.push(`${request.method()} ${new URL(request.url()).pathname}`))
    // Whoever clicks twice gets one answer.
    await page.getByRole('button', { name: 'Try all three requests' }).click()
    const [context, run, token] = await forge(page)
    expect(context).toMatch(/Refused[^]*400 ERR_CONTEXT_INVALID_MESSAGE/)
    expect(run).toMatch(/Refused[^]*made up here[^]*404 ERR_CONTEXT_RUN_NOT_FOUND/)
    expect(token).toMatch(/Refused[^]*401 ERR_CONTEXT_IDENTITY_REFUSED/)
    expect(asked.map((line) => line.replace(/[0-9a-f]{32}/, ':runId'))).toEqual([
      'POST /runs',
      'GET /runs/:runId/events',
      'GET /threads',
    ])
    await expect.poll(() => page.getByRole('status').textContent()).toBe('3 of 3 forgeries were refused.')
    expect(
      (await pages.server.request('GET', '/threads', { token: await pages.server.signIn(0) })).body.threads,
    ).toEqual([])
    await user.ask('add tea')
    await page.getByText('Kept as note 1.', { exact: true }).waitFor()
    expect(withoutRefusals(user)).toEqual([])
  })

  test('say so when the server lets one pass, is broken or is away', async () => {
    const { page, signIn } = await pages.open()
    await signIn(0)
    await page.route('**/runs', (route) => route.fulfill({ status: 202, json: { runId: 'r' } }))
    await page.route('**/runs/*/events', (route) => route.fulfill({ status: 500, json: { code: 'ERR_X' } }))
    await page.route('**/threads', (route) => route.abort())
    const [context, run, token] = await forge(page)
    expect(context).toMatch(/Not refused[^]*202$/)
    expect(run).toMatch(/Not refused[^]*500 ERR_X$/)
    expect(token).toContain('No answer')
    await expect.poll(() => page.getByRole('status').textContent()).toBe('0 of 3 forgeries were refused.')
    await page.route('**/runs', (route) => route.fulfill({ status: 429, json: { code: 'ERR_X' } }))
    await page.route('**/runs/*/events', (route) => route.fulfill({ status: 404, body: 'of a proxy' }))
    await page.getByRole('button', { name: 'Try all three requests' }).click()
    await page.getByText('429 ERR_X').waitFor()
    expect(await page.locator('.forgery[data-state=open]').count()).toBe(3)
  })

  test('leave nothing for the next user when the answer comes after sign-out', async () => {
    const { page, signIn } = await pages.open()
    await signIn(0)
    await forge(page)
    let asked = (): void => {}
    let answer = (): void => {}
    const wasAsked = new Promise<void>((resolve) => (asked = resolve))
    const mayAnswer = new Promise<void>((resolve) => (answer = resolve))
    await page.route('**/runs/*/events', async (route) => {
      asked()
      await mayAnswer
      await route.continue()
    })
    await page.getByRole('button', { name: 'Try all three requests' }).click()
    await wasAsked
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    expect(await page.locator('.forgery').count()).toBe(0)
    const last = page.waitForResponse('**/threads')
    answer()
    await last
    await page.waitForTimeout(100)
    expect(await page.locator('.forgery').count()).toBe(0)
  })

  test('try the run of the user in a second window, who signed in there, and see nothing of it', async () => {
    const alice = await pages.open()
    await alice.signIn(0)
    const opened = alice.page.context().waitForEvent('page')
    await alice.page.getByRole('link', { name: 'Open a second window' }).click()
    const bob = await opened
    await bob.getByRole('heading', { name: 'Sign in' }).waitFor()
    await bob.getByLabel('User name').fill('bob')
    await bob.getByLabel('Password').fill(pages.server.users[1].password)
    await bob.getByRole('button', { name: 'Sign in' }).click()
    await bob.getByLabel('Message', { exact: true }).fill('add canary-of-bob')
    await bob.getByRole('button', { name: 'Send' }).click()
    await bob.getByText('Kept as note 1.', { exact: true }).waitFor()
    const { runId } = JSON.parse((await bob.locator('#context-all').textContent()) ?? '') as { runId: string }

    const asked: string[] = []
    alice.page.on('request', (request) => asked.push(new URL(request.url()).pathname))
    const [, run] = await forge(alice.page)
    expect(asked).toContain(`/runs/${runId}/events`)
    expect(run).toMatch(/Refused[^]*of the user beside[^]*404 ERR_CONTEXT_RUN_NOT_FOUND/)
    expect((await alice.page.content()) + alice.frames.join('')).not.toContain('canary-of-bob')
    expect(alice.page.context().pages()).toHaveLength(2)
    // A window of the same user is no other user, and one where nobody is signed in tells nothing.
    await bob.getByRole('button', { name: 'Sign out' }).click()
    await bob.getByRole('heading', { name: 'Sign in' }).waitFor()
    await alice.page.getByRole('button', { name: 'Try all three requests' }).click()
    await alice.page.getByText('no other user has a run in this browser').waitFor()
    await bob.getByLabel('User name').fill('alice')
    await bob.getByLabel('Password').fill(pages.server.users[0].password)
    await bob.getByRole('button', { name: 'Sign in' }).click()
    await bob.getByLabel('Message', { exact: true }).fill('add tea')
    await bob.getByRole('button', { name: 'Send' }).click()
    await bob.getByText('Kept as note 1.', { exact: true }).waitFor()
    asked.length = 0
    await alice.page.getByRole('button', { name: 'Try all three requests' }).click()
    await expect.poll(() => asked.filter((path) => path === '/threads').length).toBe(1)
    const own = JSON.parse((await bob.locator('#context-all').textContent()) ?? '') as { runId: string }
    expect(asked).not.toContain(`/runs/${own.runId}/events`)
  })
})
