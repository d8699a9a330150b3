import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import type { Sha256 } from './sha256-run.ts'

/** Starts a SHA-256; synchronous, which a browser's own WebCrypto is not. */
export const newSha256 = (): Sha256 => {
  const hash = sha256.create()
  const run: Sha256 = {
    update: bytes => {
      hash.update(bytes)
      return run
    },
    digest: () => hash.digest()
  }
  return run
}

/** SHA-256 of bytes that are there whole. */
export const sha256Of = (bytes: Uint8Array): Uint8Array => sha256(bytes)

/** The same as lower-case hex. */
export const sha256HexOf = (bytes: Uint8Array): string => bytesToHex(sha256(bytes))
