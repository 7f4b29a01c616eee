// Code that a rewrite breaks although it compiles, or that no rewrite can move: one directory for each trap, each with
// its own class.
import { smallApp } from './small-app.ts'

const contextClass = smallApp['src/user-execution-context.ts'] ?? ''
const mutableClass = contextClass.replaceAll('readonly ', '')
const directory = (name: string, use: string, definition = contextClass): Record<string, string> => ({
  [`src/${name}/user-execution-context.ts`]: definition,
  [`src/${name}/use.ts`]: use,
})
const importClass = "import { UserExecutionContext } from './user-execution-context.js';\n"

export const trapApp: Readonly<Record<string, string | undefined>> = {
  ...Object.fromEntries(
    Object.keys(smallApp)
      .filter((file) => file.startsWith('src/'))
      .map((file) => [file, undefined]),
  ),
  ...directory(
    'extended',
    `${importClass}
export class AdminContext extends UserExecutionContext {
  readonly isAdmin = true;
}

export function admin(userId: string): string {
  return new AdminContext(userId, 'thread_1', 'run_1').userId;
}
`,
  ),
  ...directory(
    'registered',
    `${importClass}
const container = new Map<unknown, string>();
container.set(UserExecutionContext, 'request');

export function lifetime(): string | undefined {
  return container.get(UserExecutionContext);
}
`,
  ),
  ...directory(
    'decorated',
    `${importClass}
export function decorated(userId: string): string {
  return new UserExecutionContext(userId, 'thread_1', 'run_1').runId;
}
`,
    `import { entity } from './entity.js';

@entity
${contextClass}`,
  ),
  'src/decorated/entity.ts': `export const entities: unknown[] = [];

export function entity(made: unknown, _context: unknown): void {
  entities.push(made);
}
`,
  ...directory(
    'instance-of',
    `${importClass}
export function isContext(value: unknown): boolean {
  return value instanceof UserExecutionContext;
}

export function made(userId: string): boolean {
  return isContext(new UserExecutionContext(userId, 'thread_1', 'run_1'));
}
`,
  ),
  ...directory(
    'merged',
    `${importClass}
declare module './user-execution-context.js' {
  interface UserExecutionContext {
    tenantName?: string;
  }
}

export function ownerOf(context: UserExecutionContext): string {
  return context.userId;
}
`,
  ),
  ...directory(
    'written',
    `${importClass}
export function rerun(userId: string): string {
  const context = new UserExecutionContext(userId, 'thread_1', 'run_1');
  if (userId !== '') context.runId = 'run_2';
  return context.runId;
}
`,
    mutableClass,
  ),
  ...directory(
    'no-user',
    `import type { UserExecutionContext } from './user-execution-context.js';

export function anonymous(read: (context: UserExecutionContext) => string): string {
  return read({ threadId: 'thread_1', runId: 'run_1' } as UserExecutionContext);
}

export function nobody(read: (context: UserExecutionContext) => string): string {
  return read({ userId: '', threadId: 'thread_1', runId: 'run_1' });
}
`,
  ),
  ...directory(
    'private-field',
    `${importClass}
export function secretive(userId: string): string {
  return new UserExecutionContext(userId, 'thread_1', 'run_1').secret();
}
`,
    contextClass.replace(/}\n$/, '\n  secret(): string {\n    return `${this.userId} knows`;\n  }\n}\n'),
  ),
}

/** What the code of each trap answers before the migration, and must answer after it. */
export const trapAnswers = `
import { admin } from './extended/use.js';
import { lifetime } from './registered/use.js';
import { decorated } from './decorated/use.js';
import { made } from './instance-of/use.js';
import { rerun } from './written/use.js';
import { secretive } from './private-field/use.js';

const user = 'usr_1';
const answers = [admin(user), lifetime(), decorated(user), made(user), rerun(user), secretive(user)];
console.log(JSON.stringify(answers));
`
