// What a user does not lose: the thread over a reload, a draft over a look at another thread, the stop of each run.
import { describe, expect, test } from 'vitest'
import { answerTo, eventsPerRun } from '../../../../packages/golden-path/tests/server/clients/slow-agent.ts'
import { eachSteppedWorld } from './each-stepped-world.ts'
import { withoutNetworkReports } from './stepped-world.ts'

const world = eachSteppedWorld()

describe('the page', () => {
  test('shows the same thread after a reload in the middle of a run, and the whole answer', async () => {
    const user = await world.open()
    await user.signIn(0)
    world.stepped.allow(6)
    await user.ask('tea')
    await user.page.getByText('tea 5. ').waitFor()
    const address = user.page.url()
    expect(address).toMatch(/\?thread=[\w-]+$/)
    await user.page.reload()
    await user.page.getByText('tea 5. ').waitFor()
    expect(user.page.url()).toBe(address)
    world.stepped.allow(eventsPerRun)
    await user.page.locator('.run[data-state=done]').waitFor()
    expect(await user.page.locator('.answer-text').textContent()).toBe(answerTo('tea'))
    expect(await user.page.locator('.prompt-text').allTextContents()).toEqual(['tea'])
    expect(withoutNetworkReports(user)).toEqual([])
  })

  test('goes back and forth between threads with the browser, and leaves no thread behind at sign-out', async () => {
    const user = await world.open()
    const { page } = user
    await user.signIn(0)
    world.stepped.allow(eventsPerRun)
    await user.ask('tea')
    await page.locator('.run[data-state=done]').waitFor()
    await page.getByRole('button', { name: 'New thread' }).click()
    await user.ask('milk')
    await page.locator('.run[data-state=done]').waitFor()
    await page.goBack()
    await page.locator('.prompt-text', { hasText: 'tea' }).waitFor()
    await page.goForward()
    await page.locator('.prompt-text', { hasText: 'milk' }).waitFor()
    await page.getByRole('button', { name: 'Sign out' }).click()
    expect(new URL(page.url()).search).toBe('')
  })

  test('keeps what was begun to be written in each thread, over a reload too, and not for the next user', async () => {
    const user = await world.open()
    const { page } = user
    const message = page.getByLabel('Message', { exact: true })
    await user.signIn(0)
    world.stepped.allow(eventsPerRun)
    await user.ask('tea')
    await page.locator('.run[data-state=done]').waitFor()
    const listed = page.getByRole('navigation', { name: 'Threads' }).getByRole('button', { name: 'tea' })
    await listed.waitFor()
    world.proxy.block()
    await page.getByText('Reconnecting', { exact: true }).waitFor()
    await message.fill('a draft of the first thread')
    await page.getByRole('button', { name: 'New thread' }).click()
    expect(await message.inputValue()).toBe('')
    await message.fill('a draft of the second')
    await listed.click()
    expect(await message.inputValue()).toBe('a draft of the first thread')
    world.proxy.restore()
    await page.getByText('Connected', { exact: true }).waitFor()
    await page.reload()
    await page.getByText('Connected', { exact: true }).waitFor()
    expect(await message.inputValue()).toBe('a draft of the first thread')
    await page.getByRole('button', { name: 'Send' }).click()
    expect(await message.inputValue()).toBe('')
    await page.getByRole('button', { name: 'Sign out' }).click()
    await user.signIn(1)
    expect(await message.inputValue()).toBe('')
    expect(await page.evaluate('JSON.stringify(sessionStorage)')).not.toContain('draft of')
  })

  test('has a stop for each of two runs, and stops the one whose it is', async () => {
    const user = await world.open()
    const { page } = user
    await user.signIn(0)
    world.stepped.allow(6)
    for (const text of ['tea', 'milk']) {
      await user.ask(text)
      await page.getByText(`${text} 5. `).waitFor()
    }
    expect(await page.getByRole('button', { name: 'Stop' }).count()).toBe(2)
    await page.getByRole('button', { name: 'Stop: tea' }).click()
    await page.locator('.run[data-state=stopped]', { hasText: 'tea' }).waitFor()
    expect(await page.getByRole('button', { name: 'Stop' }).count()).toBe(1)
    expect(await page.evaluate('document.activeElement.id')).toBe('message')
    world.stepped.allow(eventsPerRun)
    await page.locator('.run[data-state=done]', { hasText: 'milk' }).waitFor()
    expect(await page.getByRole('button', { name: 'Stop' }).count()).toBe(0)
  })
})

describe.each([
  ['320 pixels wide with text of 200 %', 320, 32],
  ['390 pixels wide', 390, 16],
])('the page, %s', (_what, width, fontSize) => {
  test('clips nothing, and shows who is signed in', async () => {
    const user = await world.open({ viewport: { width, height: 700 } })
    const { page } = user
    await page.evaluate(`document.documentElement.style.fontSize = '${fontSize}px'`)
    const clipped = (): Promise<unknown> =>
      page.evaluate(`[...document.querySelectorAll('button, label, h1, h2, p, input, textarea, a, summary')]
        .filter((element) => element.checkVisibility() && !element.classList.contains('hidden-text') &&
          !element.classList.contains('skip'))
        .filter((element) => {
          const { left, right } = element.getBoundingClientRect()
          return left < -0.5 || right > innerWidth + 0.5 ||
            (getComputedStyle(element).overflowX !== 'visible' && element.scrollWidth > element.clientWidth + 1)
        })
        .map((element) => element.id || element.textContent)`)
    expect(await clipped()).toEqual([])
    await user.signIn(0)
    world.stepped.allow(eventsPerRun)
    await user.ask('tea')
    await page.locator('.run[data-state=done]').waitFor()
    expect(await clipped()).toEqual([])
    expect(await page.evaluate('document.scrollingElement.scrollWidth - innerWidth')).toBe(0)
    await page.locator('#who').waitFor({ state: 'visible' })
    await page.getByRole('button', { name: 'Send' }).click({ trial: true })
    await page.getByRole('button', { name: 'Threads' }).click()
    await page.getByRole('button', { name: 'New thread' }).waitFor()
    expect(await clipped()).toEqual([])
  })
})
