import { chunksOf, parseJson, recordBounds, type PurgeArgument } from '@bims/core'
import type { Ledger, StandingRecord } from '@bims/ledger'
import { isLeft } from 'fp-ts/lib/Either.js'
import { promised, value } from '../promise.ts'
import { namedAttachments, namedWithin } from '../restore/named-attachments.ts'

type Purged = NonNullable<PurgeArgument['attachments']>[number]

/** Copies of the attachments of a record that members of one's own organisation keep. */
const ofRecord = async (ledger: Ledger, { bytes, submissions }: StandingRecord): Promise<readonly Purged[]> => {
  const submitters = submissions.filter(({ mspId }) => mspId === ledger.mspId).map(({ enrollmentId }) => enrollmentId)
  const queue = namedAttachments(value(parseJson(bytes, recordBounds))).map(({ digest }) => digest)
  const found: Purged[] = []
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

/** The attachments that go with restricted records when these are purged. Rejects with `ledger-not-found`, `role-refused`. */
export const purgedAttachments = async (ledger: Ledger, ids: readonly string[]): Promise<readonly Purged[]> => {
  const found = new Map<string, Purged>()
  for (const id of ids)
    for (const one of await ofRecord(ledger, await promised(ledger.read(id, { restricted: true }))))
      found.set(JSON.stringify([one.digest, one.enrollmentId]), one)
  return [...found.values()]
}
