import { newSha256 as startSha256, sha256Of } from '#sha256'
import { concatBytes } from '../json/bytes.ts'
import type { Sha256 } from './sha256-run.ts'

/** Starts a SHA-256: native in Node, pure code in browsers; synchronous in both. */
export const newSha256: () => Sha256 = startSha256

/** Up to this length it is cheaper to put parts together than to start a run. */
const short = 1024

/** SHA-256 (FIPS 180-4) of the parts one after another; 32 bytes. */
export const sha256 = (...parts: readonly Uint8Array[]): Uint8Array => {
  const [only] = parts
  if (only !== undefined && parts.length === 1) return sha256Of(only)
  if (parts.reduce((sum, { length }) => sum + length, 0) <= short) return sha256Of(concatBytes(...parts))
  const hash = newSha256()
  for (const part of parts) hash.update(part)
  return hash.digest()
}
