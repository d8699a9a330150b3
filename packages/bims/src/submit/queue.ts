import { isRestricted, mayAct, type LedgerAction, type RecordKind, type SealedRecord } from '@bims/core'
import { openOutbox, type Outbox } from '@bims/ledger/outbox'
import { join, resolve } from 'node:path'
import type { Identity } from '../identity/identity.ts'
import { defaultFolder } from '../identity/network-profile.ts'
import { promised } from '../promise.ts'
import { goingAlong } from '../save/restriction.ts'
import { defaultAttachmentBytes, keptAttachments, type AttachedFile, type KeptAttachments } from './kept-attachments.ts'
import { ownerOf, ownerUnknown } from './owner.ts'

/** What was queued, and what could not be. */
export interface Queued {
  readonly ids: readonly string[]
  /** Digests of attachments. */
  readonly attachments: readonly string[]
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

/** Where records wait, and whose network it is. */
export interface QueueOptions {
  readonly outbox?: string
  readonly network?: string
  /** Most bytes of the attachments of one record that go to the ledger: 8 MiB where it is not given, 0 for none. */
  readonly attachmentBytes?: number
}

/** A saved file whose records are queued. */
export interface QueuedFile extends AttachedFile {
  readonly records: readonly SealedRecord[]
}

/** A new image as it is queued: all its attachments stand in its bundle, none in the file beside it. */
export const newImageFile = ({
  bundle,
  records
}: Pick<QueuedFile, 'records'> & { readonly bundle: Pick<QueuedFile, 'attachments'> }): QueuedFile => ({
  records,
  attachments: bundle.attachments,
  bytesAt: () => Promise.resolve(undefined)
})

/**
 * Makes sure that there is an outbox before anything is written, and for restricted records that their owner is known: an image is
 * not to be saved with an error about where its records wait. Rejects as {@link outboxOf}, and with `usage`, `profile-malformed`.
 */
export const prepareOutbox = async (
  identity: Identity | undefined,
  { network, outbox }: QueueOptions,
  restricted: boolean
): Promise<void> => {
  if (identity === undefined) return
  const owner = await ownerOf(identity, network)
  if (restricted && owner === undefined) throw ownerUnknown()
  await outboxOf(outbox)
}

const leftWords = (identity: Identity, left: readonly SealedRecord[]): readonly string[] => {
  const kinds = [...new Set(left.map(({ kind }) => kind))]
  return kinds.length === 0
    ? []
    : [
        `the role ${identity.role} may not submit ${kinds.join(', ')} records: they are in the file, for \`bims submit\` as somebody who may`
      ]
}

const stayingWords = (staying: readonly SealedRecord[]): readonly string[] =>
  staying.map(
    ({ id, kind }) =>
      `the ${kind} record ${id} came from a file that was saved as public: it goes to the ledger with that one, not with this`
  )

const queueAll = async (
  box: Outbox,
  records: readonly SealedRecord[],
  owner: string | undefined
): Promise<readonly string[]> => {
  const restricted = records.filter(({ record }) => isRestricted(record))
  const open = records.filter(({ record }) => !isRestricted(record))
  const queued = open.length === 0 ? [] : await promised(box.enqueue(open))
  if (restricted.length === 0) return queued.map(({ id }) => id)
  if (owner === undefined) throw ownerUnknown()
  return [...queued, ...(await promised(box.enqueue(restricted, { restricted: owner })))].map(({ id }) => id)
}

const queueAttachments = async (
  box: Outbox,
  { kept, left }: KeptAttachments,
  owner: string | undefined
): Promise<Pick<Queued, 'attachments' | 'warnings'>> => {
  const tooLarge = left.map(
    name => `the attachment ${name} is too large to be kept on the ledger: it is in the file alone`
  )
  if (kept.length === 0) return { attachments: [], warnings: tooLarge }
  if (owner !== undefined)
    return {
      attachments: await promised(box.attach(kept.map(attachment => ({ ...attachment, owner })))),
      warnings: tooLarge
    }
  return {
    attachments: [],
    warnings: [
      ...tooLarge,
      'the attachments are in the file alone: which organisation may keep them on the ledger is not known without the profile of its network (--network DIR)'
    ]
  }
}

/**
 * Queues those records that the role of the identity may submit; the others are left to who may (an instrument's
 * record to the steward of its organisation), with a word about it. Their attachments are queued for the private collection of the
 * identity's organisation, and so are restricted records. Rejects with `usage` where their owner is not known.
 */
export const queueRecords = async (
  file: QueuedFile,
  identity: Identity | undefined,
  options: QueueOptions
): Promise<Queued> => {
  if (identity === undefined)
    return { ids: [], attachments: [], warnings: ['nobody signed: nothing was queued for the ledger'] }
  const { going, staying } = goingAlong(file.records)
  const allowed = going.filter(({ kind }) => mayAct(identity.role, actions[kind], 'own-submission'))
  const warnings = [
    ...leftWords(
      identity,
      going.filter(record => !allowed.includes(record))
    ),
    ...stayingWords(staying)
  ]
  if (allowed.length === 0) return { ids: [], attachments: [], warnings }
  const box = await outboxOf(options.outbox)
  const owner = await ownerOf(identity, options.network)
  const ids = await queueAll(box, allowed, owner)
  const attached = await queueAttachments(
    box,
    await keptAttachments(file, allowed, options.attachmentBytes ?? defaultAttachmentBytes),
    owner
  )
  return { ids, attachments: attached.attachments, warnings: [...warnings, ...attached.warnings] }
}
