// The guide: its programs are those of examples/mcp, and print what the guide says.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, describe, expect, test } from 'vitest'

const root = new URL('../../../', import.meta.url)
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8')
const guide = read('docs/guides/mcp.md')
const blocks = Array.from(guide.matchAll(/^```\w+\n([\s\S]*?)^```$/gm), ([, text]) => text!)

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo
      probe.close(() => resolve(port))
    })
  })
const run = (program: string, port: number): Promise<string> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [new URL(program, root).pathname], {
      env: { PATH: process.env['PATH'], PORT: String(port) },
    })
    let printed = ''
    child.stdout.on('data', (part: Buffer) => (printed += String(part)))
    child.stderr.on('data', (part: Buffer) => (printed += String(part)))
    child.on('close', () => resolve(printed))
  })

let close = async (): Promise<void> => undefined
afterAll(() => close())

describe('docs/guides/mcp.md', () => {
  test('shows the programs of examples/mcp, of 15 to 40 lines', () => {
    for (const program of ['server.ts', 'client.mjs']) {
      const text = read(`examples/mcp/${program}`)
      expect(blocks).toContain(text)
      expect(text.trimEnd().split('\n').length).toBeGreaterThanOrEqual(15)
      expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(40)
    }
  })

  test('says what two users and a stranger get', async () => {
    const port = await freePort()
    process.env['PORT'] = String(port)
    const { http, server } = await import('../../../examples/mcp/server.ts')
    close = async () => {
      await server.close()
      http.closeAllConnections()
      await new Promise((resolve) => http.close(resolve))
    }
    const printed = await run('examples/mcp/client.mjs', port)
    expect(blocks).toContain(printed)
  })
})
