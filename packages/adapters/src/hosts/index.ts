export { findHost, hostIds, readLog } from './registry.ts'
export type { LogReading } from './registry.ts'
