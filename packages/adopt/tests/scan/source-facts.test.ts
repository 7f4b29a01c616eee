import { describe, expect, test } from 'vitest'
import { readSourceTree } from '../../src/engine/source-tree.ts'
import { collectSourceFacts } from '../../src/scan/source-facts.ts'
import { strictConfig, temporaryProject } from '../engine/temporary-project.ts'

const text = `interface Ctx { readonly userId: string }
const take = (context: Ctx): string => context.userId
export const handle = (body: any): string => take(body) + take(new Map([[1, { userId: body.id }]]).get(1)!)
`

describe('collectSourceFacts', () => {
  const open = (isLikely: (text: string) => boolean) => {
    const root = temporaryProject({ 'tsconfig.json': strictConfig, 'src/use.ts': text })
    const tree = readSourceTree(root)
    const files = new Map(tree.files)
    const facts = collectSourceFacts(
      { ...tree, files },
      () => undefined,
      undefined,
      () => undefined,
      isLikely,
    )
    const [path] = facts.files.keys()
    // What is parsed from here on is another text.
    files.set(path!, { ...files.get(path!)!, text: 'export const other = 1\n' })
    return { facts, path: path! }
  }

  test('parses a file once whose facts are going to be asked for, with the same outline and facts', () => {
    const [likely, unlikely] = [open((one) => one.includes('Ctx')), open(() => false)]
    expect(likely.facts.factsOf(likely.path)?.definitions.map(({ name }) => name)).toEqual(['Ctx'])
    expect(unlikely.facts.factsOf(unlikely.path)?.definitions).toEqual([])
    const outlineOf = ({ facts, path }: typeof likely) => ({ ...facts.outlineOf(path), file: '' })
    expect(outlineOf(likely)).toEqual(outlineOf(unlikely))
  })

  test('keeps no syntax tree alive: of a place it knows where it begins and ends', () => {
    const { facts, path } = open(() => true)
    const own = facts.factsOf(path)!
    const places = [...own.literals, ...own.flows, ...own.news].map(({ placed }) => placed)
    const spans = places.flatMap(({ anchor, callee }) => (callee ? [anchor, callee] : [anchor]))
    expect(spans.length).toBeGreaterThan(5)
    expect(spans.filter((span) => Object.keys(span).join() !== 'start,end')).toEqual([])
  })
})
