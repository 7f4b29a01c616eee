/** The plugin for ESLint and oxlint: a default export, because both hosts load one; and its parts, for `require()`. */
export { plugin as default, configs, meta, rules } from './plugin.ts'
