import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { BimsError } from '../errors.ts'

/** Bytes that are read in ranges, never as a whole: a file, a browser's Blob, a buffer. */
export interface ByteSource {
  /** The file's name without its folder, for recognising formats and for messages. */
  readonly name: string
  /** Total length in bytes. */
  readonly size: number
  /**
   * Reads `length` bytes from `offset`; the result is shorter only where the source ends.
   * Fails with `file-io`, `file-permission`.
   */
  readonly read: (offset: number, length: number) => TaskEither<BimsError, Uint8Array>
}

/** A file that may be changed in place; what embedding needs and nothing more. */
export interface EditableFile extends ByteSource {
  /** Writes at an offset; the file grows when the range lies past its end. Fails with `disk-full`, `file-io`. */
  readonly write: (offset: number, bytes: Uint8Array) => TaskEither<BimsError, void>
  /** Cuts the file to a length. */
  readonly truncate: (length: number) => TaskEither<BimsError, void>
  /** Returns when everything written stands on the disk (fsync). */
  readonly sync: () => TaskEither<BimsError, void>
}
