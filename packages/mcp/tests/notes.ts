// The server that the attacks of the tests are made on.
import { inputRequired } from '@modelcontextprotocol/server'
import { encodeKey, toOwnerKey, type UserExecutionContext } from 'user-execution-context'
import { z } from 'zod'
import type { McpContexts } from '../src/index.ts'

const confirmation = z.object({ confirm: z.boolean() })

/** Notes of each user, and a tool that asks before it deletes. */
export const notesServer = (contexts: McpContexts) => {
  const notes = new Map<string, string[]>()
  const seen: UserExecutionContext[] = []
  const of = (context: UserExecutionContext): string[] => notes.get(toOwnerKey(context)) ?? []
  contexts.registerTool('whoami', {}, ({ context }) => {
    seen.push(context)
    return encodeKey([context.tenantId ?? '', context.userId])
  })
  const inputSchema = z.object({ text: z.string() })
  contexts.registerTool('add_note', { inputSchema, permissions: ['notes:write'] }, ({ context }, { text }) => {
    notes.set(toOwnerKey(context), [...of(context), text])
    return 'Added.'
  })
  const which = z.object({ which: z.string() })
  contexts.registerTool('delete_notes', { inputSchema: which }, async ({ context }, input, call) => {
    const answer = call.answer('sure', confirmation)
    if (answer === undefined) {
      const question = { message: `Delete ${input.which}?`, requestedSchema: confirmation }
      return call.ask({ sure: inputRequired.elicit(question as never) }, { asked: of(context).length })
    }
    notes.set(toOwnerKey(context), [])
    return `Deleted ${input.which} of ${context.userId}, ${String(call.kept?.['asked'])} when asked.`
  })
  contexts.registerResource('all', 'notes://all', { permissions: ['notes:read'] }, ({ context }) =>
    JSON.stringify(of(context)),
  )
  contexts.registerPrompt(
    'summary',
    { argsSchema: z.object({ style: z.string() }) },
    ({ context }, { style }) => `Sum up ${of(context).length} notes ${style}.`,
  )
  return { seen }
}
