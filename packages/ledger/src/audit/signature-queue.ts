import type { KnownIdentity } from './key-ring.ts'
import type { VerdictIndex } from './finding.ts'

/** A signature that is to be verified. */
export interface WaitingSignature {
  readonly signer: KnownIdentity
  /** What was signed, in parts. */
  readonly parts: readonly Uint8Array[]
  readonly signature: Uint8Array
}

/** Signatures that wait to be verified. */
export interface SignatureQueue {
  /** Takes in a signature over parts put together; they must stay as they are until it is verified. */
  readonly add: (waiting: WaitingSignature) => VerdictIndex
  readonly waiting: readonly WaitingSignature[]
}

/**
 * Begins with none. All signatures of a batch are verified one right after another: between the steps of taking blocks apart
 * each would find the processor's caches full of other things, and so would the next step after it; that costs a tenth of an audit.
 */
export const newSignatureQueue = (): SignatureQueue => {
  const waiting: WaitingSignature[] = []
  return {
    waiting,
    add: one => (one.signer.key === undefined ? -1 : waiting.push(one) - 1)
  }
}
