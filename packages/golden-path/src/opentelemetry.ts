/**
 * Spans and metrics of a golden path, through `@opentelemetry/api`.
 */
export {
  goldenPathTelemetry,
  type GoldenPathTelemetry,
  type GoldenPathTelemetryOptions,
} from './adapters/opentelemetry/golden-path-telemetry.ts'
