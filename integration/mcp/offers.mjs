// What the conformance suite asks of a server, once: registered with the bare SDK and with ours.
import { acceptedContent, completable, inputRequired } from '@modelcontextprotocol/server'
import { z } from 'zod'

const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
const silence = 'UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAIA+AAACABAAZGF0YQAAAAA='
const pause = (timeMs) => new Promise((resolve) => setTimeout(resolve, timeMs))
const text = (words) => ({ type: 'text', text: words })
const image = { type: 'image', data: pixel, mimeType: 'image/png' }
const embedded = (uri, words, mimeType = 'text/plain') => ({
  type: 'resource',
  resource: { uri, mimeType, text: words },
})
const properties = (name, type) => ({ type: 'object', properties: { [name]: { type } }, required: [name] })
const askName = (message = 'What is your name?') =>
  inputRequired.elicit({ message, requestedSchema: properties('name', 'string') })
const nameSchema = z.object({ name: z.string() })
const sample = (words) =>
  inputRequired.createMessage({ messages: [{ role: 'user', content: text(words) }], maxTokens: 100 })

/** Tools by name: their schema, if any, and what they answer. `call` is that of ours, or its likeness over the SDK. */
export const tools = {
  test_simple_text: [undefined, () => ({ content: [text('This is a simple text response for testing.')] })],
  test_image_content: [undefined, () => ({ content: [image] })],
  test_audio_content: [undefined, () => ({ content: [{ type: 'audio', data: silence, mimeType: 'audio/wav' }] })],
  test_embedded_resource: [
    undefined,
    () => ({ content: [embedded('test://embedded-resource', 'This is an embedded resource content.')] }),
  ],
  test_multiple_content_types: [
    undefined,
    () => ({
      content: [
        text('Multiple content types test:'),
        image,
        embedded('test://mixed-content-resource', '{"test":"data","value":123}', 'application/json'),
      ],
    }),
  ],
  test_tool_with_logging: [undefined, (_input, call) => logged(call, 'Tool execution started')],
  test_logging_tool: [undefined, (_input, call) => logged(call, 'A line for the log')],
  test_error_handling: [
    undefined,
    () => {
      throw new Error('This tool intentionally returns an error for testing')
    },
  ],
  test_tool_with_progress: [
    undefined,
    async (_input, { sdk }) => {
      const { progressToken } = sdk.mcpReq._meta ?? {}
      for (const progress of [0, 50, 100]) {
        if (progressToken !== undefined)
          await sdk.mcpReq.notify({ method: 'notifications/progress', params: { progressToken, progress, total: 100 } })
        await pause(20)
      }
      return { content: [text('Done.')] }
    },
  ],
  test_missing_capability: [undefined, (_input, call) => call.ask({ sample: sample('Say something.') })],
  test_streaming_elicitation: [
    undefined,
    async (_input, call) => {
      const { progressToken = 'none' } = call.sdk.mcpReq._meta ?? {}
      const params = { progressToken, progress: 1 }
      await call.sdk.mcpReq.notify({ method: 'notifications/progress', params })
      return call.ask({ user_name: askName() })
    },
  ],
  test_trigger_tool_change: [
    undefined,
    (_input, { changed }) => {
      changed.toolsChanged()
      return { content: [text('Changed.')] }
    },
  ],
  test_trigger_prompt_change: [
    undefined,
    (_input, { changed }) => {
      changed.promptsChanged()
      return { content: [text('Changed.')] }
    },
  ],
  // The suite answers this one without having been asked, so it keeps no state and trusts no answer: it greets.
  test_input_required_result_elicitation: [
    undefined,
    (_input, { sdk }) => {
      const answer = acceptedContent(sdk.mcpReq.inputResponses, 'user_name', nameSchema)
      if (answer === undefined) return inputRequired({ inputRequests: { user_name: askName() } })
      return { content: [text(`Hello, ${answer.name}!`)] }
    },
  ],
  test_input_required_result_sampling: [
    undefined,
    (_input, call) =>
      call.answers?.['capital_question'] === undefined
        ? call.ask({ capital_question: sample('What is the capital of France?') })
        : { content: [text('Answered.')] },
  ],
  test_input_required_result_list_roots: [
    undefined,
    (_input, call) =>
      call.answers?.['client_roots'] === undefined
        ? call.ask({ client_roots: inputRequired.listRoots() })
        : { content: [text('Listed.')] },
  ],
  test_input_required_result_request_state: [undefined, (_input, call) => confirmed(call, 'state-ok')],
  test_input_required_result_tampered_state: [undefined, (_input, call) => confirmed(call, 'intact')],
  test_input_required_result_multiple_inputs: [
    undefined,
    (_input, call) => {
      const keys = ['user_name', 'greeting', 'client_roots']
      if (call.answers !== undefined && keys.every((key) => call.answers[key] !== undefined))
        return { content: [text('All answered.')] }
      return call.ask({
        user_name: askName(),
        greeting: sample('Write a greeting.'),
        client_roots: inputRequired.listRoots(),
      })
    },
  ],
  test_input_required_result_multi_round: [
    undefined,
    (_input, call) => {
      if (call.kept?.['round'] === 2) return { content: [text(`Done for ${call.kept['name']}.`)] }
      const answer = call.answer('step1', nameSchema)
      if (answer === undefined) return call.ask({ step1: askName('Step 1: What is your name?') }, { round: 1 })
      const requestedSchema = properties('color', 'string')
      const step2 = inputRequired.elicit({ message: 'Step 2: What is your favorite color?', requestedSchema })
      return call.ask({ step2 }, { round: 2, name: answer.name })
    },
  ],
  test_input_required_result_capabilities: [
    undefined,
    (_input, call) => {
      const declared = call.sdk.mcpReq.envelope?.['io.modelcontextprotocol/clientCapabilities'] ?? {}
      if (call.answers !== undefined) return { content: [text('Answered.')] }
      const requests = {}
      if (declared.sampling) requests.sample = sample('Say something.')
      if (declared.elicitation) requests.user_name = askName()
      return call.ask(requests)
    },
  ],
}

async function logged({ sdk }, words) {
  await sdk.mcpReq.log('info', words)
  await pause(20)
  await sdk.mcpReq.log('info', 'Tool execution completed')
  return { content: [text('Logged.')] }
}

function confirmed(call, words) {
  const answer = call.answer('confirm', z.object({ ok: z.boolean() }))
  if (answer !== undefined) return { content: [text(words)] }
  const requestedSchema = properties('ok', 'boolean')
  return call.ask({ confirm: inputRequired.elicit({ message: 'Please confirm.', requestedSchema }) }, { asked: true })
}

/** Resources by name: address, what the SDK is told of it, and its content. */
export const resources = {
  'static-text': [
    'test://static-text',
    { mimeType: 'text/plain', description: 'A text' },
    () => ({
      contents: [
        { uri: 'test://static-text', mimeType: 'text/plain', text: 'This is the content of the static text resource.' },
      ],
    }),
  ],
  'static-binary': [
    'test://static-binary',
    { mimeType: 'image/png', description: 'A picture' },
    () => ({ contents: [{ uri: 'test://static-binary', mimeType: 'image/png', blob: pixel }] }),
  ],
}
/** The one template: its content for an id. */
export const template = [
  'template',
  'test://template/{id}/data',
  { mimeType: 'application/json', description: 'Data of an id' },
  (uri, id) => ({
    contents: [
      {
        uri,
        mimeType: 'application/json',
        text: JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` }),
      },
    ],
  }),
]

const user = (content) => ({ role: 'user', content })
/** Prompts by name: the schema of their arguments, if any, and their messages. */
export const prompts = {
  test_simple_prompt: [undefined, () => ({ messages: [user(text('This is a simple prompt for testing.'))] })],
  test_prompt_with_arguments: [
    z.object({ arg1: completable(z.string(), () => ['paris']), arg2: z.string() }),
    ({ arg1, arg2 }) => ({ messages: [user(text(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`))] }),
  ],
  test_prompt_with_embedded_resource: [
    z.object({ resourceUri: z.string() }),
    ({ resourceUri }) => ({
      messages: [
        user(embedded(resourceUri, 'Embedded resource content for testing.')),
        user(text('Please process the embedded resource above.')),
      ],
    }),
  ],
  test_prompt_with_image: [
    undefined,
    () => ({ messages: [user(image), user(text('Please analyze the image above.'))] }),
  ],
  test_input_required_result_prompt: [
    undefined,
    (_input, call) => {
      const answer = call.answer('user_context', z.record(z.string(), z.unknown()))
      if (answer !== undefined) return { messages: [user(text('With context.'))] }
      const requestedSchema = properties('context', 'string')
      return call.ask({ user_context: inputRequired.elicit({ message: 'What context?', requestedSchema }) })
    },
  ],
}
