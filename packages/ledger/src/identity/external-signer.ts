import { createHash, verify, X509Certificate } from 'node:crypto'
import { fromDerSignature, isBimsError, newError, toDerSignature, type BimsError, type Signer } from '@bims/core'
import * as E from 'fp-ts/lib/Either.js'

/** What is to be signed, in both forms that those who sign elsewhere ask for. */
export interface SigningRequest {
  /** The bytes themselves. */
  readonly message: Uint8Array
  /** SHA-256 of them. */
  readonly digest: Uint8Array
}

const malformed = (what: string, cause?: unknown): BimsError =>
  newError('identity-malformed', what, 'Check that the key belongs to the first certificate, and is on P-256.', {
    cause
  })

// r ‖ s of fixed width, or DER; of either only the form with a low s is taken by Fabric.
const normalized = (signature: Uint8Array): Uint8Array | undefined => {
  if (signature.length === 64) return toDerSignature(signature)
  return fromDerSignature(signature) === undefined ? undefined : signature
}

const signedBy =
  (leaf: X509Certificate, elsewhere: (request: SigningRequest) => Promise<Uint8Array>): Signer['sign'] =>
  message =>
  async () => {
    try {
      const given = await elsewhere({ message, digest: createHash('sha256').update(message).digest() })
      const signature = normalized(given)
      return signature !== undefined && verify('sha256', message, leaf.publicKey, signature)
        ? E.right(signature)
        : E.left(malformed('The signature that came back does not match the certificate.'))
    } catch (cause) {
      return E.left(isBimsError(cause) ? cause : malformed('Whoever holds the key did not sign.', cause))
    }
  }

/**
 * An identity whose key is elsewhere: in a security module, behind a service, or with a person who signs offline. `elsewhere` gets the
 * bytes and their digest and gives the ECDSA signature on P-256 over SHA-256, as r ‖ s (64 bytes) or DER with a low s; it may take
 * as long as it needs. Each signature is checked against the certificate before it is used.
 * `certificates`: DER, leaf first. Fails with `identity-malformed`; so does its `sign`.
 *
 * @example
 * ```ts
 * import { externalSigner, openLedger, type Profile } from '@bims/ledger'
 *
 * export const openSignedElsewhere = (profile: Profile, leaf: Uint8Array, askService: (digest: Uint8Array) => Promise<Uint8Array>) => {
 *   const signer = externalSigner([leaf], ({ digest }) => askService(digest))
 *   return signer._tag === 'Left' ? undefined : openLedger({ profile, identity: signer.right })
 * }
 * ```
 */
export const externalSigner = (
  certificates: readonly Uint8Array[],
  elsewhere: (request: SigningRequest) => Promise<Uint8Array>
): E.Either<BimsError, Signer> => {
  const [der] = certificates
  if (der === undefined) return E.left(malformed('There is no certificate.'))
  try {
    return E.right({ certificates, sign: signedBy(new X509Certificate(der), elsewhere) })
  } catch (cause) {
    return E.left(malformed('The certificate cannot be read.', cause))
  }
}
