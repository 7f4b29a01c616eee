// Section "mcp": a request to an MCP server, from the Request to the end of its Response.
import { inFreshProcesses, printHeading, printRow } from './measure.mjs'

export function mcp() {
  const pair = (name) => inFreshProcesses(3, process.execPath, 'bench/mcp-pair.mjs', name)
  printHeading('CPU of one request / the bare SDK 2 server with requireBearerAuth() and the same tools and token check')
  printRow('control: the bare server / itself', pair('control'))
  printRow('tools/call, 10 tools', pair('call'), 1.1)
  printRow('tools/list, 10 tools', pair('list'), 1.1)
  printRow('a round that asks and its answer, state sealed / signed by the codec of the SDK', pair('ask'))
}
