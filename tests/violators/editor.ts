// Asks what an editor asks: the language service of TypeScript 5.9 and 6, and the language server of 7.
import { spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type * as Typescript from 'typescript-5.9'
import type { CompilerVersion } from '../forgery/forgeries.ts'

/** What an editor shows at a call. */
export type Shown = {
  /** The text of the hover, and of the signature help. */
  readonly hover: string
  readonly signature: string
  /** The names of the arguments in the signature help. */
  readonly parameters: readonly string[]
}

/** An editor with one file open. `at` is an offset into its text. */
export type Editor = {
  readonly show: (name: number, call: number) => Promise<Shown>
  readonly complete: (at: number) => Promise<readonly string[]>
  readonly close: () => void
}

/** Opens a file of a directory below the root, so that its imports find the packages of this repository. */
export const openEditor = (version: CompilerVersion, directory: string, text: string): Promise<Editor> => {
  mkdirSync(directory, { recursive: true })
  const file = resolve(directory, 'open.ts')
  writeFileSync(file, text)
  writeFileSync(
    join(directory, 'tsconfig.json'),
    JSON.stringify({
      compilerOptions: {
        strict: true,
        noEmit: true,
        module: 'nodenext',
        target: 'es2022',
        skipLibCheck: true,
        types: ['node'],
      },
      files: ['open.ts'],
    }),
  )
  return version === '7.0' ? openServer(file, text) : Promise.resolve(openService(`typescript-${version}`, file, text))
}

function openService(packageName: string, file: string, text: string): Editor {
  const ts: typeof Typescript = createRequire(import.meta.url)(packageName)
  const options: Typescript.CompilerOptions = {
    strict: true,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    target: ts.ScriptTarget.ES2022,
    skipLibCheck: true,
    types: ['node'],
  }
  const service = ts.createLanguageService({
    ...ts.sys,
    useCaseSensitiveFileNames: () => ts.sys.useCaseSensitiveFileNames,
    getScriptFileNames: () => [file],
    getScriptVersion: () => '0',
    getScriptSnapshot: (name) => {
      const content = name === file ? text : ts.sys.readFile(name)
      return content === undefined ? undefined : ts.ScriptSnapshot.fromString(content)
    },
    getCompilationSettings: () => options,
    getDefaultLibFileName: ts.getDefaultLibFilePath,
  })
  const words = (
    documentation: Typescript.SymbolDisplayPart[] | undefined,
    tags: Typescript.JSDocTagInfo[] | undefined,
  ): string =>
    [
      ts.displayPartsToString(documentation),
      ...(tags ?? []).map((tag) => `@${tag.name} ${ts.displayPartsToString(tag.text)}`),
    ].join('\n')
  return {
    show: async (name, call) => {
      const info = service.getQuickInfoAtPosition(file, name)
      const item = service.getSignatureHelpItems(file, call, {})?.items[0]
      return {
        hover: words(info?.documentation, info?.tags),
        signature: words(item?.documentation, item?.tags),
        parameters: item?.parameters.map((parameter) => parameter.name) ?? [],
      }
    },
    complete: async (at) => service.getCompletionsAtPosition(file, at, {})?.entries.map(({ name }) => name) ?? [],
    close: () => service.dispose(),
  }
}

type Position = { readonly line: number; readonly character: number }
type Markup = string | { readonly value: string } | undefined

async function openServer(file: string, text: string): Promise<Editor> {
  const server = spawn(process.execPath, ['node_modules/typescript/bin/tsc', '--lsp', '--stdio'], {
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  const waiting = new Map<number, (result: never) => void>()
  let buffer = Buffer.alloc(0)
  let id = 0
  server.stdout.on('data', (chunk: Buffer) => {
    buffer = Buffer.concat([buffer, chunk])
    for (let message = read(); message !== undefined; message = read()) {
      if (message.method !== undefined && message.id !== undefined) write({ id: message.id, result: null })
      else if (message.id !== undefined) waiting.get(message.id)?.(message.result as never)
    }
  })
  function read(): { readonly id?: number; readonly method?: string; readonly result?: unknown } | undefined {
    const end = buffer.indexOf('\r\n\r\n')
    if (end < 0) return undefined
    const length = Number(/Content-Length: (\d+)/i.exec(buffer.subarray(0, end).toString())![1])
    if (buffer.length < end + 4 + length) return undefined
    const body = buffer.subarray(end + 4, end + 4 + length).toString()
    buffer = buffer.subarray(end + 4 + length)
    return JSON.parse(body)
  }
  function write(message: object): void {
    const body = JSON.stringify({ jsonrpc: '2.0', ...message })
    server.stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)
  }
  const ask = <Result>(method: string, params: object): Promise<Result> =>
    new Promise((answer) => {
      waiting.set(++id, answer)
      write({ id, method, params })
    })
  const uri = pathToFileURL(file).href
  const place = (offset: number): { readonly textDocument: object; readonly position: Position } => {
    const before = text.slice(0, offset).split('\n')
    return { textDocument: { uri }, position: { line: before.length - 1, character: before.at(-1)!.length } }
  }
  await ask('initialize', {
    processId: process.pid,
    rootUri: pathToFileURL(resolve('.')).href,
    capabilities: {
      textDocument: {
        hover: { contentFormat: ['markdown'] },
        signatureHelp: { signatureInformation: { documentationFormat: ['markdown'] } },
        completion: { completionItem: {} },
      },
    },
  })
  write({ method: 'initialized', params: {} })
  write({
    method: 'textDocument/didOpen',
    params: { textDocument: { uri, languageId: 'typescript', version: 1, text } },
  })
  type Signature = {
    readonly documentation?: Markup
    readonly label: string
    readonly parameters?: readonly { readonly label: string | [number, number] }[]
  }
  return {
    show: async (name, call) => {
      const hover = await ask<{ readonly contents: Markup } | null>('textDocument/hover', place(name))
      const help = await ask<{ readonly signatures: readonly Signature[] } | null>(
        'textDocument/signatureHelp',
        place(call),
      )
      const signature = help?.signatures[0]
      return {
        // The hover begins with the declaration in a fence.
        hover: toText(hover?.contents).replace(/^```[\s\S]*?```/, ''),
        signature: toText(signature?.documentation),
        parameters: (signature?.parameters ?? []).map(({ label }) => {
          const words = typeof label === 'string' ? label : signature!.label.slice(...label)
          return /^(?:\.\.\.)?(\w*)/.exec(words)![1]!
        }),
      }
    },
    complete: async (at) => {
      const found = await ask<
        { readonly items: readonly { readonly label: string }[] } | readonly { readonly label: string }[] | null
      >('textDocument/completion', place(at))
      return (found === null ? [] : 'items' in found ? found.items : found).map(({ label }) => label.replace('?', ''))
    },
    close: () => server.kill(),
  }
}

function toText(markup: Markup): string {
  return typeof markup === 'object' ? markup.value : (markup ?? '')
}
