import { mayAct, type LedgerAction, type RecordKind, type SealedRecord } from '@bims/core'
import { openOutbox, type Outbox } from '@bims/ledger/outbox'
import { join, resolve } from 'node:path'
import type { Identity } from '../identity/identity.ts'
import { defaultFolder } from '../identity/network-profile.ts'
import { promised } from '../promise.ts'

/** What was queued, and what could not be. */
export interface Queued {
  readonly ids: readonly string[]
  readonly warnings: readonly string[]
}

const actions: Readonly<Record<RecordKind, LedgerAction>> = {
  instrument: 'submit-instrument',
  acquisition: 'submit-acquisition',
  macro: 'submit-macro',
  image: 'submit-image'
}

/** Opens the outbox that was named, else the one in the default folder. Rejects with `file-permission`, `disk-full`. */
export const outboxOf = (outbox: string | undefined): Promise<Outbox> =>
  promised(openOutbox(outbox === undefined ? join(resolve(defaultFolder), 'outbox') : resolve(outbox)))

/**
 * Makes sure that there is an outbox before anything is written: an image is not to be saved with an error about
 * where its records wait. Rejects as {@link outboxOf}.
 */
export const prepareOutbox = async (identity: Identity | undefined, outbox: string | undefined): Promise<void> => {
  if (identity !== undefined) await outboxOf(outbox)
}

/**
 * Queues those records that the role of the identity may submit; the others are left to who may (an instrument's
 * record to the steward of its organisation), with a word about it.
 */
export const queueRecords = async (
  records: readonly SealedRecord[],
  identity: Identity | undefined,
  { outbox }: { readonly outbox?: string | undefined }
): Promise<Queued> => {
  if (identity === undefined) return { ids: [], warnings: ['nobody signed: nothing was queued for the ledger'] }
  const allowed = records.filter(({ kind }) => mayAct(identity.role, actions[kind], 'own-submission'))
  const left = [...new Set(records.filter(record => !allowed.includes(record)).map(({ kind }) => kind))]
  const warnings =
    left.length === 0
      ? []
      : [
          `the role ${identity.role} may not submit ${left.join(', ')} records: they are in the file, for \`bims submit\` as somebody who may`
        ]
  if (allowed.length === 0) return { ids: [], warnings }
  const box = await outboxOf(outbox)
  const queued = await promised(box.enqueue(allowed))
  return { ids: queued.map(({ id }) => id), warnings }
}
