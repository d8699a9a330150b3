import type { KeyObject } from 'node:crypto'
import { parentPort } from 'node:worker_threads'
import { verifyParcel, type SignatureParcel } from './signature-parcel.ts'

/** What comes out for a parcel: a verdict a signature, and its memory back. */
export interface SignatureAnswer {
  readonly verdicts: Uint8Array<ArrayBuffer>
  readonly bytes: SignatureParcel['bytes']
}

// A thread that verifies signatures and does nothing else.
const keys = new Map<number, KeyObject>()
parentPort?.on('message', (parcel: SignatureParcel) => {
  const answer: SignatureAnswer = { verdicts: verifyParcel(parcel, keys), bytes: parcel.bytes }
  parentPort?.postMessage(answer, [answer.bytes.buffer, answer.verdicts.buffer])
})
