import { chunksOf, parseJson, recordBounds, sharedBy, type PurgeArgument } from '@bims/core'
import type { Ledger, StandingRecord } from '@bims/ledger'
import { isLeft } from 'fp-ts/lib/Either.js'
import { promised, value } from '../promise.ts'
import { namedAttachments, namedWithin } from '../restore/named-attachments.ts'

/** A copy of an attachment in the private collection of one's own organisation. */
type AttachmentCopy = NonNullable<PurgeArgument['attachments']>[number]

/** Copies of the attachments of a record, of members of one's own organisation and of those that others shared with it. */
const ofRecord = async (ledger: Ledger, { bytes, submissions }: StandingRecord): Promise<readonly AttachmentCopy[]> => {
  const submitters = submissions.map(({ mspId, enrollmentId }) =>
    mspId === ledger.mspId ? enrollmentId : sharedBy(mspId, enrollmentId)
  )
  const queue = namedAttachments(value(parseJson(bytes, recordBounds))).map(({ digest }) => digest)
  const found: AttachmentCopy[] = []
  for (const digest of queue) {
    for (const enrollmentId of submitters) {
      const kept = await ledger.attachment(digest, { enrollmentId })()
      if (isLeft(kept)) {
        if (kept.left.code !== 'ledger-not-found' && kept.left.code !== 'attachment-digest') throw kept.left
        continue
      }
      found.push({ digest, enrollmentId, chunks: chunksOf(kept.right.bytes.length) })
      for (const named of namedWithin(kept.right)) if (!queue.includes(named.digest)) queue.push(named.digest)
    }
  }
  return found
}

/** The copies of the attachments that go with restricted records when these are shared or purged. Rejects with `ledger-not-found`, `role-refused`. */
export const recordAttachments = async (ledger: Ledger, ids: readonly string[]): Promise<readonly AttachmentCopy[]> => {
  const found = new Map<string, AttachmentCopy>()
  for (const id of ids)
    for (const one of await ofRecord(ledger, await promised(ledger.read(id, { restricted: true }))))
      found.set(JSON.stringify([one.digest, one.enrollmentId]), one)
  return [...found.values()]
}
