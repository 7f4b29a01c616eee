import { describe, expect, test } from 'vitest'
import { isAllowedFile } from '../src/file-glob.ts'

describe('isAllowedFile', () => {
  test.each([
    ['jobs/*.ts', '/app/jobs/a.ts', true],
    ['jobs/*.ts', '/app/jobs/deep/a.ts', false],
    ['jobs/**', '/app/jobs/deep/a.ts', true],
    ['**/jobs/a.ts', '/app/jobs/a.ts', true],
    ['./jobs/a.?s', '/app/jobs/a.ts', true],
    ['jobs/a.ts', '/app/jobs/axts', false],
    ['jobs/a.ts', '/app/old-jobs/a.ts', false],
    ['jobs/**', '/elsewhere/jobs/a.ts', false],
    ['**/*.{test,spec}.ts', '/app/src/a.test.ts', true],
    ['**/*.{test,spec}.ts', '/app/a.spec.ts', true],
    ['**/*.{test,spec}.ts', '/app/src/a.ts', false],
    ['**/*.{test,spec}.{ts,tsx}', '/app/src/a.spec.tsx', true],
    ['{jobs,scripts}/**', '/app/scripts/deep/a.ts', true],
    ['**/*.@(test|spec).ts', '/app/src/a.test.ts', true],
    ['**/*.[jt]s', '/app/src/a.js', true],
    ['**', '/app/.config/a.ts', true],
    ['jobs/**', 'C:\\app\\jobs\\a.ts', true],
  ])('%s and %s: %s', (glob, file, expected) => {
    expect(isAllowedFile(file, file.startsWith('C:') ? 'C:\\app' : '/app', [glob])).toBe(expected)
  })
})
