import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { toOwnerKey } from 'user-execution-context'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { fileNotes, readAllNotes } from '../../src/notes-agent/file-notes.ts'
import { contextOf, testNotes } from './notes-contract.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'notes-'))
})
afterEach(() => rm(directory, { recursive: true }))

describe('fileNotes keeps the contract of a store of notes', () => testNotes((bounds) => fileNotes(directory, bounds)))

describe('fileNotes', () => {
  test('uses names that differ in more than case, of a bounded length', async () => {
    const notes = fileNotes(directory)
    for (const user of ['ada', 'Ada', '..', 'con', 'u'.repeat(128)]) await notes.add(contextOf(user), 'x')
    const names = (await readdir(directory, { recursive: true })).map((path) => path.toLowerCase())
    expect(new Set(names).size).toBe(names.length)
    const pieces = names.flatMap((path) => path.split(/[\\/]/)).filter((name) => name !== 'notes.json')
    expect(pieces.every((name) => /^[0-9a-f]{2,200}$/.test(name))).toBe(true)
  })

  test('writes nothing for a context that is refused', async () => {
    await expect(fileNotes(directory).add({ ...contextOf('ada') } as never, 'x')).rejects.toThrow()
    expect(await readdir(directory)).toEqual([])
  })
})

describe('readAllNotes', () => {
  test('gives the notes of each owner', async () => {
    const contexts = [contextOf('ada'), contextOf('Ada'), contextOf('u'.repeat(128), 't'.repeat(128))]
    for (const context of contexts) await fileNotes(directory).add(context, 'x')
    const found = await readAllNotes(directory)
    expect(found.map(({ ownerKey }) => ownerKey).toSorted()).toEqual(contexts.map(toOwnerKey).toSorted())
    expect(found.every(({ notes }) => notes.length === 1)).toBe(true)
  })
})
