// Section "agents": a call of an agent for a user whose context a tool gets, beside the same program with a text. The
// model costs next to nothing: what one costs that runs elsewhere is no CPU of the process.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { installLock } from '../integration/harness/install.mjs'
import { inFreshProcesses, printHeading, printRatios } from './measure.mjs'
import { installNode24, node24 } from './node-24.mjs'

const project = fileURLToPath(new URL('../integration/guides', import.meta.url))
const programs = {
  'ai-sdk': 'AI SDK',
  'langgraph': 'LangGraph',
  'mastra': 'Mastra',
  'openai-agents': 'OpenAI agents',
}

export async function agents() {
  const version = await installNode24()
  await installLock(project)
  // Packed ones of an earlier day would be found before those that are built.
  for (const name of ['user-execution-context', '@user-execution-context'])
    rmSync(join(project, 'node_modules', name), { recursive: true, force: true })
  for (const [program, sdk] of Object.entries(programs)) {
    const pair = (kind) => inFreshProcesses(3, node24, join(project, 'cost.mjs'), program, kind)
    printHeading(`${sdk}: CPU of a call with a model that costs nothing / the same without this package`, [version])
    printRatios('control: the bare program / itself', [pair('control')], {})
    printRatios('ours / the bare program', [pair('ours')], {})
  }
}
