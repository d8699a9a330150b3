import { createPrivateKey, sign, X509Certificate, type KeyObject } from 'node:crypto'
import { newError, toDerSignature, type BimsError, type Signer } from '@bims/core'
import * as E from 'fp-ts/lib/Either.js'

export { organizationOf } from './organization.ts'
export type { NetworkKind, Profile, ProfileOrganization, ProfilePeer } from '../profile/profile.ts'

/** An identity that was read from a file: a certificate chain, and the key of its leaf to sign with. */
export interface Identity extends Signer {
  /** PEM text of the leaf certificate, as Fabric carries it. */
  readonly certificate: string
  /** Subject of the leaf, for people. */
  readonly subject: string
}

/** Most bytes of an identity file. */
export const maxIdentityBytes = 256 * 1024

const malformed = (what: string, cause?: unknown): BimsError =>
  newError(
    'identity-malformed',
    what,
    'Give one PEM file with the certificate chain, leaf first, and the unencrypted PKCS#8 key.',
    { cause }
  )

const blocks = (text: string, label: string): readonly string[] =>
  text.match(new RegExp(`-----BEGIN ${label}-----[A-Za-z0-9+/=\\s]+-----END ${label}-----`, 'g')) ?? []

const attempt = <A>(what: string, make: () => A): E.Either<BimsError, A> =>
  E.tryCatch(make, cause => malformed(what, cause))

const isP256 = (key: KeyObject): boolean =>
  key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1'

// Native signing: the stock signer of fabric-gateway is pure JavaScript, and three signatures a transaction made it the bottleneck.
const signWith =
  (key: KeyObject): Signer['sign'] =>
  message =>
  () =>
    Promise.resolve(
      attempt('The key does not sign.', () =>
        toDerSignature(sign('sha256', message, { key, dsaEncoding: 'ieee-p1363' }))
      )
    )

const identityOf = (
  chain: readonly X509Certificate[],
  leaf: X509Certificate,
  key: KeyObject
): E.Either<BimsError, Identity> => {
  if (!isP256(key)) return E.left(malformed('The key is not on P-256.'))
  if (!leaf.checkPrivateKey(key)) return E.left(malformed('The key does not belong to the first certificate.'))
  return E.right({
    certificates: chain.map(certificate => new Uint8Array(certificate.raw)),
    certificate: leaf.toString(),
    subject: leaf.subject.replaceAll('\n', ', '),
    sign: signWith(key)
  })
}

/**
 * Reads an identity file: PEM, the certificate chain leaf first, and an unencrypted PKCS#8 key on P-256.
 * Its `sign` takes the message (not a digest): ECDSA over SHA-256, DER, low-S, by node:crypto.
 * Fails with `identity-malformed`.
 */
export const readIdentity = (bytes: Uint8Array): E.Either<BimsError, Identity> => {
  if (bytes.length > maxIdentityBytes) return E.left(malformed(`The file is larger than ${maxIdentityBytes} bytes.`))
  const text = new TextDecoder().decode(bytes)
  const keys = blocks(text, 'PRIVATE KEY')
  const [keyText] = keys
  if (keyText === undefined || keys.length > 1)
    return E.left(malformed(`The file holds ${keys.length} PKCS#8 keys, not one.`))
  const chain = attempt('A certificate in the file cannot be read.', () =>
    blocks(text, 'CERTIFICATE')
      .slice(0, 11)
      .map(pem => new X509Certificate(pem))
  )
  if (E.isLeft(chain)) return chain
  const [leaf] = chain.right
  if (leaf === undefined) return E.left(malformed('The file holds no certificate.'))
  return E.flatMap((key: KeyObject) => identityOf(chain.right, leaf, key))(
    attempt('The key cannot be read.', () => createPrivateKey(keyText))
  )
}
