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

  test.each([
    [['jobs/**', '!jobs/http/**'], '/app/jobs/a.ts', true],
    [['jobs/**', '!jobs/http/**'], '/app/jobs/http/a.ts', false],
    [['!jobs/http/**', 'jobs/**'], '/app/jobs/http/a.ts', false],
    [['jobs/**', '!jobs/http/**'], '/app/src/a.ts', false],
    [['!jobs/http/**'], '/app/src/a.ts', false],
    [['jobs/**', '!./jobs/http/**'], '/app/jobs/http/a.ts', false],
    [['!(src|lib)/**'], '/app/jobs/a.ts', true],
    [['!(src|lib)/**'], '/app/src/a.ts', false],
  ])('%j and %s: %s, as a glob with an exclamation mark takes out', (globs, file, expected) => {
    expect(isAllowedFile(file, '/app', globs)).toBe(expected)
  })
})
