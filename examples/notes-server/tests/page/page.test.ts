// The page in a real browser against the real server with the embedded notes agent.
import { describe, expect, test } from 'vitest'
import { eachPage } from './each-page.ts'

const pages = eachPage()
const { open } = pages

describe('the page', () => {
  test('shows a run: what was asked, thinking, the tool with its input and output, and the answer', async () => {
    const user = await open()
    await user.signIn(0)
    await user.ask('add coffee 12.50')
    const run = user.page
      .getByRole('listitem')
      .filter({ hasText: 'add coffee 12.50' })
      .filter({ hasText: 'Kept as note 1.' })
    await run.waitFor()
    await run.getByText('Thoughts', { exact: true }).click()
    expect(await run.locator('.thinking-text').textContent()).toBe('I keep this as a note.')
    await run.getByText('add-note').click()
    expect(await run.locator('.tool-input').textContent()).toBe('{"text":"coffee 12.50"}')
    expect(await run.locator('.tool-output').textContent()).toContain('coffee 12.50')
    expect(await run.locator('.tool-state').textContent()).toBe('done')
    expect(await run.locator('.answer-text').textContent()).toBe('Kept as note 1.')
    expect(user.problems).toEqual([])
  })

  test('shows each of two users in two browser contexts only their own', async () => {
    const [alice, bob] = await Promise.all([open(), open()])
    await Promise.all([alice.signIn(0), bob.signIn(1)])
    const canaries = ['canary-of-alice-5d1f', 'canary-of-bob-88c2'] as const
    await Promise.all([alice.ask(`add ${canaries[0]}`), bob.ask(`add ${canaries[1]}`)])
    for (const user of [alice, bob]) await user.page.getByText('Kept as note 1.', { exact: true }).waitFor()
    await Promise.all([alice.ask('list'), bob.ask('list')])
    for (const [index, user] of [alice, bob].entries()) {
      await user.page.locator('.answer-text', { hasText: canaries[index]! }).waitFor()
      const seen = (await user.page.content()) + user.frames.join('')
      expect(seen).toContain(canaries[index])
      expect(seen).not.toContain(canaries[1 - index])
      // The list is fetched a moment after the run has ended.
      await expect
        .poll(() => user.page.getByRole('navigation', { name: 'Threads' }).getByRole('listitem').count())
        .toBe(1)
      expect(user.problems).toEqual([])
    }
  })

  test('lists threads, starts a new one, and shows an old one again after a reload', async () => {
    const user = await open()
    await user.signIn(0)
    const threads = user.page.getByRole('navigation', { name: 'Threads' })
    await user.ask('add tea 3')
    await threads.getByRole('button', { name: 'add tea 3' }).waitFor()
    await threads.getByRole('button', { name: 'New thread' }).click()
    expect(await user.page.locator('.run').count()).toBe(0)
    await user.ask('list')
    await user.page.getByText('1. tea 3', { exact: true }).waitFor()
    await user.page.reload()
    await threads.getByRole('button', { name: 'add tea 3' }).click()
    await user.page.getByText('Kept as note 1.', { exact: true }).waitFor()
    expect(await user.page.getByRole('heading', { level: 1 }).textContent()).toBe('add tea 3')
    expect(await user.page.locator('.prompt-text').allTextContents()).toEqual(['add tea 3'])
    expect(await user.page.locator('[aria-current] .thread-name').textContent()).toBe('add tea 3')
    expect(user.problems).toEqual([])
  })

  test('shows markup in messages and answers as text', async () => {
    const user = await open()
    await user.signIn(0)
    const markup = '<img src=x onerror="alert(1)"><script>alert(2)</script>'
    await user.ask(`add ${markup}`)
    await user.page.getByText('Kept as note 1.', { exact: true }).waitFor()
    await user.ask('list')
    const answer = user.page.locator('.answer-text', { hasText: 'img' })
    await answer.waitFor()
    expect(await answer.textContent()).toBe(`1. ${markup}`)
    expect(await user.page.locator('#runs img, #runs script').count()).toBe(0)
    expect(user.problems).toEqual([])
  })

  test('says that a password is wrong, keeps the name, and lets the user try again', async () => {
    const user = await open()
    await user.page.getByLabel('User name').fill('alice')
    await user.page.getByLabel('Password').fill('wrong')
    await user.page.getByRole('button', { name: 'Sign in' }).click()
    await user.page.getByRole('alert').getByText('The user name and the password do not match.').waitFor()
    expect(await user.page.getByLabel('User name').inputValue()).toBe('alice')
    expect(await user.page.evaluate('document.activeElement.id')).toBe('password')
    await user.signIn(0)
  })

  test('signs out: the session ends on the server, and nothing of it is left on the page or in storage', async () => {
    const user = await open()
    await user.signIn(0)
    await user.ask('add something-private')
    await user.page.getByText('Kept as note 1.', { exact: true }).waitFor()
    const { token } = JSON.parse(await user.page.evaluate(`sessionStorage.getItem('user-execution-context.session')`))
    expect((await pages.server.request('GET', '/threads', { token })).status).toBe(200)
    await user.page.getByRole('button', { name: 'Sign out' }).click()
    await user.page.getByRole('heading', { name: 'Sign in' }).waitFor()
    await expect.poll(async () => (await pages.server.request('GET', '/threads', { token })).status).toBe(401)
    expect(await user.page.content()).not.toContain('something-private')
    expect(await user.page.evaluate('sessionStorage.length + localStorage.length')).toBe(0)
    await user.page.reload()
    await user.page.getByRole('heading', { name: 'Sign in' }).waitFor()
    expect(user.problems).toEqual([])
  })

  test('asks nothing more after sign-out, not even what the end of a run would have made it ask', async () => {
    const user = await open()
    await user.signIn(0)
    const asked: string[] = []
    user.page.on('request', (request) => asked.push(new URL(request.url()).pathname))
    // In the very task that shows the end of the run, so that no timer of the page comes between.
    const signedOut = user.page.evaluate(`new Promise((resolve) => {
      const look = new MutationObserver(() => {
        if (!document.body.textContent.includes('Kept as note')) return
        look.disconnect()
        ;[...document.querySelectorAll('button')].find((button) => button.textContent === 'Sign out').click()
        resolve()
      })
      look.observe(document.body, { subtree: true, childList: true, characterData: true })
    })`)
    await user.ask('add a last thing')
    await signedOut
    asked.length = 0
    await user.page.getByRole('heading', { name: 'Sign in' }).waitFor()
    await user.page.waitForTimeout(300)
    expect(asked.filter((path) => path === '/threads')).toEqual([])
    expect(await user.page.content()).not.toContain('Your session has ended')
    expect(user.problems).toEqual([])
  })

  test('is not kept by caches, and allows its own script and style only', async () => {
    const { headers } = await pages.server.request('GET', '/')
    expect(headers.get('cache-control')).toBe('private, no-store')
    const policy = headers.get('content-security-policy') ?? ''
    for (const directive of [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
    ]) {
      expect(policy).toContain(directive)
    }
    expect(policy).not.toContain('unsafe')
    // The policy is in force: what it forbids is reported to us, so "no violation" above means something.
    const user = await open()
    await user.page.evaluate(
      `document.head.append(Object.assign(document.createElement('style'), { textContent: 'body { color: red }' }))`,
    )
    await expect.poll(() => user.problems.filter((problem) => problem.startsWith('CSP: style-src')).length).toBe(1)
  })
})
