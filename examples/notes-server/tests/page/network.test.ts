// The page while a run goes on: stop, cuts, other tabs, renewal. The agent says its next piece when the test lets it.
import { describe, expect, test } from 'vitest'
import { answerTo, eventsPerRun } from '../../../../packages/golden-path/tests/server/clients/slow-agent.ts'
import type { User } from './browser.ts'
import { eachSteppedWorld } from './each-stepped-world.ts'
import { withoutNetworkReports } from './stepped-world.ts'

const world = eachSteppedWorld()

const answer = (user: User): Promise<string | null> => user.page.locator('.answer-text').last().textContent()
describe('the page, while a run goes on', () => {
  test('loses and repeats nothing over a cut, though the run goes on meanwhile', async () => {
    const user = await world.open()
    await user.signIn(0)
    world.stepped.allow(6)
    await user.ask('tea')
    await expect.poll(() => answer(user)).toBe('tea 4. tea 5. ')
    for (const next of [9, 12]) {
      world.proxy.block()
      await user.page.getByText('Reconnecting', { exact: true }).waitFor()
      world.stepped.allow(next)
      world.proxy.restore()
      await user.page.getByText('Connected', { exact: true }).waitFor()
      await expect.poll(() => answer(user)).toContain(`tea ${next - 1}. `)
    }
    world.stepped.allow(eventsPerRun)
    await user.page.locator('.run[data-state=done]').waitFor()
    expect(await answer(user)).toBe(answerTo('tea'))
    expect(await user.page.locator('.thinking-text').allTextContents()).toEqual(['tea 1. tea 2. tea 3. '])
    expect(await user.page.locator('.run').count()).toBe(1)
    expect(withoutNetworkReports(user)).toEqual([])
  })

  test('sends a message that was written without a connection, once, when there is one again', async () => {
    const user = await world.open()
    await user.signIn(0)
    world.stepped.allow(eventsPerRun)
    world.proxy.block()
    await user.page.getByText('Reconnecting', { exact: true }).waitFor()
    await user.ask('milk')
    await expect.poll(() => user.page.getByRole('status').textContent()).toBe('Message waits for the connection.')
    world.proxy.restore()
    await user.page.locator('.run[data-state=done]').waitFor()
    expect(await answer(user)).toBe(answerTo('milk'))
    const { body } = await world.server.request('GET', '/threads', { token: await world.server.signIn(0) })
    expect(body.threads.flatMap((thread: { runs: object[] }) => thread.runs)).toHaveLength(1)
  })

  test('starts a run once, though the connection was cut before the server could say so', async () => {
    const user = await world.open()
    let isFirst = true
    const starts: { readonly clientRequestId: string; readonly idempotencyKey: string }[] = []
    await user.page.routeWebSocket('**/ws', (socket) => {
      const toServer = socket.connectToServer()
      if (!isFirst) return
      isFirst = false
      let hasAsked = false
      socket.onMessage((message) => {
        if (String(message).includes('start_run')) {
          hasAsked = true
          starts.push(JSON.parse(String(message)))
        }
        toServer.send(message)
      })
      toServer.onMessage((message) => {
        if (!hasAsked) socket.send(message)
        // The first word about the run is the last that comes through: it is lost on the way.
        else void socket.close({ code: 4000 })
      })
    })
    await user.page.reload()
    await user.signIn(0)
    world.stepped.allow(eventsPerRun)
    await user.ask('milk')
    await user.page.locator('.run[data-state=done]').waitFor()
    expect(await answer(user)).toBe(answerTo('milk'))
    const { body } = await world.server.request('GET', '/threads', { token: await world.server.signIn(0) })
    expect(body.threads.flatMap((thread: { runs: object[] }) => thread.runs)).toHaveLength(1)
    expect(await user.page.locator('.run').count()).toBe(1)
    expect(starts).toHaveLength(1)
    expect(starts[0]!.idempotencyKey).toBe(starts[0]!.clientRequestId)
  })

  test('starts a run once, though the connection was cut twice before that was known', async () => {
    const user = await world.open()
    const held: (() => Promise<void>)[] = []
    let isLost = false
    let cut: () => void = () => undefined
    await user.page.routeWebSocket('**/ws', (socket) => {
      const toServer = socket.connectToServer()
      cut = () => void socket.close({ code: 4000 })
      socket.onMessage((message) => {
        if (isLost || !String(message).includes('start_run')) return toServer.send(message)
        isLost = true
        cut()
      })
      toServer.onMessage((message) => socket.send(message))
    })
    await user.page.route('**/threads', (route) =>
      isLost && held.length < 3 ? void held.push(() => route.continue()) : route.continue(),
    )
    await user.page.reload()
    await user.signIn(0)
    world.stepped.allow(eventsPerRun)
    await user.ask('milk')
    await user.page.getByText('Reconnecting', { exact: true }).waitFor()
    await user.page.getByText('Connected', { exact: true }).waitFor()
    await expect.poll(() => held.length).toBeGreaterThan(1)
    cut()
    await user.page.getByText('Reconnecting', { exact: true }).waitFor()
    await user.page.getByText('Connected', { exact: true }).waitFor()
    for (const letGo of held) await letGo()
    await user.page.locator('.run[data-state=done]').waitFor()
    await new Promise((resolve) => setTimeout(resolve, 300))
    const { body } = await world.server.request('GET', '/threads', { token: await world.server.signIn(0) })
    expect(body.threads.flatMap((thread: { runs: object[] }) => thread.runs)).toHaveLength(1)
  })

  test('stops a run: the agent is aborted, the run ends as stopped, and the focus is where one types', async () => {
    const user = await world.open()
    await user.signIn(0)
    world.stepped.allow(6)
    await user.ask('tea')
    await expect.poll(() => answer(user)).toBe('tea 4. tea 5. ')
    await user.page.getByRole('button', { name: 'Stop' }).click()
    await user.page.locator('.run[data-state=stopped]').getByText('Stopped', { exact: true }).waitFor()
    await user.page.getByRole('button', { name: 'Stop' }).waitFor({ state: 'hidden' })
    expect(await user.page.evaluate('document.activeElement.id')).toBe('message')
    expect(await answer(user)).toBe('tea 4. tea 5. ')
    expect(user.problems).toEqual([])
  })

  test('shows a run in another tab of the same user, from its beginning', async () => {
    const [first, second] = [await world.open(), await world.open()]
    await first.signIn(0)
    await second.signIn(0)
    world.stepped.allow(6)
    await first.ask('tea')
    await second.page.getByRole('navigation', { name: 'Threads' }).getByRole('button', { name: 'tea' }).click()
    await expect.poll(() => answer(second)).toBe('tea 4. tea 5. ')
    world.stepped.allow(eventsPerRun)
    for (const user of [first, second]) {
      await user.page.locator('.run[data-state=done]').waitFor()
      expect(await answer(user)).toBe(answerTo('tea'))
      expect(user.problems).toEqual([])
    }
  })
})

describe('the page, with a token that ends soon', () => {
  test('renews it in place: the socket stays, and works after the first token has ended', async () => {
    await world.reopen({ tokenLifetimeSeconds: 5 })
    const user = await world.open()
    await user.signIn(0)
    await new Promise((resolve) => setTimeout(resolve, 6_500))
    world.stepped.allow(eventsPerRun)
    await user.ask('tea')
    await user.page.locator('.run[data-state=done]').waitFor()
    expect(user.sockets()).toBe(1)
    expect(user.problems).toEqual([])
  })

  test('asks to sign in again when it was signed out elsewhere', async () => {
    const user = await world.open()
    await user.signIn(0)
    const { token } = JSON.parse(await user.page.evaluate(`sessionStorage.getItem('user-execution-context.session')`))
    await world.server.request('POST', '/logout', { token })
    await user.page.getByRole('alert').getByText('Your session has ended. Please sign in again.').waitFor()
    await user.signIn(0)
  })

  test('says that it signed out only when the server has done so', async () => {
    const user = await world.open()
    await user.signIn(0)
    await user.page.route('**/logout', (route) => route.abort())
    await user.page.getByRole('button', { name: 'Sign out' }).click()
    await user.page.getByText('The server could not be told').waitFor()
    expect(await user.page.getByText('Signed out.', { exact: true }).count()).toBe(0)
    await user.page.unroute('**/logout')
    await user.signIn(0)
    await user.page.getByRole('button', { name: 'Sign out' }).click()
    await user.page.getByText('Signed out.', { exact: true }).waitFor()
  })
})
