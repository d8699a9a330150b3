import {
  concatBytes,
  fromBase64,
  verifyChain,
  type BimsError,
  type Certificate,
  type ReceiptEndorsement
} from '@bims/core'
import * as E from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import { parseIdentity, roleOf } from '../membership/identity.ts'
import { isRevoked, type RevocationList } from '../membership/revocation.ts'
import { isSignedBy, keyOf } from '../membership/signature.ts'
import { embeddedMarkerOid } from '../profile/marker.ts'
import { receiptInvalid } from './attestation.ts'

/** A peer that vouches, and under which root. */
export interface Endorser {
  readonly mspId: string
  /** Subject of the peer's certificate. */
  readonly subject: string
  /** Subject of the given root that it leads to. */
  readonly root: string
  /** SHA-256 of that root in hex: what tells organisations apart, since names can be claimed. */
  readonly rootThumbprint: string
  /** Its certificate was made by an embedded ledger: one machine, one owner. */
  readonly embedded: boolean
}

/** Whom a verifier trusts. */
export interface EndorserTrust {
  readonly roots: readonly Certificate[]
  readonly revocations: readonly RevocationList[]
}

const bad = (what: string): E.Either<BimsError, never> => E.left(receiptInvalid(what))

const isMarked = (certificate: Certificate): boolean => certificate.getExtension(embeddedMarkerOid) !== null

const thumbprint = async (certificate: Certificate): Promise<string> =>
  Buffer.from(await certificate.getThumbprint('SHA-256')).toString('hex')

const signatureProblem = (
  certificate: Certificate,
  payload: Uint8Array,
  endorser: Uint8Array,
  signature: Uint8Array
): string | undefined => {
  const key = keyOf(certificate)
  if (key === undefined) return 'does not have a key on P-256'
  return isSignedBy(key, concatBytes(payload, endorser), signature) ? undefined : 'did not sign this'
}

/**
 * Checks one endorsement: the signature over payload ‖ endorser, the endorser's certificate to one of the roots at the
 * start of its validity, its role, and that no given list revokes it. Fails with `receipt-invalid`.
 */
export const checkEndorsement =
  (payload: Uint8Array, endorsement: ReceiptEndorsement, trust: EndorserTrust): TaskEither<BimsError, Endorser> =>
  async () => {
    const endorser = fromBase64(endorsement.endorser)
    const signature = fromBase64(endorsement.signature)
    const identity = endorser === undefined ? undefined : parseIdentity(Buffer.from(endorser))
    if (endorser === undefined || signature === undefined || identity === undefined)
      return bad('An endorser of the receipt cannot be read.')
    const { certificate, mspId } = identity
    const problem = signatureProblem(certificate, payload, endorser, signature)
    if (problem !== undefined) return bad(`The endorser ${certificate.subject} ${problem}.`)
    if (roleOf(certificate) !== 'peer') return bad(`The endorser ${certificate.subject} is not a peer.`)
    const root = await verifyChain([certificate], trust.roots)()
    if (E.isLeft(root)) return bad(root.left.what)
    if (isRevoked(certificate, trust.roots, trust.revocations))
      return bad(`The certificate of the endorser ${certificate.subject} was revoked.`)
    return E.right({
      mspId,
      subject: certificate.subject,
      root: root.right.subject,
      rootThumbprint: await thumbprint(root.right),
      embedded: isMarked(certificate) || isMarked(root.right)
    })
  }
