import { newSha256 as startSha256 } from '#sha256'
import type { Sha256 } from './sha256-run.ts'

/** Starts a SHA-256: native in Node, pure code in browsers; synchronous in both. */
export const newSha256: () => Sha256 = startSha256

/** SHA-256 (FIPS 180-4) of the parts one after another; 32 bytes. */
export const sha256 = (...parts: readonly Uint8Array[]): Uint8Array => {
  const hash = newSha256()
  for (const part of parts) hash.update(part)
  return hash.digest()
}
