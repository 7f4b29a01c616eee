// Three holes that are public, one program each: open in the bare library, closed in ours.
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { check } from '../harness/check.mjs'

const require = createRequire(import.meta.url)
const holes = [
  ['mcp-state.mjs', '@modelcontextprotocol/server', "the state of a request is another user's, and is refused"],
  ['langgraph-thread.mjs', '@langchain/langgraph', 'the thread of a user is not found by another'],
  ['openai-agents-state.mjs', '@openai/agents-core', 'the stored state of a run names nobody'],
]
for (const [program, name, what] of holes) {
  const { version } = require(`./node_modules/${name}/package.json`)
  await check(`public hole, ${name} ${version}`, what, async () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [program], { encoding: 'utf8', timeout: 60_000 })
    process.stdout.write(stdout.replaceAll(/^/gm, '       ').trimEnd() + '\n')
    if (status !== 0) throw new Error(stderr || 'It is not as shown')
  })
}
