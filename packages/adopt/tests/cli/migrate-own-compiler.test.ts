import { symlinkSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { installPackages } from '../fixtures/legacy-app/packages.mjs'
import { files, makeProject, type SmallProject } from './small-project.ts'

/** A project that has a compiler of its own installed. */
function openWithCompiler(version: '5.9' | '6.0', changes: Readonly<Record<string, string>> = {}): SmallProject {
  const project = makeProject({ '.gitignore': 'node_modules\n', ...changes })
  installPackages(project.root)
  symlinkSync(resolve(`../../node_modules/typescript-${version}`), join(project.root, 'node_modules/typescript'))
  project.commit()
  return project
}

/** A target whose declarations do not fit the options of the project: what the engine of the tool does not look at. */
const sealedPackage = {
  'tsconfig.json': files['tsconfig.json'].replace('"strict"', '"types": [], "skipLibCheck": false, "strict"'),
  'node_modules/sealed/package.json':
    '{ "name": "sealed", "version": "1.0.0", "type": "module", "types": "index.d.ts" }',
  'node_modules/sealed/index.d.ts': `export declare class Sealed {
  #seal
  readonly userId: string
  readonly requestId: string
}
export declare function sealUser(userId: string): Sealed
export declare function closeWith(resource: Disposable): void
`,
  'user-execution-context.config.json': JSON.stringify({
    types: ['RequestContext'],
    migrate: {
      target: {
        type: { module: 'sealed', name: 'Sealed' },
        expression: 'sealUser({user})',
        imports: [{ module: 'sealed', name: 'sealUser' }],
        fields: { userId: { to: 'user' }, requestId: { to: 'drop' } },
        reads: {},
      },
    },
  }),
}

describe('migrate --write in a project with a compiler of its own', () => {
  test.each(['5.9', '6.0'] as const)('says what TypeScript %s counts before and after', (version) => {
    const project = openWithCompiler(version)
    const { stdout } = project.run(['migrate', '--write', '--quiet'])
    expect(stdout).toMatch(new RegExp(`your own TypeScript ${version}\\.\\d+: 0 before, 0 after\\.`))
    expect(project.git('status', '--porcelain')).toContain('src/chat.ts')
    // Nothing of what a compiler remembers was written into the tree.
    expect(project.git('status', '--porcelain')).not.toContain('tsbuildinfo')
  })

  test('counts errors that were there, and writes beside them', () => {
    const project = openWithCompiler('5.9', { 'src/wrong.ts': "export const wrong: number = 'text'\n" })
    const { stdout } = project.run(['migrate', '--write', '--quiet'])
    expect(stdout).toMatch(/your own TypeScript 5\.9\.\d+: 1 before, 1 after\./)
    expect(stdout).toContain('Written: ')
  })

  test('puts everything back when that compiler has a new complaint, names it, and can be run again', () => {
    const project = openWithCompiler('5.9', sealedPackage)
    const { exitCode, stdout } = project.run(['migrate', '--write', '--quiet'])
    expect(exitCode).toBe(2)
    expect(stdout).toContain('Nothing was written: your own compiler refuses')
    expect(stdout).toMatch(/error node_modules\/sealed\/index\.d\.ts TS2304 in your TypeScript 5\.9/)
    expect(project.git('status', '--porcelain')).toBe('')
    expect(project.run(['migrate', '--undo']).stderr).toContain('has not written')
  })

  test('opens every project of a composite tree, and leaves nothing in it', () => {
    const options = JSON.parse(files['tsconfig.json']).compilerOptions as object
    const project = openWithCompiler('5.9', {
      'tsconfig.json': JSON.stringify({
        compilerOptions: { ...options, noEmit: false, composite: true, outDir: 'out' },
        include: ['src'],
      }),
    })
    const { stdout } = project.run(['migrate', '--write', '--quiet'])
    expect(stdout).toMatch(/your own TypeScript 5\.9\.\d+: 0 before, 0 after\./)
    expect(project.git('status', '--porcelain', '--ignored')).not.toContain('tsbuildinfo')
  })
})
