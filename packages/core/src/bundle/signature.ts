import * as E from 'fp-ts/lib/Either.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { newError, type BimsError } from '../errors.ts'
import { concatBytes, fromBase64, toBase64, utf8 } from '../json/bytes.ts'
import type { Signature } from './bundle.ts'
import { parseCertificate, verifyChain, type Certificate } from './certificate.ts'
import { fromDerSignature } from './ecdsa.ts'
import type { RecordKind, SealedRecord } from './record.ts'

/** Who signs: a certificate chain and the key of its leaf. */
export interface Signer {
  /** DER, leaf first, without the root. */
  readonly certificates: readonly Uint8Array[]
  /** ECDSA on P-256 over SHA-256 of the message; DER, low-S. Fails with `identity-malformed`. */
  readonly sign: (message: Uint8Array) => TE.TaskEither<BimsError, Uint8Array>
}

/** Payload type of DSSE for a kind of record. */
export const payloadType = (kind: RecordKind): string => `application/vnd.bims.${kind}+json`

/** Pre-authentication encoding of DSSE v1 (secure-systems-lab/dsse, protocol.md). */
export const preAuthenticationEncoding = (type: string, payload: Uint8Array): Uint8Array => {
  const typeBytes = utf8(type)
  return concatBytes(utf8(`DSSEv1 ${typeBytes.length} `), typeBytes, utf8(` ${payload.length} `), payload)
}

/** Signs a sealed record. Fails as the signer does. */
export const signRecord = (sealed: SealedRecord, signer: Signer): TE.TaskEither<BimsError, Signature> =>
  TE.map((signature: Uint8Array): Signature => ({
    over: sealed.id,
    algorithm: 'ecdsa-p256-sha256',
    certificates: signer.certificates.map(toBase64),
    signature: toBase64(signature)
  }))(signer.sign(preAuthenticationEncoding(payloadType(sealed.kind), sealed.bytes)))

/** What a valid signature tells. */
export interface VerifiedSignature {
  readonly over: string
  /** Subject of the signer's certificate. */
  readonly signer: string
  /** Subject of the given root that the chain leads to; undefined where no roots were given. */
  readonly root?: string
}

const bad = (what: string): BimsError =>
  newError('signature-invalid', what, 'What is signed or the signature was changed after saving.')

const chainOf = (signature: Signature): E.Either<BimsError, readonly Certificate[]> => {
  const chain: Certificate[] = []
  for (const text of signature.certificates.slice(0, 11)) {
    const parsed = E.flatMap(parseCertificate)(E.fromNullable(bad('A certificate is not base64.'))(fromBase64(text)))
    if (E.isLeft(parsed)) return parsed
    chain.push(parsed.right)
  }
  return E.right(chain)
}

const matches = async (leaf: Certificate, raw: Uint8Array, message: Uint8Array): Promise<boolean> => {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  try {
    const key = await crypto.subtle.importKey('spki', leaf.publicKey.rawData, algorithm, false, ['verify'])
    return await crypto.subtle.verify(algorithm, key, Uint8Array.from(raw), Uint8Array.from(message))
  } catch {
    return false
  }
}

/**
 * Verifies a signature over a record and, where roots are given, the chain of its certificates to one of them.
 * Fails with `signature-invalid`, `certificate-invalid`.
 */
export const verifySignature =
  (
    signature: Signature,
    sealed: SealedRecord,
    roots: readonly Certificate[]
  ): TE.TaskEither<BimsError, VerifiedSignature> =>
  async () => {
    const chain = chainOf(signature)
    if (E.isLeft(chain)) return chain
    const [leaf] = chain.right
    const raw = fromDerSignature(fromBase64(signature.signature) ?? new Uint8Array())
    if (leaf === undefined) return E.left(bad('The signature brings no certificate.'))
    if (signature.over !== sealed.id)
      return E.left(bad(`The signature is over ${signature.over}, not over ${sealed.id}.`))
    if (raw === undefined) return E.left(bad('The signature is not strict DER with a low S.'))
    const message = preAuthenticationEncoding(payloadType(sealed.kind), sealed.bytes)
    if (!(await matches(leaf, raw, message)))
      return E.left(bad(`The signature of ${leaf.subject} does not match the ${sealed.kind} record ${sealed.id}.`))
    if (roots.length === 0) return E.right({ over: sealed.id, signer: leaf.subject })
    const root = await verifyChain(chain.right, roots)()
    return E.map((found: Certificate) => ({ over: sealed.id, signer: leaf.subject, root: found.subject }))(root)
  }
