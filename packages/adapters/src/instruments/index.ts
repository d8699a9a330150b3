/**
 * Native acquisition metadata: which formats there are, how a file's blocks become acquisitions, and how what is stored
 * of them is counted again.
 *
 * @module
 */
export { assembleAcquisitions } from './assemble.ts'
export { instrumentFormats, parseNative, readInstruments } from './registry.ts'
export { storedCoverage } from './stored-coverage.ts'

export type { AssembledAcquisition } from './assemble.ts'
export type { ListedInstrumentFormat, Parsed } from './registry.ts'
