import { canonicalBytes, newError, newLedgerRecord, toBase64, toJson } from '@bims/core'
import type { Ledger, RestrictedOutcome } from '@bims/ledger'
import { isRight } from 'fp-ts/lib/Either.js'
import type { IdentityOptions } from '../identity/identity.ts'
import { production } from '../production.ts'
import { promised, value } from '../promise.ts'
import { ledgerOf, type LedgerAccess } from '../submit/ledger-access.ts'
import { namedRecords } from './named-records.ts'
import { recordAttachments } from './record-attachments.ts'
import { bySubmitter, type SubmittersRecords } from './submitters.ts'

/** Whose submissions are meant. */
export interface ActOptions extends IdentityOptions {
  /** Enrolment id of who submitted; where it is not given oneself, or else whoever of the organisation did. */
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

/** What was shared or purged. */
export interface AttachedReport extends ActReport {
  /** Digests of the attachments that went with the records. */
  readonly attachments: readonly string[]
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

/** Acts on the submissions of one after another, of whatever is named: ids, or saved files. */
const onSubmissions = async (
  ledger: Ledger,
  names: readonly string[],
  { of }: ActOptions,
  act: (records: SubmittersRecords) => Promise<readonly RestrictedOutcome[]>
): Promise<ActReport> => {
  const outcomes: RestrictedOutcome[] = []
  for (const records of await bySubmitter(ledger, await namedRecords(names), of)) outcomes.push(...(await act(records)))
  return reportOf(outcomes)
}

/**
 * Lets another organisation (by name or mspId) have restricted records: those with these ids, or all of saved files, and the attachments
 * that the ledger keeps of them. It cannot be taken back.
 * Rejects with `ledger-not-found`, `role-refused`, `ledger-unreachable`, `usage`.
 */
export const share = (names: readonly string[], receiver: string, options: ActOptions = {}): Promise<AttachedReport> =>
  withLedger(options, async (ledger, { profile }) => {
    const organization = profile.organizations.find(({ name, mspId }) => name === receiver || mspId === receiver)
    if (organization === undefined)
      throw newError(
        'usage',
        `The network has no organisation ${receiver}.`,
        `Its organisations are ${profile.organizations.map(({ name }) => name).join(', ')}.`
      )
    const attachments = new Set<string>()
    const report = await onSubmissions(ledger, names, options, async ({ enrollmentId, ids }) => {
      const outcomes = await promised(ledger.share(ids, organization.mspId, { enrollmentId }))
      for (const copy of await recordAttachments(ledger, ids)) {
        if (copy.enrollmentId !== enrollmentId) continue
        await promised(ledger.shareAttachment(copy.digest, organization.mspId, { enrollmentId }))
        attachments.add(copy.digest)
      }
      return outcomes
    })
    return { ...report, attachments: [...attachments] }
  })

/** Makes restricted records public, byte for byte: those with these ids, or all of saved files. Rejects as {@link share}. */
export const release = (names: readonly string[], options: ActOptions = {}): Promise<ActReport> =>
  withLedger(options, ledger =>
    onSubmissions(ledger, names, options, ({ enrollmentId, ids }) => promised(ledger.release(ids, { enrollmentId })))
  )

/**
 * Purges restricted records of one's own organisation, and their attachments, as its steward: those with these ids, or all of saved
 * files. Only their hashes stay. Rejects as {@link share}.
 */
export const purge = (names: readonly string[], options: IdentityOptions = {}): Promise<AttachedReport> =>
  withLedger(options, async ledger => {
    const ids = await namedRecords(names)
    const attachments = await recordAttachments(ledger, ids)
    const outcomes = await promised(ledger.purge(ids, attachments.length === 0 ? {} : { attachments }))
    return { ...reportOf(outcomes), attachments: [...new Set(attachments.map(({ digest }) => digest))] }
  })

interface MarkContent {
  readonly schema: string
  readonly target: string
  readonly replacement?: string
}

/** Whether a record stands in the private collection and nowhere else: what is said of it is then restricted too. */
const standsRestrictedOnly = async (ledger: Ledger, id: string): Promise<boolean> => {
  const open = await ledger.read(id)()
  if (isRight(open) || open.left.code !== 'ledger-not-found') return false
  return isRight(await ledger.read(id, { restricted: true })())
}

const mark = (content: MarkContent, { of, reason, ...options }: MarkOptions): Promise<ActReport> =>
  withLedger(options, async ledger => {
    const submission = of === undefined ? {} : { submission: { mspId: ledger.mspId, enrollmentId: of } }
    const restricted = await standsRestrictedOnly(ledger, content.target)
    const salt = restricted ? { salt: toBase64(production.random(16)) } : {}
    const record = { ...content, ...submission, ...(reason === undefined ? {} : { reason }), ...salt }
    const made = value(newLedgerRecord(canonicalBytes(toJson(record))))
    const [outcome] = await promised(ledger.submit([made], { restricted }))
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
