import { createHash } from 'node:crypto'
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
