import {
  attachmentDigest,
  canonicalBytes,
  canonicalText,
  chunkEntry,
  chunksOf,
  concatBytes,
  fromBase64,
  headerEntry,
  ledgerLimits,
  newError,
  ReadAttachmentAnswerCodec,
  toBase64,
  toJson,
  type AttachmentHeader,
  type AttachmentShare,
  type BimsError,
  type ReadAttachmentAnswer
} from '@bims/core'
import * as E from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import { decodeAnswer } from './answer.ts'
import { untilArrived } from './arrival.ts'
import { commitCall, keepNothing, type Sender } from './commit.ts'
import type { SubmissionsOf } from './restricted.ts'

/** Bytes that are kept beside records, in the private collection of an organisation. */
export interface KeptAttachment {
  /** 16 random bytes: the digest is over them too, so that it tells nothing of bytes that could be guessed. */
  readonly salt: Uint8Array
  readonly bytes: Uint8Array
  readonly mediaType?: string
  readonly name?: string
}

/** An attachment as the ledger keeps it. */
export interface StandingAttachment extends KeptAttachment {
  readonly digest: string
  /** Whose copy it is. */
  readonly enrollmentId: string
}

const { chunkBytes, chunksPerTransaction } = ledgerLimits

const chunkAt = (bytes: Uint8Array, n: number): Uint8Array => bytes.subarray(n * chunkBytes, (n + 1) * chunkBytes)

const headerOf = ({ salt, bytes, mediaType, name }: KeptAttachment): Uint8Array => {
  const header: AttachmentHeader = {
    salt: toBase64(salt),
    size: bytes.length,
    chunks: chunksOf(bytes.length),
    ...(mediaType !== undefined && { mediaType }),
    ...(name !== undefined && { name })
  }
  return canonicalBytes(toJson(header))
}

const sendChunks = async (
  sender: Sender,
  owner: string,
  attachment: KeptAttachment,
  digest: string,
  share?: AttachmentShare
): Promise<E.Either<BimsError, undefined>> => {
  const { bytes } = attachment
  const chunks = chunksOf(bytes.length)
  for (let first = 0; first === 0 || first < chunks; first += chunksPerTransaction) {
    const count = Math.min(chunksPerTransaction, chunks - first)
    const entries = Array.from({ length: count }, (_, i) => [chunkEntry(first + i), chunkAt(bytes, first + i)] as const)
    const call = {
      transaction: 'Attach',
      argument: canonicalText(
        toJson({ owner, digest, size: bytes.length, chunks, first, count, ...(share !== undefined && { share }) })
      ),
      transient: { ...Object.fromEntries(entries), ...(first === 0 && { [headerEntry]: headerOf(attachment) }) },
      organizations: [share?.receiver ?? owner]
    }
    const once = commitCall(sender, call, keepNothing)
    // What is shared was just read at a peer of one's own: those of the receiver may be behind that.
    const committed = await (share === undefined ? once : untilArrived(sender, true, once))()
    if (E.isLeft(committed)) return committed
  }
  return E.right(undefined)
}

const decode = decodeAnswer(ReadAttachmentAnswerCodec)

const bytesOf = (chunks: readonly string[]): readonly Uint8Array[] =>
  chunks.map(chunk => fromBase64(chunk) ?? new Uint8Array())

const checked = (
  digest: string,
  { enrollmentId, header }: ReadAttachmentAnswer,
  chunks: readonly Uint8Array[]
): E.Either<BimsError, StandingAttachment> => {
  const { mediaType, name } = header
  const [salt, bytes] = [fromBase64(header.salt) ?? new Uint8Array(), concatBytes(...chunks)]
  return attachmentDigest(salt, bytes) === digest
    ? E.right({
        digest,
        enrollmentId,
        salt,
        bytes,
        ...(mediaType !== undefined && { mediaType }),
        ...(name !== undefined && { name })
      })
    : E.left(
        newError(
          'attachment-digest',
          `What ${enrollmentId} keeps under ${digest} does not match it.`,
          'Ask for the copy of another submitter; who keeps this one is named.'
        )
      )
}

/**
 * Reads an attachment of the caller's organisation and checks it against its digest.
 * Fails with `ledger-not-found`, `role-refused`, `attachment-digest`, `ledger-unreachable`, `ledger-timeout`.
 */
export const readAttachment =
  (
    sender: Sender,
    owner: string,
    digest: string,
    { enrollmentId }: SubmissionsOf = {}
  ): TaskEither<BimsError, StandingAttachment> =>
  async () => {
    const chunks: Uint8Array[] = []
    for (let whose = enrollmentId; ;) {
      const argument = canonicalText({
        owner,
        digest,
        first: chunks.length,
        count: chunksPerTransaction,
        ...(whose !== undefined && { enrollmentId: whose })
      })
      const part = E.flatMap(decode)(
        await sender.connection.evaluate('ReadAttachment', argument, { organizations: [owner] })()
      )
      if (E.isLeft(part)) return part
      // All parts are of one copy: several may keep other bytes under the same digest, and say so.
      whose = part.right.enrollmentId
      chunks.push(...bytesOf(part.right.chunks))
      if (chunks.length >= part.right.header.chunks || part.right.chunks.length === 0)
        return checked(digest, part.right, chunks)
    }
  }

/**
 * Keeps an attachment in the private collection of the caller's organisation, a few chunks a transaction, and reads it back.
 * Fails as {@link readAttachment}, and with `transaction-too-large` for more than 1 GiB.
 */
export const attachTo =
  (sender: Sender, owner: string, attachment: KeptAttachment): TaskEither<BimsError, StandingAttachment> =>
  async () => {
    const { bytes, salt } = attachment
    if (chunksOf(bytes.length) > ledgerLimits.chunksPerAttachment)
      return E.left(
        newError('transaction-too-large', `The attachment has ${bytes.length} bytes.`, 'Keep at most 1 GiB in one.')
      )
    const digest = attachmentDigest(salt, bytes)
    const sent = await sendChunks(sender, owner, attachment, digest)
    if (E.isLeft(sent)) return sent
    const whose = sender.submitter === undefined ? {} : { enrollmentId: sender.submitter.enrollmentId }
    return untilArrived(sender, true, readAttachment(sender, owner, digest, whose))()
  }

/**
 * Lets another organisation have an attachment that the caller's keeps: the same bytes in its own collection, under the name
 * `<owner>/<enrolment id>`, endorsed by one of its peers. Fails as {@link readAttachment}.
 */
export const shareAttachment =
  (
    sender: Sender,
    owner: string,
    digest: string,
    receiver: string,
    whose: SubmissionsOf = {}
  ): TaskEither<BimsError, StandingAttachment> =>
  async () => {
    const kept = await readAttachment(sender, owner, digest, whose)()
    if (E.isLeft(kept)) return kept
    const { enrollmentId } = kept.right
    const sent = await sendChunks(sender, owner, kept.right, digest, { receiver, enrollmentId })
    return E.map(() => kept.right)(sent)
  }
