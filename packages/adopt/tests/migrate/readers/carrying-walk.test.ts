// The plan for a type that carries more than an identity, walked to its end: makers, readers, fields. After each step
// the program compiles without a new complaint and prints what it printed before.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { MigrateResult } from '../../../src/migrate/migrate-options.ts'
import { openWalkedApp, walkedFiles, type WalkedApp } from './walked-app.ts'

describe('migrate, step by step', { timeout: 300_000 }, () => {
  let app: WalkedApp
  let output: string
  const results: Partial<Record<'makers' | 'readers' | 'fields', MigrateResult>> = {}
  const outputs: string[] = []
  const texts: Record<string, string>[] = []
  beforeAll(async () => {
    app = openWalkedApp(walkedFiles)
    output = app.run()
    for (const step of ['makers', 'readers', 'fields'] as const) {
      results[step] = await app.step(step)
      outputs.push(app.run())
      texts.push(Object.fromEntries(Object.keys(walkedFiles).map((file) => [file, app.read(file)])))
    }
  }, 300_000)
  afterAll(() => app.remove())

  it('writes each step, without a new complaint of the compiler', () => {
    const facts = Object.values(results).map((one) => [one.written, one.diagnosticsBefore, one.diagnosticsAfter])
    expect(facts).toEqual([
      [true, 0, 0],
      [true, 0, 0],
      [true, 0, 0],
    ])
  })

  it('prints the same after each step', () => {
    expect(outputs).toEqual([output, output, output])
  })

  it('moves the makers, and leaves the readers as they were', () => {
    expect([results.makers!.left, texts[0]!['readers.ts']]).toEqual([[], walkedFiles['readers.ts']])
  })

  it('reads through the sealed context what it always has', () => {
    expect(texts[1]!['readers.ts']).toBe(`import type { RequestContext } from './context.js';

export const member = (context: RequestContext): string => context.context.userId;
export const chained = (holder: { context?: RequestContext }): string | undefined => holder.context?.context.threadId;
export const computed = (context: RequestContext): string => context.context.userId;
export const optional = (context: RequestContext | undefined): string | undefined => context?.context.threadId;
export const pattern = ({ context: { userId, threadId: thread }, logger }: RequestContext): string => {
  logger.info(thread);
  return userId;
};
export function taken(context: RequestContext): string {
  const { context: { threadId, userId } } = context;
  return \`\${userId} \${threadId}\`;
}
export const rest = ({ logger, ...others }: RequestContext): string => {
  logger.info(others.context.threadId);
  return others.context.userId;
};
export const later = (context: RequestContext): boolean => context.runId === undefined;
export const plan = (context: RequestContext): unknown => context.context.agentContext['plan'];
`)
  })

  it('leaves a read of what the sealed context always has, where the field may be absent', () => {
    expect(results.readers!.readsLeft.map(({ line, field, reason }) => [line, field, reason.slice(0, 19)])).toEqual([
      [19, 'runId', 'it may be absent, a'],
    ])
  })

  it('takes the fields out that nobody reads, from the type and from its makers', () => {
    // One line of it is wider than this file may be.
    const makers = texts[2]!['makers.ts']!.replace('), { threadId', '),\n  { threadId')
    expect([texts[2]!['context.ts'], makers]).toMatchInlineSnapshot(`
      [
        "import type { UserExecutionContext } from 'user-execution-context';

      /** Writes what happens. */
      export interface Logger {
        info(text: string): void;
      }

      /** What a request carries. */
      export interface RequestContext {
        readonly context: UserExecutionContext;
        /** A run may come later. */
        readonly runId?: string;
        readonly logger: Logger;
      }
      ",
        "import { createForUser, parseThreadId } from 'user-execution-context';
      import { vouchForUser } from 'user-execution-context/restricted';
      import type { Logger, RequestContext } from './context.js';

      export const open = (userId: string, logger: Logger): RequestContext => ({
        context: createForUser(vouchForUser(userId, { reason: 'migrated from src/makers.ts:3' }),
        { threadId: parseThreadId(\`thread_\${userId}\`), agentContext: { plan: 'free' } }),
        logger,
      });

      export function derive(context: RequestContext): RequestContext {
        return { ...context, logger: { info: (text) => context.logger.info(\`derived \${text}\`) } };
      }
      ",
      ]
    `)
    expect(results.fields!.fieldsRemoved).toEqual(
      ['userId', 'threadId', 'metadata'].map((name) => `src/context.ts#RequestContext.${name}`),
    )
  })

  it('changes nothing when a step is taken again', async () => {
    for (const step of ['makers', 'readers', 'fields'] as const) expect((await app.step(step)).files).toEqual([])
  })
})

describe('migrate --step readers', { timeout: 300_000 }, () => {
  it('leaves every read of a field that is written to, and names the write', async () => {
    const app = openWalkedApp({
      ...walkedFiles,
      'writer.ts':
        "import type { RequestContext } from './context.js';\n\n" +
        'export function rename(context: { -readonly [Key in keyof RequestContext]: RequestContext[Key] }): void ' +
        "{\n  context.userId = 'usr_9';\n}\n",
    })
    try {
      await app.step('makers')
      const { readsLeft, readsMoved } = await app.step('readers')
      const reasons = new Set(readsLeft.filter(({ field }) => field === 'userId').map(({ reason }) => reason))
      expect([...reasons]).toEqual(['it is written to in src/writer.ts:4: the context is frozen'])
      expect(readsMoved).toBeGreaterThan(0)
    } finally {
      app.remove()
    }
  })

  it('leaves what the compiler refuses, with its code', async () => {
    const app = openWalkedApp({
      ...walkedFiles,
      'odd.ts':
        "import type { RequestContext } from './context.js';\n\n" +
        "export const defaulted = ({ userId = 'nobody' }: RequestContext): string => userId;\n",
    })
    try {
      await app.step('makers')
      const { readsLeft } = await app.step('readers')
      expect(readsLeft.find(({ file }) => file === 'src/odd.ts')).toEqual({
        file: 'src/odd.ts',
        line: 3,
        field: 'userId',
        reason: 'the code around it does not take the new type (TS2322)',
      })
      expect((await app.step('fields')).readsLeft.find(({ field }) => field === 'userId')?.reason).toBe('1 use is left')
    } finally {
      app.remove()
    }
  })

  it('waits while a value of the type comes without a sealed context', async () => {
    const app = openWalkedApp({
      ...walkedFiles,
      'cast.ts':
        "import type { RequestContext } from './context.js';\n\n" +
        'export const parse = (text: unknown): RequestContext => text as RequestContext;\n',
    })
    try {
      await app.step('makers')
      const { definitionsLeft, files } = await app.step('readers')
      expect(files).toEqual([])
      expect(definitionsLeft).toEqual([
        {
          definition: 'src/context.ts#RequestContext',
          reason: '1 value of it comes without a sealed context: settle src/cast.ts:4 first',
        },
      ])
    } finally {
      app.remove()
    }
  })
})
