import { createHash, hash as hashOnce } from 'node:crypto'
import type { Sha256 } from './sha256-run.ts'

/** Starts a SHA-256; native, chosen by the condition `node` of the import `#sha256`. */
export const newSha256 = (): Sha256 => {
  const hash = createHash('sha256')
  const run: Sha256 = {
    update: bytes => {
      hash.update(bytes)
      return run
    },
    digest: () => new Uint8Array(hash.digest())
  }
  return run
}

/** SHA-256 of bytes that are there whole: for short ones a fraction of the time that a run takes. */
export const sha256Of = (bytes: Uint8Array): Uint8Array => new Uint8Array(hashOnce('sha256', bytes, 'buffer'))

/** The same as lower-case hex: a text costs half of what a buffer does. */
export const sha256HexOf = (bytes: Uint8Array): string => hashOnce('sha256', bytes, 'hex')
