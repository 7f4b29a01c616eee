import type { Named } from './targets.ts'

/** An answer without what is random, and without the names that were asked for. For tests only. */
export const toComparable = (text: string, named: Named): string =>
  text
    .replaceAll(named.runId, '*')
    .replaceAll(named.threadId, '*')
    .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '*')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '*')
    .replaceAll(/eyJ[\w.-]+/g, '*')
    .replaceAll(/"ticket":"[\w-]{43}"/g, '*')
    .replaceAll(/attempt-\d+/g, '*')
    .replaceAll(/\b\d{13}\b/g, '*')
