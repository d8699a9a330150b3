import { newError } from '@bims/core'
import type { ByteSource } from '@bims/core'
import { left, right } from 'fp-ts/lib/Either.js'
import { checkRange } from './buffer.ts'

/** A browser's Blob or File as a source; a File brings its name along. Reads fail with `file-io`. */
export const blobSource = (blob: Blob, name?: string): ByteSource => ({
  name: name ?? ('name' in blob && typeof blob.name === 'string' ? blob.name : 'blob'),
  size: blob.size,
  read: (offset, length) => async () => {
    const range = checkRange(offset, length)
    if (range._tag === 'Left') return range
    try {
      return right(new Uint8Array(await blob.slice(offset, offset + length).arrayBuffer()))
    } catch (cause) {
      return left(newError('file-io', 'The Blob cannot be read any more.', 'Choose the file again.', { cause }))
    }
  }
})
