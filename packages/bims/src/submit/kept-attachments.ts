import {
  attachmentDigest,
  fromBase64,
  toJson,
  type Attachment,
  type BundledAttachment,
  type JsonValue,
  type SealedRecord
} from '@bims/core'
import type { KeptAttachment } from '@bims/ledger/outbox'
import { namedAttachments, namedWithin } from '../restore/named-attachments.ts'

/** Most bytes of the attachments of one record that go to the ledger, where the owner sets nothing else. */
export const defaultAttachmentBytes = 8 * 1024 * 1024

/** A saved file as far as its attachments need it. */
export interface AttachedFile {
  /** What its bundle holds. */
  readonly attachments: readonly BundledAttachment[]
  /** Bytes that already stand in the image file; undefined where they do not. */
  readonly bytesAt: (at: string) => Promise<Uint8Array | undefined>
}

/** Attachments that go to the ledger, and names of those that stay with the file alone. */
export interface KeptAttachments {
  readonly kept: readonly KeptAttachment[]
  readonly left: readonly string[]
}

/** An attachment of the file with its bytes; undefined where it stays with its owner, or is not what the record says. */
const read = async (file: AttachedFile, named: Attachment): Promise<KeptAttachment | undefined> => {
  const entry = file.attachments.find(({ digest }) => digest === named.digest)
  const salt = entry === undefined ? undefined : fromBase64(entry.salt)
  if (entry === undefined || salt === undefined) return undefined
  const own = entry.bytes === undefined ? undefined : fromBase64(entry.bytes)
  const bytes = own ?? (named.at === undefined ? undefined : await file.bytesAt(named.at))
  if (bytes === undefined || attachmentDigest(salt, bytes) !== named.digest) return undefined
  return { salt, bytes, mediaType: named.mediaType, name: named.name }
}

/** Attachments of one record, the small ones first, as many as fit. */
const ofRecord = async (file: AttachedFile, record: JsonValue, most: number): Promise<KeptAttachments> => {
  const queue = [...namedAttachments(record)]
  const found = new Map<string, KeptAttachment>()
  for (const named of queue) {
    const attachment = found.has(named.digest) ? undefined : await read(file, named)
    if (attachment === undefined) continue
    found.set(named.digest, attachment)
    queue.push(...namedWithin(attachment))
  }
  const kept: KeptAttachment[] = []
  const left: string[] = []
  let room = most
  for (const attachment of [...found.values()].sort((a, b) => a.bytes.length - b.bytes.length)) {
    room -= attachment.bytes.length
    if (room >= 0) kept.push(attachment)
    else left.push(`${attachment.name ?? ''} (${attachment.bytes.length} bytes)`)
  }
  return { kept, left }
}

/** The attachments of records that go to the ledger with them: of each record up to `most` bytes. */
export const keptAttachments = async (
  file: AttachedFile,
  records: readonly SealedRecord[],
  most: number
): Promise<KeptAttachments> => {
  const parts: KeptAttachments[] = []
  for (const { record } of records) parts.push(await ofRecord(file, toJson(record), most))
  return { kept: parts.flatMap(({ kept }) => kept), left: parts.flatMap(({ left }) => left) }
}
