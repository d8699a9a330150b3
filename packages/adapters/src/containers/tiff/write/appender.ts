import type { EditableFile } from '@bims/core'
import { unwrap } from '../../../sources/attempt.ts'

/** Writes of less than this are gathered: a million small planes are not a million writes. */
const writeSize = 1024 * 1024

/** Appends to a file, small parts gathered into larger writes. */
export interface Appender {
  /** Where the next part will stand. */
  readonly end: () => number
  /** Appends at a multiple of 8; the bytes may change afterwards. Returns where they stand. */
  readonly append: (bytes: Uint8Array) => Promise<number>
  /** Writes what is still held. */
  readonly flush: () => Promise<void>
}

const aligned = (offset: number): number => Math.ceil(offset / 8) * 8

/** Starts appending at an offset, a multiple of 8. */
export const newAppender = (file: EditableFile, start: number): Appender => {
  let [held, from, end]: [(readonly [at: number, bytes: Uint8Array])[], number, number] = [[], start, start]
  const flush = async (): Promise<void> => {
    if (held.length > 0) {
      const joined = new Uint8Array(end - from)
      for (const [at, bytes] of held) joined.set(bytes, at - from)
      await unwrap(file.write(from, joined))
    }
    ;[held, from] = [[], end]
  }
  return {
    end: () => end,
    flush,
    append: async bytes => {
      const at = end
      end = aligned(at + bytes.length)
      if (bytes.length < writeSize) {
        held.push([at, bytes.slice()])
        if (end - from >= writeSize) await flush()
        return at
      }
      end = at
      await flush()
      await unwrap(file.write(at, bytes))
      end = aligned(at + bytes.length)
      from = end
      return at
    }
  }
}
