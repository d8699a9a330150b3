import type { KeyObject } from 'node:crypto'
import { isSignedBy } from '../membership/signature.ts'
import { joined } from '../wire/joined.ts'

/** Where the verdict on a signature stands among those of its batch; -1: it cannot hold, for there is no key on P-256. */
export type VerdictIndex = number

/** Signatures that wait to be verified. */
export interface SignatureQueue {
  /** Takes in a signature over parts put together; they must stay as they are until it is verified. */
  readonly add: (key: KeyObject | undefined, parts: readonly Uint8Array[], signature: Uint8Array) => VerdictIndex
  /** Verifies all that were taken in since the last call: 1 where a signature holds, else 0. */
  readonly verify: () => Uint8Array<ArrayBuffer>
}

interface Waiting {
  readonly key: KeyObject
  readonly parts: readonly Uint8Array[]
  readonly signature: Uint8Array
}

/**
 * Begins with none. All signatures of a batch are verified one right after another: between the steps of taking blocks apart
 * each would find the processor's caches full of other things, and so would the next step after it; that costs a tenth of an audit.
 */
export const newSignatureQueue = (): SignatureQueue => {
  let waiting: Waiting[] = []
  return {
    add: (key, parts, signature) => (key === undefined ? -1 : waiting.push({ key, parts, signature }) - 1),
    verify: () => {
      const verdicts = new Uint8Array(waiting.length)
      for (const [at, { key, parts, signature }] of waiting.entries())
        verdicts[at] = isSignedBy(key, joined(...parts), signature) ? 1 : 0
      waiting = []
      return verdicts
    }
  }
}
