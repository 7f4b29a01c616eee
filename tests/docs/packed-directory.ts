// An empty directory of a user, with the packages as npm would publish them.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import ts from 'typescript-5.9'

type Manifest = { readonly name: string }

/**
 * Makes the directory. Our packages are unpacked from their tarballs, so that nothing is there that is not published;
 * what they depend on is linked from this repository.
 */
export const makePackedDirectory = (packages: readonly string[]): string => {
  const directory = mkdtempSync(join(tmpdir(), 'documentation-'))
  const modules = join(directory, 'node_modules')
  for (const source of packages) {
    const { name } = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8')) as Manifest
    const packed = spawnSync('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', directory], {
      cwd: source,
      encoding: 'utf8',
    })
    const [{ filename }] = JSON.parse(packed.stdout) as [{ readonly filename: string }]
    const home = join(modules, name)
    mkdirSync(home, { recursive: true })
    const { status } = spawnSync('tar', ['-xzf', join(directory, filename), '--strip-components=1', '-C', home])
    if (status !== 0) throw new Error(`${filename} could not be unpacked.`)
  }
  for (const name of installedNames().filter((installed) => !existsSync(join(modules, installed)))) {
    mkdirSync(dirname(join(modules, name)), { recursive: true })
    symlinkSync(resolve('node_modules', name), join(modules, name))
  }
  writeFileSync(join(directory, 'package.json'), JSON.stringify({ name: 'empty', private: true, type: 'module' }))
  return directory
}

/** Runs a program of the directory under Node and gives what it prints and how it ends. */
export const runProgram = (directory: string, name: string, language: 'ts' | 'js', text: string) => {
  const code = language === 'js' ? text : toJavaScript(text)
  writeFileSync(join(directory, `${name}.mjs`), code)
  const { status, stdout, stderr } = spawnSync(process.execPath, [`${name}.mjs`], {
    cwd: directory,
    encoding: 'utf8',
    timeout: 30_000,
    env: { PATH: process.env['PATH'], NO_COLOR: '1' },
  })
  return { status, stdout, stderr }
}

// Types are removed, and the decorators are those that NestJS has.
function toJavaScript(text: string): string {
  return ts.transpileModule(text, {
    compilerOptions: {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      verbatimModuleSyntax: true,
      experimentalDecorators: true,
    },
  }).outputText
}

/** Names of installed packages, ours left out. */
function installedNames(): readonly string[] {
  return readdirSync('node_modules').flatMap((name) => {
    if (name.startsWith('.') || name.includes('user-execution-context')) return []
    return name.startsWith('@') ? readdirSync(join('node_modules', name)).map((inner) => `${name}/${inner}`) : [name]
  })
}
