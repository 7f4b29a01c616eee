// What is asked of the compiler to follow values, counted: nothing that grows with places times the uses of a name.
import { afterEach, expect, test } from 'vitest'
import { openChecker } from '../../src/engine/open-checker.ts'
import { readSourceTree } from '../../src/engine/source-tree.ts'
import type { Checker, CheckerProject } from '../../src/engine/checker.ts'
import { packageTarget } from '../../src/migrate/package-target.ts'
import { newReachedSites } from '../../src/migrate/reached-sites.ts'
import { openWorkspace } from '../../src/migrate/workspace.ts'
import { strictConfig, temporaryProject } from '../engine/temporary-project.ts'

let checker: Checker | undefined
afterEach(async () => checker?.close())

/** Files that write, list, print and ask for the class of one value each, by several classes. */
const treeOf = (places: number): Record<string, string> => ({
  'tsconfig.json': strictConfig,
  'src/context.ts': `export class RequestContext {
  constructor(public userId: string, public threadId: string) {}
}
export const holder: { current: RequestContext } = { current: new RequestContext('User_1', 'thread_1') }
`,
  ...Object.fromEntries(
    Array.from({ length: places }, (_, at) => [
      `src/place-${at}.ts`,
      `import { holder } from './context'
class Other${at % 4} { readonly userId = '' }
export const seen${at} = (): unknown => [
  \`\${holder.current}\`,
  { ...holder.current },
  holder.current.constructor,
  (holder.current as object) instanceof Other${at % 4},
]
export const write${at} = (): void => { holder.current.threadId = 'other' }
`,
    ]),
  ),
})

async function countIn(places: number): Promise<{ readonly asked: number; readonly given: number; why: string }> {
  const files = treeOf(places)
  const root = temporaryProject(files)
  checker = await openChecker({ root }, readSourceTree(root, {}))
  let [asked, given] = [0, 0]
  const counted = (project: CheckerProject): CheckerProject => ({
    ...project,
    referencesTo: (span) => {
      const found = project.referencesTo(span)
      asked++
      given += found.length
      return found
    },
  })
  const opened = checker
  const counting: Checker = {
    ...opened,
    get projects() {
      return opened.projects.map(counted)
    },
  }
  const workspace = openWorkspace(root, counting, {}, undefined)
  const reached = newReachedSites(workspace, packageTarget, () => false)
  const start = files['src/context.ts']!.indexOf('new ')
  const span = `src/context.ts:${start}:${files['src/context.ts']!.indexOf(' }\n', start)}`
  const why = reached(span, () => ({ made: undefined, moved: new Set() }))?.why ?? ''
  await checker.close()
  return { asked, given, why }
}

test('a name is looked up once, whatever follows its values, and wherever', async () => {
  const [few, many] = [await countIn(6), await countIn(24)]
  expect(few.why).toContain('src/place-0.ts')
  expect(many.asked).toBe(few.asked)
  expect(many.given / few.given).toBeLessThan(5)
})
