import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { AdoptError } from '../../src/adopt-error.ts'
import { toContentHash } from '../../src/engine/source-text.ts'
import { undoLastWrite, writeAndRemember } from '../../src/migrate/last-write.ts'

const names = ['a.ts', 'deep/b.ts', 'c.ts']
const journal = 'node_modules/.cache/user-execution-context/last-write.json'

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'last-write-'))
  mkdirSync(join(root, 'deep'))
  for (const name of names) writeFileSync(join(root, name), `old ${name}`)
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const planned = (file: string, text = `new ${file}`) => ({
  file,
  hash: toContentHash(readFileSync(join(root, file))),
  bytes: Buffer.from(text),
})
const contents = (): string[] => names.map((name) => readFileSync(join(root, name), 'utf8'))
const listed = (): string[] => [...readdirSync(root), ...readdirSync(join(root, 'deep'))].sort()
const tree = ['a.ts', 'b.ts', 'c.ts', 'deep', 'node_modules']
const before = ['old a.ts', 'old deep/b.ts', 'old c.ts']

function refusal(run: () => void): AdoptError {
  try {
    run()
  } catch (error) {
    if (error instanceof AdoptError) return error
    throw error
  }
  throw new Error('nothing was refused')
}

/** Runs built code in a process of its own that may write files of `kilobytes` at most: a disk that is full. */
function runOnFullDisk(kilobytes: number, code: string) {
  const url = (name: string): string => JSON.stringify(pathToFileURL(`dist/migrate/${name}.js`).href)
  const script = `import { writeAndRemember } from ${url('last-write')}
import { writeAllOrNothing } from ${url('write-all')}
const root = ${JSON.stringify(root)}
try { ${code} } catch (error) { console.log(error.code, error.message) }`
  const shell = `ulimit -f ${kilobytes} && exec "$0" --input-type=module -e "$1"`
  return spawnSync('bash', ['-c', shell, process.execPath, script], { encoding: 'utf8' })
}

describe('writeAndRemember', () => {
  test('puts a file back that is gone, with its directory, mode and link', () => {
    chmodSync(join(root, 'a.ts'), 0o755)
    symlinkSync('c.ts', join(root, 'link.ts'))
    const putBack = writeAndRemember(root, [planned('a.ts'), planned('deep/b.ts'), planned('link.ts')])
    rmSync(join(root, 'a.ts'))
    rmSync(join(root, 'deep'), { recursive: true })
    rmSync(join(root, 'c.ts'))
    putBack()
    expect(contents()).toEqual(before)
    expect(statSync(join(root, 'a.ts')).mode & 0o777).toBe(0o755)
    expect(listed()).toEqual([...tree, 'link.ts'].sort())
    expect(existsSync(join(root, journal))).toBe(false)
  })

  test('puts the rest back around one that cannot be, names it, and keeps the way back to it', () => {
    const putBack = writeAndRemember(
      root,
      names.map((name) => planned(name)),
    )
    rmSync(join(root, 'a.ts'))
    mkdirSync(join(root, 'a.ts'))
    const { code, message } = refusal(putBack)
    expect([code, message]).toEqual(['TREE_UNWRITABLE', expect.stringMatching(/^a\.ts could not be put back/)])
    expect(message).not.toContain('no file was changed')
    expect(contents.bind(undefined)).toThrow('EISDIR')
    rmSync(join(root, 'a.ts'), { recursive: true })
    expect(undoLastWrite(root)).toEqual(names)
    expect([contents(), listed()]).toEqual([before, tree])
  })

  test('keeps the way back from the write before when the disk is full', () => {
    writeAndRemember(root, [planned('a.ts')])
    const full = `writeAndRemember(root, [{ file: 'c.ts', bytes: Buffer.alloc(9000, 'x') }])`
    for (const kilobytes of [0, 1, 4]) {
      const { stdout, stderr } = runOnFullDisk(kilobytes, full)
      expect([stdout, stderr]).toEqual([expect.stringMatching(/^TREE_UNWRITABLE .* cannot be written/), ''])
    }
    expect([listed(), readdirSync(join(root, journal, '..'))]).toEqual([tree, ['last-write.json']])
    expect(undoLastWrite(root)).toEqual(['a.ts'])
    expect(contents()).toEqual(before)
  })
})

describe('writeAllOrNothing', () => {
  test('leaves nothing beside the files when the disk is full', () => {
    const writeWith = (bytes: string): string =>
      `writeAllOrNothing(root, [{ file: 'a.ts', bytes: Buffer.from('new') }, { file: 'c.ts', bytes: ${bytes} }])`
    expect(runOnFullDisk(4, writeWith('Buffer.alloc(9000)')).stdout).toContain('TREE_UNWRITABLE')
    expect([contents(), listed()]).toEqual([before, tree.slice(0, 4)])
    // The copy that is kept meanwhile does not fit either.
    writeFileSync(join(root, 'c.ts'), Buffer.alloc(9000))
    expect(runOnFullDisk(4, writeWith(`Buffer.from('new')`)).stdout).toContain('TREE_UNWRITABLE')
    expect([readFileSync(join(root, 'a.ts'), 'utf8'), listed()]).toEqual(['old a.ts', tree.slice(0, 4)])
  })
})

describe('undoLastWrite', () => {
  test('finishes a write that a crash cut in two, and takes away what lay beside the files', () => {
    const { pid } = crashAfter(2)
    expect(contents()).toEqual(['new a.ts', 'new deep/b.ts', 'old c.ts'])
    expect(listed()).toContain(`c.ts.${pid}.migrate-new`)
    writeFileSync(join(root, 'c.ts.1.migrate-old'), 'of somebody else')
    expect(undoLastWrite(root)).toEqual(names)
    expect(contents()).toEqual(before)
    expect(listed()).toEqual([...tree, 'c.ts.1.migrate-old'].sort())
  })

  test('refuses a file that is neither as before nor as written, and changes none', () => {
    crashAfter(1)
    writeFileSync(join(root, 'c.ts'), 'somebody was here')
    const { code, message } = refusal(() => undoLastWrite(root))
    expect([code, message]).toEqual(['FILE_CHANGED', expect.stringMatching(/^c\.ts changed since .* nothing was put/)])
    expect(contents()).toEqual(['new a.ts', 'old deep/b.ts', 'somebody was here'])
  })

  test('puts a file back that is gone', () => {
    writeAndRemember(
      root,
      names.map((name) => planned(name)),
    )
    rmSync(join(root, 'c.ts'))
    expect(undoLastWrite(root)).toEqual(names)
    expect(contents()).toEqual(before)
  })

  test.each(['', '{"version":1,"fil', '[]', '{"version":2,"files":[]}', '{"version":1,"files":[{"file":1}]}'])(
    'says what to do when its record is %j',
    (text) => {
      mkdirSync(join(root, journal, '..'), { recursive: true })
      writeFileSync(join(root, journal), text)
      const { code, message } = refusal(() => undoLastWrite(root))
      expect([code, message]).toEqual(['FILE_UNREADABLE', expect.stringMatching(/nothing was put back.*git/)])
    },
  )
})

/** Writes all three in a process of its own, which is killed after some of its renames over them. */
function crashAfter(renames: number): { readonly pid: number } {
  const script = `import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
const { renameSync } = fs
let done = 0
fs.renameSync = (from, to) => {
  const isFile = to.endsWith('.ts')
  if (isFile && done === ${renames}) process.kill(process.pid, 'SIGKILL')
  renameSync(from, to)
  if (isFile) done++
}
syncBuiltinESMExports()
const { writeAndRemember } = await import(${JSON.stringify(pathToFileURL('dist/migrate/last-write.js').href)})
const files = ${JSON.stringify(names)}
writeAndRemember(${JSON.stringify(root)}, files.map((file) => ({ file, bytes: Buffer.from('new ' + file) })))`
  const { pid, signal } = spawnSync(process.execPath, ['--input-type=module', '-e', script])
  expect(signal).toBe('SIGKILL')
  return { pid }
}
