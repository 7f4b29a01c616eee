// What the page shows of the context of a run, and how it tells threads apart.
import { describe, expect, test } from 'vitest'
import { eachPage, findShownFields } from './each-page.ts'

const pages = eachPage()

describe('the context of the run', () => {
  test('is the one that the server runs it in: who verified, who acts, which rights, when it ends', async () => {
    const user = await pages.open()
    const { page } = user
    await user.signIn(0)
    await page.getByText('the context of its run stands here').waitFor()
    await user.ask('add tea')
    await page.locator('.run[data-state=done]').waitFor()
    await page.locator('#context-verified').waitFor({ state: 'visible' })
    expect(await page.locator('#context-verified').textContent()).toBe('access-token')
    expect(await page.locator('#context-acts').textContent()).toBe('The user (a person)')
    expect(await page.locator('#context-rights').textContent()).toBe('None named by the sign-in')
    expect(await page.locator('#context-ends').textContent()).toMatch(/\d:\d\d:\d\d/)
    const fields = JSON.parse((await page.locator('#context-all').textContent()) ?? '') as Record<string, unknown>
    const address = new URL(page.url()).searchParams
    expect(fields).toMatchObject({ threadId: address.get('thread'), operation: 'root', permissions: [] })
    expect(fields['userHash']).toMatch(/^[0-9a-f]{32}$/)
    expect(user.frames.join('')).not.toContain('id-of-alice')
    // It is no step of the agent's.
    expect(await page.locator('.tool-name').allTextContents()).toEqual(['add-note'])
    expect(user.problems).toEqual([])
  })

  test('follows the newest run of the thread on show, and goes at sign-out', async () => {
    const user = await pages.open()
    const { page } = user
    await user.signIn(0)
    const seen = new Set<string>()
    for (const text of ['add tea', 'add milk']) {
      await user.ask(text)
      await page.locator('.run[data-state=done]', { hasText: text }).waitFor()
      seen.add(await findShownFields(page))
    }
    expect(seen.size).toBe(2)
    await page.reload()
    await expect.poll(() => findShownFields(page)).toBe([...seen].at(-1))
    await page.getByRole('button', { name: 'New thread' }).click()
    expect(await findShownFields(page)).toBe('')
    await page.getByRole('button', { name: 'add tea' }).click()
    await expect.poll(() => findShownFields(page)).toBe([...seen].at(-1))
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    expect(await findShownFields(page)).toBe('')
  })

  test('stays that of the newest run when an older one comes after it', async () => {
    const { page, signIn } = await pages.open()
    await signIn(0)
    // The module that the page runs, from the server that serves it.
    await page.evaluate(`import('/page/run-context.js').then(({ RunContext }) => {
      const context = new RunContext()
      for (const [runId, minute] of [['first', 1], ['third', 3], ['second', 2]])
        context.take({
          type: 'tool_completed',
          runId,
          data: { output: { runId, createdAt: '2026-11-29T09:0' + minute + 'Z' } },
        })
    })`)
    expect(await findShownFields(page)).toContain('third')
  })

  test('says who verified the user of a run that waited in a queue, and what it came by', async () => {
    const { page, signIn } = await pages.open()
    await signIn(0)
    await page.evaluate(`import('/page/run-context.js').then(({ RunContext }) => new RunContext().take({
      type: 'tool_completed',
      runId: 'r',
      data: { output: { originProvider: 'access-token', identityProvider: 'sealed-context' } },
    }))`)
    const verified = 'access-token; the run then waited in a queue (sealed-context)'
    expect(await page.locator('#context-verified').textContent()).toBe(verified)
  })
})

describe('the threads', () => {
  test('are told apart by the time when two begin with the same words', async () => {
    const { page, signIn, ask } = await pages.open()
    await signIn(0)
    for (const count of [1, 2]) {
      await ask('list')
      await page.locator('.run[data-state=done]').waitFor()
      await expect.poll(() => page.locator('#thread-list li').count()).toBe(count)
      await page.getByRole('button', { name: 'New thread' }).click()
      // Two threads of one second are alike.
      await page.waitForTimeout(1_000)
    }
    const labels = await page.locator('.thread-label').allInnerTexts()
    expect(labels.every((label) => label.startsWith('list'))).toBe(true)
    expect(new Set(labels).size).toBe(2)
    const times = await page
      .locator('.thread-time')
      .evaluateAll((elements) => elements.map((element) => element.getAttribute('datetime')))
    const { body } = await pages.server.request('GET', '/threads', { token: await pages.server.signIn(0) })
    expect(times).toEqual(body.threads.map(({ runs }: any) => runs[0].createdAt).reverse())
  })
})
