import type { Ledger, StandingRecord } from '@bims/ledger'
import { promised } from '../promise.ts'

/** Records of one submitter. */
export interface SubmittersRecords {
  readonly enrollmentId: string
  readonly ids: readonly string[]
}

/** Whose submission is meant where nobody is named: one's own, else that of somebody of the organisation. */
const submitterOf = ({ mspId, sender }: Ledger, { submissions }: StandingRecord): string | undefined => {
  const own = submissions.filter(one => one.mspId === mspId && one.shared !== true)
  const mine = own.find(({ enrollmentId }) => enrollmentId === sender.submitter?.enrollmentId)
  return (mine ?? own[0])?.enrollmentId
}

/**
 * Parts restricted records by who submitted them: an instrument and a scientist may both have submitted records of one file, and each
 * transaction is about the submissions of one. `named`: whose are meant, of all. Rejects with `ledger-not-found`, `role-refused`.
 */
export const bySubmitter = async (
  ledger: Ledger,
  ids: readonly string[],
  named: string | undefined
): Promise<readonly SubmittersRecords[]> => {
  if (named !== undefined) return [{ enrollmentId: named, ids }]
  const groups = new Map<string, string[]>()
  for (const id of ids) {
    const standing = await promised(ledger.read(id, { restricted: true }))
    // What others shared is not one's own to share: the ledger says so for oneself.
    const enrollmentId = submitterOf(ledger, standing) ?? ledger.sender.submitter?.enrollmentId ?? ''
    groups.set(enrollmentId, [...(groups.get(enrollmentId) ?? []), id])
  }
  return [...groups].map(([enrollmentId, own]) => ({ enrollmentId, ids: own }))
}
