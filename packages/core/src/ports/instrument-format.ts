import type { Either } from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { BimsError } from '../errors.ts'
import type { AcquisitionContent } from '../acquisition/acquisition.ts'
import type { InstrumentContent } from '../acquisition/instrument.ts'
import type { OpenContainer } from './container.ts'

/** One entry of native metadata, verbatim. */
export interface NativeEntry {
  /** Path as the format spells it, e.g. `[Beam] HV`, `Image/Pixels/@SizeX`. Repeats are kept as further entries. */
  readonly key: string
  readonly value: string
}

/** The native text as it stands in the file; becomes the attachment of an acquisition. */
export interface NativeText {
  /** Id of the native format, e.g. `thermo-ini`, `ome-xml`, `imagej`. */
  readonly format: string
  readonly mediaType: string
  readonly bytes: Uint8Array
  /** Where the bytes already stand in the image file. */
  readonly at?: string
}

/** What an instrument format makes of one native block. */
export interface InstrumentReading {
  readonly native: NativeText
  /** All entries in order; the n-th has native ordinal n. */
  readonly entries: readonly NativeEntry[]
  /** native ordinal → JSON pointers into `acquisition` or `/instrument/...` that took its value. */
  readonly mapping: ReadonlyMap<number, readonly string[]>
  /** The hardware, where the native text tells it. */
  readonly instrument?: InstrumentContent
  /** The acquisition without `native`, `mapping` and the instrument's id, which the caller adds. */
  readonly acquisition: AcquisitionContent
  /** 0-based series of the container that this reading describes; absent = all. */
  readonly series?: readonly number[]
  readonly warnings: readonly string[]
}

/** A native format of acquisition metadata. */
export interface InstrumentFormat {
  readonly format: string
  /** Human name, e.g. `Thermo Fisher / FEI TIFF`. */
  readonly title: string
  /** Reads what it recognises; an empty list where the file is not its own. */
  readonly read: (container: OpenContainer) => TaskEither<BimsError, readonly InstrumentReading[]>
  /** Parses native bytes again, as stored in the attachment; counts what is carried. Fails with `native-malformed`. */
  readonly parse: (bytes: Uint8Array) => Either<BimsError, readonly NativeEntry[]>
}
