// tsc of the compilers that are JavaScript, without a process for each program: a process reads and parses the standard
// library and the types of Node again each time, which takes longer than what is compiled.
import { createRequire } from 'node:module'
import { dirname, resolve } from 'node:path'
import type * as Typescript from 'typescript-5.9'

const require = createRequire(import.meta.url)
const installed = `${resolve('node_modules').replaceAll('\\', '/')}/`
const parsedKey: unique symbol = Symbol.for('tests: parsed files of node_modules')
const shared = globalThis as { [parsedKey]?: Map<string, Typescript.SourceFile | undefined> }
/** Parsed files of node_modules, for all test files of a process. What is under test is read each time. */
const parsed = (shared[parsedKey] ??= new Map())

/** What `tsc -p project --pretty false` prints for a project that emits nothing. */
export const tscInProcess = (packageName: string, project: string): string => {
  const ts: typeof Typescript = require(packageName)
  const { config, error } = ts.readConfigFile(project, ts.sys.readFile)
  const { fileNames, options, errors } = ts.parseJsonConfigFileContent(
    config,
    ts.sys,
    dirname(resolve(project)),
    undefined,
    resolve(project),
  )
  const host = cachingHost(ts, packageName, options)
  const program = ts.createProgram({
    rootNames: fileNames,
    options,
    host,
    configFileParsingDiagnostics: [...(error ? [error] : []), ...errors],
  })
  return ts.formatDiagnostics(ts.getPreEmitDiagnostics(program), host)
}

function cachingHost(
  ts: typeof Typescript,
  packageName: string,
  options: Typescript.CompilerOptions,
): Typescript.CompilerHost {
  const host = ts.createCompilerHost(options)
  const { getSourceFile } = host
  // The config's own path says nothing about how a file is parsed and bound, all other options may.
  const optionsKey = JSON.stringify({ ...options, configFilePath: undefined })
  host.getSourceFile = (file, versionOrOptions, ...more) => {
    const read = (): Typescript.SourceFile | undefined => getSourceFile(file, versionOrOptions, ...more)
    if (!file.startsWith(installed)) return read()
    const format = typeof versionOrOptions === 'object' ? versionOrOptions.impliedNodeFormat : undefined
    const key = [packageName, optionsKey, format, file].join(' ')
    if (!parsed.has(key)) parsed.set(key, read())
    return parsed.get(key)
  }
  return host
}
