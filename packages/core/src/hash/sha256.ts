import { newSha256 as startSha256, sha256HexOf, sha256Of } from '#sha256'
import type { Sha256 } from './sha256-run.ts'

/** Starts a SHA-256: native in Node, pure code in browsers; synchronous in both. */
export const newSha256: () => Sha256 = startSha256

/** Up to this length it is cheaper to put parts together than to start a run. */
const short = 1024

const joined = (parts: readonly Uint8Array[], length: number): Uint8Array => {
  const all = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

/** SHA-256 (FIPS 180-4) of the parts one after another; 32 bytes. */
export const sha256 = (...parts: readonly Uint8Array[]): Uint8Array => {
  const [only] = parts
  if (only !== undefined && parts.length === 1) return sha256Of(only)
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  if (length <= short) return sha256Of(joined(parts, length))
  const hash = newSha256()
  for (const part of parts) hash.update(part)
  return hash.digest()
}

/** SHA-256 (FIPS 180-4) of bytes as lower-case hex, which is made quicker than bytes are. */
export const sha256Hex = (bytes: Uint8Array): string => sha256HexOf(bytes)
