import {
  canonicalBytes,
  compositeKey,
  restrictedCollection,
  ledgerKindOf,
  type JsonValue,
  type Submitter
} from '@bims/core'
import * as E from 'fp-ts/lib/Either.js'
import { idOfRecord, type TestLedger } from './ledger.ts'

/** Puts a restricted record into a collection as if it had been submitted, or shared, by anybody. */
export const plant = (ledger: TestLedger, owner: string, record: JsonValue, submitter: Submitter): string => {
  const collection = restrictedCollection(owner)
  const held = ledger.privateState.get(collection) ?? new Map<string, Buffer>()
  ledger.privateState.set(collection, held)
  const id = idOfRecord(record)
  const { schema } = record as { schema: string }
  const kind = ledgerKindOf(schema)
  const stored = {
    kind: E.isRight(kind) ? kind.right : 'image',
    schema,
    transaction: '0'.repeat(64),
    time: '2025-12-31T00:00:00.000Z',
    ...(submitter.mspId !== owner && { shared: true })
  }
  held.set(compositeKey({ type: 'record', attributes: [id] }), Buffer.from(canonicalBytes(record)))
  held.set(
    compositeKey({ type: 'submission', attributes: [id, submitter.mspId, submitter.enrollmentId] }),
    Buffer.from(canonicalBytes(stored))
  )
  return id
}
