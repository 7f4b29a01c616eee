// The page when things go wrong around it: no connection, a dead network, a restarted server, a text that is too long.
import { describe, expect, test } from 'vitest'
import { answerTo, eventsPerRun } from '../../../../packages/golden-path/tests/server/clients/slow-agent.ts'
import type { User } from './browser.ts'
import { eachSteppedWorld } from './each-stepped-world.ts'
import { withoutNetworkReports } from './stepped-world.ts'

const world = eachSteppedWorld()

const waitFor = ({ page }: User, connection: string): Promise<void> =>
  page.getByText(connection, { exact: true }).waitFor()

describe('the page, when things go wrong around it', () => {
  test('stops a run that was stopped without a connection, when there is one again', async () => {
    const user = await world.open()
    await user.signIn(0)
    world.stepped.allow(6)
    await user.ask('tea')
    await user.page.getByText('tea 5. ').waitFor()
    world.proxy.block()
    await waitFor(user, 'Reconnecting')
    await user.page.getByRole('button', { name: 'Stop' }).click()
    await expect
      .poll(() => user.page.getByRole('status').textContent())
      .toBe('The run stops as soon as there is a connection.')
    world.proxy.restore()
    await user.page.locator('.run[data-state=stopped]').waitFor()
    expect(withoutNetworkReports(user)).toEqual([])
  })

  test('notices a network that is dead without a word, and loses nothing over it', async () => {
    const user = await world.open()
    await user.page.clock.install()
    await user.page.reload()
    await user.signIn(0)
    world.stepped.allow(6)
    await user.ask('tea')
    await user.page.getByText('tea 5. ').waitFor()
    world.proxy.freeze()
    world.stepped.allow(eventsPerRun)
    // Twenty seconds of silence, a ping, and ten more without an answer.
    await user.page.clock.runFor(20_500)
    await user.page.clock.runFor(10_500)
    await user.page.clock.runFor(2_000)
    await user.page.locator('.run[data-state=done]').waitFor()
    expect(await user.page.locator('.answer-text').textContent()).toBe(answerTo('tea'))
    expect(user.sockets()).toBeGreaterThan(1)
  })

  test('gives up a handshake that nobody answers, and is connected again soon after', async () => {
    const user = await world.open()
    await user.page.clock.install()
    await user.page.reload()
    await user.signIn(0)
    world.proxy.swallow()
    const before = world.proxy.connections()
    world.proxy.cut()
    await waitFor(user, 'Reconnecting')
    await user.page.clock.runFor(2_000)
    await expect.poll(() => world.proxy.connections()).toBeGreaterThan(before)
    world.proxy.restore()
    await user.page.clock.runFor(10_500)
    await user.page.clock.runFor(5_000)
    await waitFor(user, 'Connected')
  })

  test('says of a run that a restarted server has forgotten that it is gone, and goes on with the next', async () => {
    const user = await world.open()
    await user.signIn(0)
    world.stepped.allow(6)
    await user.ask('tea')
    await user.page.getByText('tea 5. ').waitFor()
    await world.restart()
    await user.page.getByText('This run is no longer kept.', { exact: true }).first().waitFor()
    await waitFor(user, 'Connected')
    world.stepped.allow(eventsPerRun)
    await user.ask('milk')
    await user.page.locator('.run[data-state=done]').waitFor()
    expect(await user.page.locator('.answer-text').last().textContent()).toBe(answerTo('milk'))
    expect(withoutNetworkReports(user)).toEqual([])
  })

  test('says that a message is too long, sends it once only, and goes on with the next', async () => {
    const user = await world.open()
    await user.signIn(0)
    world.stepped.allow(eventsPerRun)
    await user.ask('x'.repeat(40_000))
    await user.page.locator('.run[data-state=failed]').waitFor()
    // More than a frame may hold: the server closes the socket.
    await user.ask('x'.repeat(80_000))
    await user.page.locator('.run[data-state=failed]').nth(1).getByText('The message is too long.').waitFor()
    await user.ask('milk')
    await user.page.locator('.run[data-state=done]').waitFor()
    expect(user.sockets()).toBe(2)
  })

  test('shows every run of a thread that has more of them than the server takes messages in a second', async () => {
    world.stepped.allow(eventsPerRun)
    const token = await world.server.signIn(0)
    for (let run = 0; run < 45; run++) {
      const { status } = await world.server.request('POST', '/runs', {
        token,
        body: { threadId: 'thread-of-many', input: { text: `tea ${run}` } },
      })
      expect(status).toBe(202)
    }
    const user = await world.open()
    await user.signIn(0)
    await user.page.getByRole('navigation', { name: 'Threads' }).getByRole('button', { name: 'tea 0' }).click()
    await expect.poll(() => user.page.locator('.run[data-state=done]').count(), { timeout: 20_000 }).toBe(45)
    expect(await user.page.locator('.prompt-text').allTextContents()).toEqual(
      Array.from({ length: 45 }, (_, run) => `tea ${run}`),
    )
    expect(user.problems).toEqual([])
  })
})
