// The program of docs/guides/ai-sdk-6.md, with the AI SDK and a model that calls its tools.
import type { ModelMessage } from 'ai'
import { MockLanguageModelV3 } from 'ai/test'
import { createForUser, type UserExecutionContext } from 'user-execution-context'
import { describe, expect, it } from 'vitest'
import { newUser } from '../users.ts'
import { openAgent, say } from './ai-sdk-6.ts'

const prompts: string[] = []
const finish = (unified: 'stop' | 'tool-calls') => ({ unified, raw: undefined })
const count = { total: 1, noCache: undefined, cacheRead: undefined, cacheWrite: undefined }
const usage = { inputTokens: count, outputTokens: { total: 1, text: undefined, reasoning: undefined } }

/** Calls the tool that the last message names, and then says what it gave. */
const model = new MockLanguageModelV3({
  doGenerate: async ({ prompt }) => {
    prompts.push(JSON.stringify(prompt))
    const { role, content } = prompt.at(-1)!
    const said = JSON.stringify(content)
    if (role === 'tool')
      return { content: [{ type: 'text', text: said }], finishReason: finish('stop'), usage, warnings: [] }
    const [, toolName, text] = /(\w+): ([\w ]*)/.exec(said)!
    const call = { type: 'tool-call', toolCallId: crypto.randomUUID(), toolName: toolName!, input: '' } as const
    const input = JSON.stringify(toolName === 'addNote' ? { text } : {})
    return { content: [{ ...call, input }], finishReason: finish('tool-calls'), usage, warnings: [] }
  },
})
const agent = openAgent(model)
const ask = (content: string): ModelMessage => ({ role: 'user', content })
const contextOf = (name: string): UserExecutionContext => createForUser(newUser(`visitor-${name}`))

/** The approval that the run waits for. */
const approvalIn = ({ content }: Awaited<ReturnType<typeof say>>): string => {
  const request = content.find(({ type }) => type === 'tool-approval-request')
  return (request as { readonly approvalId: string }).approvalId
}
const approve = (approvalId: string): ModelMessage => ({
  role: 'tool',
  content: [{ type: 'tool-approval-response', approvalId, approved: true }],
})

describe('AI SDK 6', () => {
  it('lets a tool act for its user, whom the model never sees', async () => {
    const users = ['ada', 'bob'].map((name) => ({ name, context: contextOf(name) }))
    const answers = await Promise.all(
      Array.from({ length: 40 }, async (_, index) => {
        const { name, context } = users[index % 2]!
        const { text } = await say(agent, context, `thread-${index}`, ask(`addNote: secret of ${name}`))
        return { name, text }
      }),
    )
    for (const { name, text } of answers) {
      expect(text).toContain(`secret of ${name}`)
      expect(text).not.toContain(`secret of ${name === 'ada' ? 'bob' : 'ada'}`)
    }
    expect(prompts.join()).not.toContain('visitor-')
  })

  it('stops for an approval, and goes on for the user who is asked and for nobody else', async () => {
    const [carol, dave] = [contextOf('carol'), contextOf('dave')]
    for (const [name, context] of Object.entries({ carol, dave }))
      await say(agent, context, 'notes', ask(`addNote: secret of ${name}`))
    const approvalId = approvalIn(await say(agent, carol, 'thread-1', ask('dropNotes: ')))

    prompts.length = 0
    // The same thread, by its name, and her approval: his thread has no such request.
    await expect(say(agent, dave, 'thread-1', approve(approvalId))).rejects.toThrow()
    expect(prompts).toEqual([])
    expect((await say(agent, carol, 'again', ask('addNote: still here'))).text).toContain('secret of carol')

    expect((await say(agent, carol, 'thread-1', approve(approvalId))).text).toContain('true')
    expect((await say(agent, carol, 'again', ask('addNote: new'))).text).not.toContain('secret of carol')
    expect((await say(agent, dave, 'again', ask('addNote: new'))).text).toContain('secret of dave')
  })

  it('takes no copy of a context', async () => {
    const copy = { ...contextOf('ada') } as UserExecutionContext
    await expect(say(agent, copy, 'thread-1', ask('addNote: forged'))).rejects.toMatchObject({
      code: 'ERR_CONTEXT_NOT_ISSUED',
    })
    // Past the function: the tool itself refuses.
    const { steps } = await agent.generate({ prompt: 'addNote: forged', options: { user: copy } })
    const error: unknown = expect.objectContaining({ code: 'ERR_CONTEXT_NOT_ISSUED' })
    expect(steps[0]!.content).toContainEqual(expect.objectContaining({ type: 'tool-error', error }))
  })
})
