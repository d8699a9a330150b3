import { newError } from '@bims/core'
import type { BimsError, ByteSource } from '@bims/core'
import { left, right, type Either } from 'fp-ts/lib/Either.js'

/** Checks a range that a reader asks for. Fails with `file-io` where it is not a range. */
export const checkRange = (offset: number, length: number): Either<BimsError, void> =>
  Number.isSafeInteger(offset) && Number.isSafeInteger(length) && offset >= 0 && length >= 0
    ? right(undefined)
    : left(newError('file-io', `${length} bytes from ${offset} is not a range.`, 'Please report this.'))

/** Bytes in memory as a source; reads are copies, so that nobody changes the buffer through them. */
export const bufferSource = (bytes: Uint8Array, name = 'buffer'): ByteSource => ({
  name,
  size: bytes.length,
  read: (offset, length) => () => {
    const range = checkRange(offset, length)
    return Promise.resolve(
      range._tag === 'Left' ? range : right(Uint8Array.prototype.slice.call(bytes, offset, offset + length))
    )
  }
})
