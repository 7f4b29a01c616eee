// What somebody could add to the carrying code base the week after its migration, each form with a twin that is right.

/** `isInnocent`: right code that resembles a violator. */
export type CarryingViolator = { readonly file: string; readonly text: string; readonly isInnocent: boolean }

const head = `import type { RequestContext } from '../context.js';
import { createForUser } from 'user-execution-context';
import { vouchForUser } from 'user-execution-context/restricted';
import { fixed, runJob, summarize } from '../consumers.js';
import { logger, session, signal, tracer } from '../platform.js';
void [createForUser, vouchForUser, fixed, runJob, summarize, logger, session, signal, tracer];
`
const rest = "requestId: 'r', logger, tracer, signal, session"
const ids = "userId: 'usr_9', threadId: 'thread_9', runId: 'run_9'"
const sealed = "createForUser(vouchForUser('usr_9', { reason: 'twin' }))"
const pairs: readonly (readonly [name: string, wrong: string, right: string])[] = [
  [
    'no-member',
    `export const made = summarize({ ${ids}, ${rest} });`,
    `export const made = summarize({ ${ids}, ${rest}, context: ${sealed} });`,
  ],
  [
    'any-member',
    `export const made = summarize({ ${ids}, ${rest}, context: JSON.parse('{}') });`,
    `export const made = (context: RequestContext['context']): string => summarize({ ${ids}, ${rest}, context });`,
  ],
  [
    'cast-member',
    `export const made = summarize({ ${ids}, ${rest}, context: {} as RequestContext['context'] });`,
    `export const made = (one: RequestContext): string => summarize({ ${ids}, ${rest}, context: one.context as ` +
      "RequestContext['context'] });",
  ],
  [
    'never-member',
    `export const made = summarize({ ${ids}, ${rest}, context: undefined as never });`,
    `export const made = (one: RequestContext | undefined): string => summarize({ ...one!, session: undefined });`,
  ],
  [
    'cast',
    'export const read = (payload: unknown): string => summarize(payload as RequestContext);',
    'export const read = (one: RequestContext | null): string => summarize(one as RequestContext);',
  ],
  [
    'double-cast',
    'export const read = (text: string): string => summarize(text as unknown as RequestContext);',
    'export const read = (text: string): string => summarize(fixed(text as unknown as string));',
  ],
  [
    'any-argument',
    'export const read = (text: string): string => summarize(JSON.parse(text));',
    'export const read = (text: string): string => summarize(fixed(JSON.parse(text)));',
  ],
  [
    'any-property',
    "export const read = (text: string): string => runJob({ name: 'x', context: JSON.parse(text) });",
    "export const read = (text: string): string => runJob({ name: JSON.parse(text), context: fixed('x') });",
  ],
  [
    'any-spread',
    'export const read = (body: any): string => summarize({ ...body });',
    'export const read = (one: RequestContext): string => summarize({ ...one });',
  ],
  [
    'partial',
    `export const read = (part: Partial<RequestContext>): string => summarize({ ...part, ${ids} } as RequestContext);`,
    `export const read = (part: Pick<RequestContext, 'session'>): string => summarize({ ...fixed('x'), ...part });`,
  ],
  [
    'guard',
    'export const isOne = (value: unknown): value is RequestContext => typeof value === "object";',
    'export const isOne = (value: RequestContext | undefined): value is RequestContext => value !== undefined;',
  ],
  [
    'parameter',
    'export const read = (context: RequestContext = {} as any): string => summarize(context);',
    "export const read = (context: RequestContext = fixed('x')): string => summarize(context);",
  ],
]

export const carryingViolators: readonly CarryingViolator[] = pairs.flatMap(([name, wrong, right]) => [
  { file: `src/violators/${name}.ts`, text: `${head}${wrong}\n`, isInnocent: false },
  { file: `src/violators/${name}-twin.ts`, text: `${head}${right}\n`, isInnocent: true },
])
