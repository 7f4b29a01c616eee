// Section "mcp": a request to an MCP server, from the Request to the end of its Response.
import { inFreshProcesses, printHeading, printRow } from './measure.mjs'

export function mcp() {
  const pair = (name) => inFreshProcesses(3, process.execPath, 'bench/mcp-pair.mjs', name)
  printHeading('CPU of one request / the bare SDK 2 server with requireBearerAuth() and the same tools and token check')
  printRow('control: the bare server / itself', pair('control'))
  printRow('tools/call, 10 tools', pair('call'), 1.1)
  printRow('tools/list, 10 tools', pair('list'), 1.1)
  printRow('a round that asks and its answer, state sealed / signed by the codec of the SDK', pair('ask'))

  const pairOf1 = (name) => inFreshProcesses(3, process.execPath, 'bench/mcp-pair-1.mjs', name)
  printHeading('CPU of one request in a session / the bare SDK 1 server with sessions, the same tools and token check')
  printRow('control: the bare server / itself', pairOf1('control'))
  printRow('tools/call, 10 tools, SDK 1', pairOf1('call'), 1.1)
  printRow('tools/list, 10 tools, SDK 1', pairOf1('list'), 1.1)
  printRow('a session, from its initialization to its end', pairOf1('session'))
}
