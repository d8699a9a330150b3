import {
  attachmentDigest,
  concatBytes,
  decodeWith,
  fromBase64,
  parseJson,
  SaltCodec,
  toBase64,
  utf8,
  type BimsError
} from '@bims/core'
import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import type { KeptAttachment } from '../client/attachments.ts'
import { seal, unseal } from '../file/sealed-file.ts'

/** An attachment that waits for the ledger. */
export interface QueuedAttachment extends KeptAttachment {
  /** mspId of the organisation in whose private collection it is to be kept. */
  readonly owner: string
}

const attachmentSchema = 'bims.outbox-attachment/1'

interface Head {
  readonly owner: string
  readonly salt: string
  readonly mediaType?: string
  readonly name?: string
}

const HeadCodec: t.Type<Head, unknown, unknown> = t.intersection([
  t.type({ owner: t.string, salt: SaltCodec }),
  t.partial({ mediaType: t.string, name: t.string })
])

/** Name of the file of an attachment: its digest, so that one that is queued twice stands there once. */
export const attachmentName = ({ bytes, salt }: KeptAttachment): string =>
  `${attachmentDigest(salt, bytes).slice('sha256:'.length)}.attachment`

/** Tells whether a name in the folder is that of an attachment. */
export const isAttachmentName = (name: string): boolean => /^[0-9a-f]{64}\.attachment$/.test(name)

/** Digest of the attachment in a file, by its name. */
export const digestIn = (name: string): string => `sha256:${name.slice(0, 64)}`

/** The bytes of an attachment's file: sealed, a line of JSON that says whose and what it is, then its bytes. */
export const attachmentFile = ({ bytes, mediaType, name, owner, salt }: QueuedAttachment): Uint8Array => {
  const head: Head = {
    owner,
    salt: toBase64(salt),
    ...(mediaType !== undefined && { mediaType }),
    ...(name !== undefined && { name })
  }
  return seal(attachmentSchema, concatBytes(utf8(`${JSON.stringify(head)}\n`), bytes))
}

/** Reads an attachment's file; undefined where it is not as it was written. */
export const parseAttachment = (file: Uint8Array): QueuedAttachment | undefined => {
  const body = unseal(attachmentSchema, file)
  const end = body?.indexOf(0x0a) ?? -1
  if (body === undefined || end < 0) return undefined
  const head: E.Either<BimsError, Head> = E.flatMap(decodeWith(HeadCodec, 'an attachment'))(
    parseJson(body.subarray(0, end), { bytes: 64 * 1024, depth: 2 })
  )
  if (E.isLeft(head)) return undefined
  const { salt, ...rest } = head.right
  return { ...rest, salt: fromBase64(salt) ?? new Uint8Array(), bytes: body.subarray(end + 1) }
}
