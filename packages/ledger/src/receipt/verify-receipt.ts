import {
  decodeWith,
  fromBase64,
  newError,
  ReceiptCodec,
  type BimsError,
  type JsonValue,
  type Receipt
} from '@bims/core'
import * as E from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import { readAttestation, receiptInvalid, type Attestation } from './attestation.ts'
import { checkEndorsement, type Endorser, type EndorserTrust } from './endorsement.ts'

/** How a receipt is verified: all of it is the verifier's own, nothing is taken from the receipt. */
export interface ReceiptTerms extends EndorserTrust {
  /** Name of the channel. */
  readonly channel: string
  /** Name of the BIMS chaincode on it. */
  readonly chaincode: string
}

/** What a receipt proves. */
export interface VerifiedReceipt extends Attestation {
  /** Id of the record that stands on the ledger. */
  readonly over: string
  readonly channel: string
  readonly endorsers: readonly Endorser[]
  /**
   * `consortium`: peers of two or more organisations, told apart by their roots, none of an embedded ledger. Else
   * `single-party`.
   */
  readonly trust: 'consortium' | 'single-party'
  /** When the endorsers signed is not proven by anything. */
  readonly time: 'claimed'
}

const mostEndorsements = 100

const members = ['endorsements', 'over', 'payload', 'schema']
const endorsementMembers = ['endorser', 'signature']

const hasOnly = (value: unknown, names: readonly string[]): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).every(name => names.includes(name))

// A receipt says what its peers signed and nothing else: a member beside would be in nobody's word.
const readReceipt = (value: JsonValue): E.Either<BimsError, Receipt> => {
  const receipt = decodeWith(ReceiptCodec, 'a receipt')(value)
  if (E.isLeft(receipt)) return E.left(receiptInvalid(receipt.left.what))
  const { endorsements } = receipt.right
  const closed = hasOnly(value, members) && endorsements.every(entry => hasOnly(entry, endorsementMembers))
  if (!closed) return E.left(receiptInvalid('The receipt holds members that a receipt does not have.'))
  return endorsements.length > 0 && endorsements.length <= mostEndorsements
    ? receipt
    : E.left(receiptInvalid(`A receipt has 1 to ${mostEndorsements} endorsements, not ${endorsements.length}.`))
}

const organizations = (endorsers: readonly Endorser[]): number =>
  Math.min(
    new Set(endorsers.map(({ mspId }) => mspId)).size,
    new Set(endorsers.map(({ rootThumbprint }) => rootThumbprint)).size
  )

const checkAll = async (
  receipt: Receipt,
  payload: Uint8Array,
  trust: EndorserTrust
): Promise<E.Either<BimsError, readonly Endorser[]>> => {
  const endorsers: Endorser[] = []
  for (const endorsement of receipt.endorsements) {
    const endorser = await checkEndorsement(payload, endorsement, trust)()
    if (E.isLeft(endorser)) return endorser
    endorsers.push(endorser.right)
  }
  return E.right(endorsers)
}

/**
 * Verifies a receipt with no ledger and no network: what the endorsers signed says that the record stands on the channel,
 * in which transaction and block; every endorser is a peer under a given root, and each signature holds.
 * Fails with `receipt-invalid` (also where a single endorsement does not hold), `certificate-invalid` (no root given).
 *
 * @example
 * ```ts
 * import { parseJson, parsePem, recordBounds } from '@bims/core'
 * import { verifyReceipt } from '@bims/ledger'
 * import { isRight } from 'fp-ts/lib/Either.js'
 * import { readFile } from 'node:fs/promises'
 *
 * const roots = parsePem(await readFile('lab-roots.pem', 'utf8'))
 * const receipt = parseJson(await readFile('mask.receipt.json'), recordBounds)
 * if (isRight(roots) && isRight(receipt)) {
 *   const terms = { roots: roots.right, revocations: [], channel: 'bims', chaincode: 'bims' }
 *   console.log(await verifyReceipt(receipt.right, terms)())
 * }
 * ```
 */
export const verifyReceipt =
  (value: JsonValue, terms: ReceiptTerms): TaskEither<BimsError, VerifiedReceipt> =>
  async () => {
    if (terms.roots.length === 0)
      return E.left(
        newError('certificate-invalid', 'No root certificate was given.', 'Name those that you trust with --trust.')
      )
    const receipt = readReceipt(value)
    if (E.isLeft(receipt)) return receipt
    const { over, payload: text } = receipt.right
    const { channel, chaincode } = terms
    const payload = fromBase64(text) ?? new Uint8Array()
    const attestation = readAttestation(payload, { id: over, channel, chaincode })
    if (E.isLeft(attestation)) return attestation
    const endorsers = await checkAll(receipt.right, payload, terms)
    return E.map((all: readonly Endorser[]): VerifiedReceipt => ({
      ...attestation.right,
      over,
      channel,
      endorsers: all,
      trust: organizations(all) > 1 && !all.some(({ embedded }) => embedded) ? 'consortium' : 'single-party',
      time: 'claimed'
    }))(endorsers)
  }
