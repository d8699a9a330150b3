import * as E from 'fp-ts/lib/Either.js'
import { newError, type BimsError } from '../errors.ts'

/** Every kind of record that a ledger takes: those with content of their own, and those that say something of others. */
export const ledgerKinds = ['instrument', 'acquisition', 'macro', 'image', 'share', 'supersede', 'withdraw'] as const

/** Kind of a record on the ledger. */
export type LedgerKind = (typeof ledgerKinds)[number]

/** The schema of each kind, `name/major`. */
export const ledgerSchemas: Readonly<Record<LedgerKind, string>> = {
  instrument: 'bims.instrument/1',
  acquisition: 'bims.acquisition/1',
  macro: 'bims.macro/1',
  image: 'bims.manifest/1',
  share: 'bims.share/1',
  supersede: 'bims.supersede/1',
  withdraw: 'bims.withdraw/1'
}

const nameOf = (schema: string): string => schema.slice(0, schema.indexOf('/'))

/** Tells whether a text is a kind of record. */
export const isLedgerKind = (u: unknown): u is LedgerKind => ledgerKinds.some(kind => kind === u)

/**
 * The kind that a schema belongs to.
 * Fails with `record-major` for another major of one of ours, `record-schema` for anything else.
 */
export const ledgerKindOf = (schema: unknown): E.Either<BimsError, LedgerKind> => {
  const kind = ledgerKinds.find(candidate => ledgerSchemas[candidate] === schema)
  if (kind !== undefined) return E.right(kind)
  const text = typeof schema === 'string' && schema.length <= 80 ? schema : ''
  const ours = ledgerKinds.find(candidate => nameOf(ledgerSchemas[candidate]) === nameOf(`${text}/`))
  return E.left(
    ours !== undefined && /^[\w.]+\/[1-9]\d{0,8}$/.test(text)
      ? newError(
          'record-major',
          `The record says ${text}; known here is ${ledgerSchemas[ours]}.`,
          'Upgrade the chaincode, or write the record in the known version.'
        )
      : newError(
          'record-schema',
          `${JSON.stringify(text)} is not the schema of a BIMS record.`,
          `Schemas are ${Object.values(ledgerSchemas).join(', ')}.`
        )
  )
}
