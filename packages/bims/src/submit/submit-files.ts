import { isBimsError, isRestricted, newError, type BimsError, type ReadBundle } from '@bims/core'
import type { AttachmentDelivery, RecordDelivery } from '@bims/ledger'
import type { Outbox } from '@bims/ledger/outbox'
import { bytesIn, readFileBundle, withImage, type Watch } from '../files/open-image.ts'
import { identityOf, type Identity, type IdentityOptions } from '../identity/identity.ts'
import { promised } from '../promise.ts'
import { ledgerOf } from './ledger-access.ts'
import { outboxOf, queueRecords, type Queued } from './queue.ts'

/** How records are submitted. */
export interface SubmitOptions extends IdentityOptions, Watch {
  readonly outbox?: string
  /** Refuses files that were not saved as restricted ones. */
  readonly restricted?: boolean
  /** Most bytes of the attachments of one record that go to the ledger: 8 MiB where it is not given, 0 for none. */
  readonly attachmentBytes?: number
}

/** What became of what was submitted. */
export interface SubmitReport {
  readonly records: readonly RecordDelivery[]
  readonly attachments: readonly AttachmentDelivery[]
  readonly warnings: readonly string[]
}

const refusePublic = (file: string, { bundle }: ReadBundle): void => {
  if (!isRestricted(bundle.manifest))
    throw newError(
      'usage',
      `${file} was saved as public: the ids of its records tell of their content.`,
      'Save it anew with `bims save --restricted`, after `bims strip` where it carries its own acquisition.'
    )
}

const queueFile = (file: string, identity: Identity | undefined, options: SubmitOptions): Promise<Queued> =>
  withImage(file, async opened => {
    const { read } = await readFileBundle(opened)
    if (options.restricted === true) refusePublic(file, read)
    const { attachments } = read.bundle
    return queueRecords(
      { records: [...read.records, read.manifest], attachments, bytesAt: bytesIn(opened) },
      identity,
      options
    )
  })

/** Puts the records of files into the outbox, so that whatever happens later they are delivered. */
const queueFiles = async (files: readonly string[], options: SubmitOptions): Promise<readonly string[]> => {
  const identity = await identityOf(options)
  const warnings: string[] = []
  for (const file of files) {
    const queued = await queueFile(file, identity, options)
    warnings.push(...queued.warnings.map(warning => `${file}: ${warning}`))
  }
  return warnings
}

/** What waits in an outbox that cannot be delivered now, and why. Rejects with the problem where nothing waits. */
const waiting = async (outbox: Outbox, problem: BimsError): Promise<SubmitReport> => {
  const queued = await promised(outbox.list())
  const attached = await promised(outbox.attached())
  if (queued.length + attached.length === 0) throw problem
  const distinct = new Map(queued.map(({ id, kind }) => [id, { id, kind, status: 'queued', error: problem } as const]))
  const attachments = attached.map(digest => ({ digest, status: 'queued', error: problem }) as const)
  return { records: [...distinct.values()], attachments, warnings: [`${problem.what} ${problem.advice}`] }
}

/**
 * Delivers the outbox to the ledger, after queueing the records of the files named. With the ledger away everything
 * stays queued, and the report says so.
 * Rejects with `ledger-unreachable` where there is no network and nothing waits, `outbox-locked`, `bundle-missing`.
 */
export const submitFiles = async (files: readonly string[], options: SubmitOptions): Promise<SubmitReport> => {
  const warnings = await queueFiles(files, options)
  const outbox = await outboxOf(options.outbox)
  try {
    const access = await ledgerOf(options)
    const { deliver, seenHeight } = await import('@bims/ledger')
    try {
      const delivery = await promised(
        deliver({
          outbox,
          ledger: await access.open(),
          seen: seenHeight(outbox.dir, access.profile),
          ...(options.signal === undefined ? {} : { signal: options.signal }),
          onProgress: (done, total) => options.onProgress?.('submitting', total === 0 ? 1 : done / total)
        })
      )
      return {
        records: delivery.records,
        attachments: delivery.attachments,
        warnings: [...warnings, ...delivery.problems.map(({ advice, what }) => `${what} ${advice}`)]
      }
    } finally {
      await access.close()
    }
  } catch (error) {
    if (!isBimsError(error) || (error.code !== 'ledger-unreachable' && error.code !== 'network-not-running'))
      throw error
    const report = await waiting(outbox, error)
    return { ...report, warnings: [...warnings, ...report.warnings] }
  }
}
