import {
  attachmentBytes,
  fromBase64,
  toBase64,
  toJson,
  type Attachment,
  type Bundle,
  type BundledAttachment,
  type Opening,
  type SealedRecord
} from '@bims/core'
import { isRight } from 'fp-ts/lib/Either.js'
import { namedAttachments, namedWithin } from '../restore/named-attachments.ts'

/** What a bundle holds beside records: it is the only place where withheld values are opened. */
export interface HeldBeside {
  readonly attachments: readonly BundledAttachment[]
  readonly openings: readonly Opening[]
}

/** The attachments that records name, and those that lists name which were moved into attachments. */
const named = (bundled: readonly BundledAttachment[], records: readonly SealedRecord[]): readonly Attachment[] => {
  const own = records.flatMap(({ record }) => namedAttachments(toJson(record)))
  const within = own.flatMap(({ digest, mediaType }) => {
    const bytes = fromBase64(bundled.find(entry => entry.digest === digest)?.bytes ?? '')
    return bytes === undefined ? [] : namedWithin({ bytes, mediaType })
  })
  return [...own, ...within]
}

/** Texts of records and of the lists that were moved out of them: in either a withheld value may stand. */
const textsOf = ({ attachments }: Pick<Bundle, 'attachments'>, records: readonly SealedRecord[]): string => {
  const lists = records
    .flatMap(({ record }) => namedAttachments(toJson(record)))
    .filter(({ mediaType }) => mediaType === 'application/json')
    .map(({ digest }) => fromBase64(attachments.find(entry => entry.digest === digest)?.bytes ?? ''))
  return [
    JSON.stringify(records.map(({ record }) => record)),
    ...lists.map(bytes => new TextDecoder().decode(bytes))
  ].join('\n')
}

/** What a bundle holds beside some of its records. */
export const heldFor = (
  bundle: Pick<Bundle, 'attachments' | 'openings'>,
  records: readonly SealedRecord[]
): HeldBeside => {
  const digests = new Set(named(bundle.attachments, records).map(({ digest }) => digest))
  const told = textsOf(bundle, records)
  return {
    attachments: bundle.attachments.filter(({ digest }) => digests.has(digest)),
    openings: bundle.openings.filter(({ withheld }) => told.includes(withheld))
  }
}

/**
 * The same attachments with their bytes, for a file in which these do not stand. One that does not stand in the first file any more, or was
 * changed there, is left out: it is told as absent, not as damaged.
 */
export const withBytes = async (
  attachments: readonly BundledAttachment[],
  records: readonly SealedRecord[],
  inFile: (at: string) => Promise<Uint8Array | undefined>
): Promise<readonly BundledAttachment[]> => {
  const byDigest = new Map(named(attachments, records).map(attachment => [attachment.digest, attachment]))
  const filled = attachments.map(async (entry): Promise<readonly BundledAttachment[]> => {
    if (entry.bytes !== undefined) return [entry]
    const attachment = byDigest.get(entry.digest)
    const bytes = attachment?.at === undefined ? undefined : await inFile(attachment.at)
    if (attachment === undefined || bytes === undefined) return []
    const copied = { ...entry, bytes: toBase64(bytes) }
    return isRight(attachmentBytes(attachment, [copied])) ? [copied] : []
  })
  return (await Promise.all(filled)).flat()
}
