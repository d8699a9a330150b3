import { canonicalBytes, newError, newLedgerRecord, toJson } from '@bims/core'
import type { Ledger, RestrictedOutcome } from '@bims/ledger'
import type { IdentityOptions } from '../identity/identity.ts'
import { promised, value } from '../promise.ts'
import { ledgerOf, type LedgerAccess } from '../submit/ledger-access.ts'

/** Whose submissions are meant. */
export interface ActOptions extends IdentityOptions {
  /** Enrolment id of who submitted; oneself where it is not given. */
  readonly of?: string
}

/** What was done to a record. */
export interface ActedRecord {
  readonly id: string
  readonly block: number
  readonly transaction: string
}

/** What was done. */
export interface ActReport {
  readonly records: readonly ActedRecord[]
}

/** Whose submission of a record is superseded or withdrawn, and why. */
export interface MarkOptions extends ActOptions {
  readonly reason?: string
}

const withLedger = async <A>(
  options: IdentityOptions,
  act: (ledger: Ledger, access: LedgerAccess) => Promise<A>
): Promise<A> => {
  const access = await ledgerOf(options)
  try {
    return await act(await access.open(), access)
  } finally {
    await access.close()
  }
}

const reportOf = (outcomes: readonly RestrictedOutcome[]): ActReport => ({
  records: outcomes.map(({ id, block, transaction }) => ({ id, block, transaction }))
})

const whose = ({ of }: ActOptions): { readonly enrollmentId?: string } => (of === undefined ? {} : { enrollmentId: of })

/**
 * Lets another organisation (by name or mspId) have restricted records. It cannot be taken back.
 * Rejects with `ledger-not-found`, `role-refused`, `ledger-unreachable`, `usage`.
 */
export const share = (ids: readonly string[], receiver: string, options: ActOptions = {}): Promise<ActReport> =>
  withLedger(options, async (ledger, { profile }) => {
    const organization = profile.organizations.find(({ name, mspId }) => name === receiver || mspId === receiver)
    if (organization === undefined)
      throw newError(
        'usage',
        `The network has no organisation ${receiver}.`,
        `Its organisations are ${profile.organizations.map(({ name }) => name).join(', ')}.`
      )
    return reportOf(await promised(ledger.share(ids, organization.mspId, whose(options))))
  })

/** Makes restricted records public, byte for byte. Rejects as {@link share}. */
export const release = (ids: readonly string[], options: ActOptions = {}): Promise<ActReport> =>
  withLedger(options, async ledger => reportOf(await promised(ledger.release(ids, whose(options)))))

/** Purges restricted records of one's own organisation, as its steward. Only their hashes stay. Rejects as {@link share}. */
export const purge = (ids: readonly string[], options: IdentityOptions = {}): Promise<ActReport> =>
  withLedger(options, async ledger => reportOf(await promised(ledger.purge(ids))))

interface MarkContent {
  readonly schema: string
  readonly target: string
  readonly replacement?: string
}

const mark = (content: MarkContent, { of, reason, ...options }: MarkOptions): Promise<ActReport> =>
  withLedger(options, async ledger => {
    const submission = of === undefined ? {} : { submission: { mspId: ledger.mspId, enrollmentId: of } }
    const record = { ...content, ...submission, ...(reason === undefined ? {} : { reason }) }
    const made = value(newLedgerRecord(canonicalBytes(toJson(record))))
    const [outcome] = await promised(ledger.submit([made]))
    if (outcome?.block === undefined || outcome.transaction === undefined)
      throw outcome?.error ?? newError('unexpected', 'The ledger told no outcome.', 'Please report it.')
    return { records: [{ id: outcome.id, block: outcome.block, transaction: outcome.transaction }] }
  })

/** Says that a newer record takes the place of a submission. Rejects with `ledger-not-found`, `role-refused`, `ledger-unreachable`. */
export const supersede = (target: string, replacement: string, options: MarkOptions = {}): Promise<ActReport> =>
  mark({ schema: 'bims.supersede/1', target, replacement }, options)

/** Says that a submission should no longer be relied on; it stays on the ledger. Rejects as {@link supersede}. */
export const withdraw = (target: string, options: MarkOptions = {}): Promise<ActReport> =>
  mark({ schema: 'bims.withdraw/1', target }, options)
