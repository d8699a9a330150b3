/**
 * Which formats there are: containers of images, native metadata of instruments, logs of host programs. A format is
 * loaded when a file asks for it.
 *
 * @module
 */
export { containers, detectContainer } from './containers/registry.ts'
export { instrumentFormats, readInstruments } from './instruments/registry.ts'
export { findHost, hostIds, readLog } from './hosts/registry.ts'

export type { LazyContainer } from './containers/registry.ts'
export type { ListedInstrumentFormat } from './instruments/registry.ts'
export type { LogReading } from './hosts/registry.ts'
