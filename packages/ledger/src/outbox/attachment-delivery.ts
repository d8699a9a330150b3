import type { BimsError } from '@bims/core'
import * as E from 'fp-ts/lib/Either.js'
import { attachTo, readAttachment } from '../client/attachments.ts'
import type { Sender } from '../client/commit.ts'
import { digestIn, type QueuedAttachment } from './queued-attachment.ts'
import type { OutboxStore } from './store.ts'

/** What became of an attachment that was queued. */
export interface AttachmentDelivery {
  readonly digest: string
  readonly name?: string
  /** `queued`, `refused`: it stays in the outbox, and `error` says why. */
  readonly status: 'kept' | 'queued' | 'refused'
  readonly error?: BimsError
}

const isLater = ({ _tag }: BimsError): boolean => _tag === 'Unavailable' || _tag === 'Interrupted' || _tag === 'Io'

/** Keeps it on the ledger, where it is not kept already: a run before this one may have died in between. */
const keep = async (sender: Sender, attachment: QueuedAttachment, digest: string): Promise<BimsError | undefined> => {
  const { owner, ...kept } = attachment
  const whose = sender.submitter === undefined ? {} : { enrollmentId: sender.submitter.enrollmentId }
  if (E.isRight(await readAttachment(sender, owner, digest, whose)())) return undefined
  const attached = await attachTo(sender, owner, kept)()
  return E.isLeft(attached) ? attached.left : undefined
}

/** Delivers one; returns why nothing more can be sent now. */
const deliverOne = async (
  store: OutboxStore,
  sender: Sender,
  file: string,
  done: AttachmentDelivery[]
): Promise<BimsError | undefined> => {
  const attachment = await store.attachment(file)
  if (attachment === undefined) return undefined
  const digest = digestIn(file)
  const about = { digest, ...(attachment.name !== undefined && { name: attachment.name }) }
  const error = await keep(sender, attachment, digest)
  if (error === undefined) {
    const removed = await store.removeAttachment(file)()
    done.push({ ...about, status: 'kept' })
    return E.isLeft(removed) ? removed.left : undefined
  }
  done.push({ ...about, status: isLater(error) ? 'queued' : 'refused', error })
  return isLater(error) ? error : undefined
}

/**
 * Delivers the attachments that wait, one after another; what cannot be kept stays. `stopped`: why nothing can be sent any more. Returns
 * that, or why it stopped here.
 */
export const deliverAttachments = async (
  store: OutboxStore,
  sender: Sender,
  files: readonly string[],
  stopped: BimsError | undefined
): Promise<{ readonly attachments: readonly AttachmentDelivery[]; readonly stopped: BimsError | undefined }> => {
  const done: AttachmentDelivery[] = []
  let why = stopped
  for (const file of files) {
    if (why === undefined) why = await deliverOne(store, sender, file, done)
    else done.push({ digest: digestIn(file), status: 'queued', error: why })
  }
  return { attachments: done, stopped: why }
}
