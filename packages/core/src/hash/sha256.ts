import { newSha256 as startSha256 } from '#sha256'

/** A running SHA-256. */
export interface Sha256 {
  readonly update: (bytes: Uint8Array) => Sha256
  /** Ends the run; 32 bytes. */
  readonly digest: () => Uint8Array
}

/** Starts a SHA-256: native in Node, pure code in browsers; synchronous in both. */
export const newSha256: () => Sha256 = startSha256

/** SHA-256 (FIPS 180-4) of the parts one after another; 32 bytes. */
export const sha256 = (...parts: readonly Uint8Array[]): Uint8Array => {
  const hash = newSha256()
  for (const part of parts) hash.update(part)
  return hash.digest()
}
