import { createPublicKey, type KeyObject } from 'node:crypto'
import { isSignedBy } from '../../membership/signature.ts'
import type { WaitingSignature } from '../signature-queue.ts'
import type { BatchMemory } from './batch-memory.ts'

/** Signatures as they travel to a thread. */
export interface SignatureParcel {
  /** For each what was signed and then the signature, one after another. */
  readonly bytes: Uint8Array<ArrayBuffer>
  /** Three numbers a signature: handle of the signer, where what was signed ends, where the signature ends. */
  readonly table: Uint32Array<ArrayBuffer>
  /** Keys (SPKI, DER) of signers that the thread does not know yet, by their handles. */
  readonly keys: readonly (readonly [handle: number, spki: Uint8Array])[]
}

const sizeOf = ({ parts, signature }: WaitingSignature): number =>
  parts.reduce((sum, { length }) => sum + length, signature.length)

/** Puts signatures together for a thread, which knows the keys of these handles; new ones are added. */
export const packSignatures = (
  waiting: readonly WaitingSignature[],
  known: Set<number>,
  memory: BatchMemory
): SignatureParcel => {
  const bytes = memory.take(waiting.reduce((sum, one) => sum + sizeOf(one), 0))
  const table = new Uint32Array(waiting.length * 3)
  const keys: (readonly [number, Uint8Array])[] = []
  let at = 0
  let row = 0
  for (const { signer, parts, signature } of waiting) {
    if (signer.key !== undefined && !known.has(signer.handle)) {
      known.add(signer.handle)
      keys.push([signer.handle, signer.key.export({ format: 'der', type: 'spki' })])
    }
    for (const part of parts) {
      bytes.set(part, at)
      at += part.length
    }
    table[row++] = signer.handle
    table[row++] = at
    bytes.set(signature, at)
    at += signature.length
    table[row++] = at
  }
  return { bytes, table, keys }
}

/** Verifies the signatures of a parcel with the keys that came with it and those before: 1 where one holds, else 0. */
export const verifyParcel = (
  { bytes, table, keys }: SignatureParcel,
  known: Map<number, KeyObject>
): Uint8Array<ArrayBuffer> => {
  for (const [handle, spki] of keys)
    known.set(handle, createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' }))
  const verdicts = new Uint8Array(table.length / 3)
  let from = 0
  for (let at = 0; at < verdicts.length; at++) {
    const [signed = 0, end = 0] = [table[at * 3 + 1], table[at * 3 + 2]]
    const key = known.get(table[at * 3] ?? 0)
    const holds = key !== undefined && isSignedBy(key, bytes.subarray(from, signed), bytes.subarray(signed, end))
    verdicts[at] = holds ? 1 : 0
    from = end
  }
  return verdicts
}
