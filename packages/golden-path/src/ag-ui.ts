/**
 * The AG-UI door: maps runs to AG-UI 1.0 events. Needs the types of the optional peer `@ag-ui/core`, loads nothing of it.
 */
export { agUiMapping, parseAgUiRequest, type AgUiEvent } from './adapters/ag-ui.ts'
export type { ForeignRunRequest } from './adapters/foreign-request.ts'
