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
import { listType, namedAttachments, namedWithin } from '../restore/named-attachments.ts'

/** What a bundle holds beside records: it is the only place where withheld values are opened. */
export interface HeldBeside {
  readonly attachments: readonly BundledAttachment[]
  readonly openings: readonly Opening[]
}

type Bundled = readonly BundledAttachment[]

const ownOf = (records: readonly SealedRecord[]): readonly Attachment[] =>
  records.flatMap(({ record }) => namedAttachments(toJson(record)))

/** Lists of records that were moved into attachments, as far as a bundle holds them. */
const listsIn = (
  bundled: Bundled,
  own: readonly Attachment[]
): readonly { readonly bytes: Uint8Array; readonly mediaType: string }[] =>
  own.flatMap(({ digest, mediaType }) => {
    const text = bundled.find(entry => entry.digest === digest)?.bytes
    const bytes = text === undefined || mediaType !== listType ? undefined : fromBase64(text)
    return bytes === undefined ? [] : [{ bytes, mediaType }]
  })

/** What a bundle holds beside some of its records: what these name, and the lists that were moved out of them. */
export const heldFor = (
  { attachments, openings }: Pick<Bundle, 'attachments' | 'openings'>,
  records: readonly SealedRecord[]
): HeldBeside => {
  const own = ownOf(records)
  const lists = listsIn(attachments, own)
  const digests = new Set([...own, ...lists.flatMap(namedWithin)].map(({ digest }) => digest))
  const texts = lists.map(({ bytes }) => new TextDecoder().decode(bytes))
  const told = [JSON.stringify(records.map(({ record }) => record)), ...texts].join('\n')
  return {
    attachments: attachments.filter(({ digest }) => digests.has(digest)),
    openings: openings.filter(({ withheld }) => told.includes(withheld))
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
  const own = ownOf(records)
  const named = [...own, ...listsIn(attachments, own).flatMap(namedWithin)]
  const byDigest = new Map(named.map(attachment => [attachment.digest, attachment]))
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
