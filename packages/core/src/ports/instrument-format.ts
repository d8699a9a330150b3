import type { Either } from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { BimsError } from '../errors.ts'
import type { AcquisitionContent } from '../acquisition/acquisition.ts'
import type { InstrumentContent } from '../acquisition/instrument.ts'
import type { NativeEntry, NativeText, StoredNative } from '../acquisition/native-text.ts'
import type { OpenContainer } from './container.ts'

/** What an instrument format makes of its native blocks for one image. */
export interface InstrumentReading {
  /** The blocks that belong together, in file order; native ordinals run over their entries from 0. */
  readonly native: readonly NativeText[]
  /**
   * Native ordinal to JSON pointers into `acquisition`, or `/instrument/...` into `instrument`, that took its value.
   */
  readonly mapping: ReadonlyMap<number, readonly string[]>
  /** The hardware, where the native text tells it. */
  readonly instrument?: InstrumentContent
  /** The acquisition without `native`, `mapping` and the instrument's id, which the caller adds. */
  readonly acquisition: AcquisitionContent
  /** Pointers as in `mapping` whose values tell of a person or are free text: to be withheld in what is public. */
  readonly personal: readonly string[]
  /** 0-based series of the container that this reading describes; absent = all. */
  readonly series?: readonly number[]
  readonly warnings: readonly string[]
}

/** A native format of acquisition metadata. */
export interface InstrumentFormat {
  readonly format: string
  /** Human name, e.g. `Thermo Fisher / FEI TIFF`. */
  readonly title: string
  /** Ids of the native texts it makes ({@link StoredNative.format}); no two formats share one. */
  readonly texts: readonly string[]
  /** Reads what it recognises; an empty list where the file is not its own. */
  readonly read: (container: OpenContainer) => TaskEither<BimsError, readonly InstrumentReading[]>
  /**
   * Parses native blocks again, as stored in attachments; counts what is carried. Takes the blocks of one reading in
   * their order, because some can only be parsed together, and gives the entries of each, or why that block cannot be
   * parsed: `native-malformed`.
   */
  readonly parse: (blocks: readonly StoredNative[]) => readonly Either<BimsError, readonly NativeEntry[]>[]
}
