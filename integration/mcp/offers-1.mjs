// What the suite asks of a server with sessions, beside the offers that need no more than an answer.
import { tools } from './offers.mjs'

const text = (words) => ({ type: 'text', text: words })
const pause = (timeMs) => new Promise((resolve) => setTimeout(resolve, timeMs))
const plain = [
  'test_simple_text',
  'test_image_content',
  'test_audio_content',
  'test_embedded_resource',
  'test_multiple_content_types',
  'test_error_handling',
]
const titled = (pairs) => pairs.map(([value, title]) => ({ const: value, title }))
const form = (message, properties) => ({ mode: 'form', message, requestedSchema: { type: 'object', properties } })

/** What each tool answers. `call` is that of ours, or its likeness over the SDK. */
export const toolsWithSessions = {
  ...Object.fromEntries(plain.map((name) => [name, tools[name][1]])),
  test_tool_with_logging: async (_input, { sdk }) => {
    for (const data of ['Tool execution started', 'Tool processing data', 'Tool execution completed']) {
      await sdk.sendNotification({ method: 'notifications/message', params: { level: 'info', data } })
      await pause(50)
    }
    return { content: [text('Logged.')] }
  },
  test_tool_with_progress: async (_input, { sdk }) => {
    for (const progress of [0, 50, 100]) {
      const params = { progressToken: sdk._meta?.progressToken ?? 0, progress, total: 100 }
      await sdk.sendNotification({ method: 'notifications/progress', params })
      await pause(20)
    }
    return { content: [text('Done.')] }
  },
  test_sampling: async (_input, { sample }) => {
    const { content } = await sample({
      messages: [{ role: 'user', content: text('Test prompt for sampling') }],
      maxTokens: 100,
    })
    return { content: [text(`LLM response: ${content.text}`)] }
  },
  test_elicitation: (_input, call) =>
    elicited(
      call,
      form('Please provide your information', { username: { type: 'string' }, email: { type: 'string' } }),
    ),
  test_elicitation_sep1034_defaults: (_input, call) =>
    elicited(
      call,
      form('Please check', {
        name: { type: 'string', default: 'John Doe' },
        age: { type: 'integer', default: 30 },
        score: { type: 'number', default: 95.5 },
        status: { type: 'string', enum: ['active', 'inactive', 'pending'], default: 'active' },
        verified: { type: 'boolean', default: true },
      }),
    ),
  test_elicitation_sep1330_enums: (_input, call) =>
    elicited(
      call,
      form('Please choose', {
        untitledSingle: { type: 'string', enum: ['option1', 'option2', 'option3'] },
        titledSingle: {
          type: 'string',
          oneOf: titled([
            ['value1', 'First Option'],
            ['value2', 'Second Option'],
            ['value3', 'Third Option'],
          ]),
        },
        legacyEnum: {
          type: 'string',
          enum: ['opt1', 'opt2', 'opt3'],
          enumNames: ['Option One', 'Option Two', 'Option Three'],
        },
        untitledMulti: { type: 'array', items: { type: 'string', enum: ['option1', 'option2', 'option3'] } },
        titledMulti: {
          type: 'array',
          items: {
            anyOf: titled([
              ['value1', 'First Choice'],
              ['value2', 'Second Choice'],
              ['value3', 'Third Choice'],
            ]),
          },
        },
      }),
    ),
}

async function elicited({ elicit }, parameters) {
  const { action, content } = await elicit(parameters)
  return { content: [text(`Elicitation completed: action=${action}, content=${JSON.stringify(content ?? {})}`)] }
}
