/** The plugin for ESLint and oxlint: a default export, because both hosts load one. */
export { plugin as default } from './plugin.ts'
