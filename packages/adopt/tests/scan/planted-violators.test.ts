import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { isViolationKind } from '../../src/kind-guide.ts'
import { scan } from '../../src/scan/scan.ts'
import { treeFiles, twins, violators, type Planted } from './planted/planted-tree.ts'

const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc')

type Verdict = {
  /** `file:line` of each error of plain tsc. */
  readonly errors: ReadonlySet<string>
  readonly findings: ReadonlySet<string>
  readonly partial: boolean
}

const judge = async (type: 'open' | 'sealed'): Promise<Verdict> => {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'planted-')))
  try {
    for (const [path, text] of Object.entries(treeFiles(type))) {
      mkdirSync(dirname(join(root, path)), { recursive: true })
      writeFileSync(join(root, path), text)
    }
    const { stdout } = spawnSync(process.execPath, [tsc, '-p', '.', '--pretty', 'false'], {
      cwd: root,
      encoding: 'utf8',
    })
    const { findings, partial } = await scan({ root, types: ['src/ctx.ts#Ctx'], factories: ['createCtx'] })
    return {
      errors: new Set(Array.from(stdout.matchAll(/^(\S+?)\((\d+),/gm), ([, file, line]) => `${file}:${line}`)),
      findings: new Set(
        findings.filter(({ kind }) => isViolationKind(kind)).map(({ file, line }) => `${file}:${line}`),
      ),
      partial,
    }
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

const titled = (planted: readonly Planted[]): [string, Planted][] =>
  planted.map((one) => [`${one.row}, by ${one.form}`, one])
const inFile = (places: ReadonlySet<string>, { file }: Planted): string[] =>
  [...places].filter((place) => place.startsWith(`${file}:`))

describe.each(['open', 'sealed'] as const)('scan of planted violators, the type %s', (type) => {
  let verdict: Verdict
  beforeAll(async () => {
    verdict = await judge(type)
  })

  test('reads the whole tree', () => {
    expect(violators.length).toBeGreaterThanOrEqual(200)
    expect(verdict.partial).toBe(false)
    // Before the type is sealed all of it compiles; afterwards the twins still do.
    const compiling = type === 'open' ? [...violators, ...twins] : twins
    expect(
      compiling.flatMap((planted) => inFile(verdict.errors, planted).map((at) => `${planted.row}: ${at}`)),
    ).toEqual([])
  })

  test.each(titled(violators))('holds %s', (_, planted) => {
    const place = `${planted.file}:${planted.line}`
    const held = verdict.findings.has(place) || (type === 'sealed' && verdict.errors.has(place))
    expect(held, planted.text).toBe(true)
  })

  test.each(titled(twins))('leaves the repaired %s alone', (_, planted) => {
    expect(inFile(verdict.findings, planted), planted.text).toEqual([])
  })
})
