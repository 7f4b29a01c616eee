import { expect, test } from 'vitest'
import { readCandidates } from '../../src/init/read-candidates.ts'
import { strictConfig, temporaryProject } from '../engine/temporary-project.ts'

test('readCandidates says how far it is', async () => {
  const root = temporaryProject({
    'tsconfig.json': strictConfig,
    'src/context.ts': 'export interface Context { userId: string }\n',
    'src/use.ts': "export type { Context } from './context'\n",
  })
  const phases = new Set<string>()
  await readCandidates(root, ({ phase, total }) => phases.add(`${phase} of ${total}`))
  expect([...phases]).toEqual(['files of 0', 'files of 2', 'parse of 2'])
})
