// Findings for tests, made from the few parts that a test is about.
import type { Finding } from '../../src/finding.ts'
import { toFingerprint } from '../../src/fingerprint.ts'

export const makeFinding = (parts: Partial<Finding> = {}): Finding => {
  const known = {
    kind: 'literal-argument',
    file: 'src/chat.ts',
    line: 3,
    column: 5,
    start: 20,
    end: 40,
    type: 'UserExecutionContext',
    enclosing: 'ChatService.handle',
    text: '{ userId, threadId }',
    heldBy: 'tsc',
    ...parts,
  } as const
  return { ...known, fingerprint: toFingerprint(known) }
}
