import { createPublicKey, verify, X509Certificate } from 'node:crypto'
import { newError, type BimsError, type Certificate } from '@bims/core'
import * as E from 'fp-ts/lib/Either.js'
import { derChildren, derElement, derTags, type DerElement } from '../wire/der.ts'

/** A certificate revocation list, read. */
export interface RevocationList {
  /** Name of the authority that signed it, DER in hex. */
  readonly issuer: string
  readonly signed: Buffer
  readonly digest: string
  readonly signature: Buffer
  /** Serial numbers in hex without leading zeros. */
  readonly revoked: ReadonlySet<string>
}

const invalid = (what: string): BimsError =>
  newError('certificate-invalid', what, 'Use the revocation list that the organisation publishes (PEM or DER).')

// ecdsa-with-SHA256 and its longer sisters, the last byte of 1.2.840.10045.4.3.*
const ecdsaWith = Buffer.from('2a8648ce3d0403', 'hex')
const digests = new Map([
  [2, 'sha256'],
  [3, 'sha384'],
  [4, 'sha512']
])

const serialOf = (hex: string): string => hex.toLowerCase().replace(/^0+(?=.)/, '')

const digestOf = (bytes: Buffer, algorithm: DerElement): string | undefined => {
  const oid = derElement(bytes, algorithm.from, algorithm.to)
  if (oid?.tag !== derTags.oid || oid.to - oid.from !== ecdsaWith.length + 1) return undefined
  const prefix = bytes.subarray(oid.from, oid.to - 1)
  return prefix.equals(ecdsaWith) ? digests.get(bytes[oid.to - 1] ?? 0) : undefined
}

const serialsOf = (bytes: Buffer, list: DerElement): ReadonlySet<string> | undefined => {
  const serials = new Set<string>()
  for (const entry of derChildren(bytes, list) ?? []) {
    const serial = derElement(bytes, entry.from, entry.to)
    if (serial?.tag !== derTags.integer) return undefined
    serials.add(serialOf(bytes.toString('hex', serial.from, serial.to)))
  }
  return serials
}

const isTime = (element: DerElement | undefined): boolean =>
  element !== undefined && (element.tag === derTags.utcTime || element.tag === derTags.generalizedTime)

interface ListBody {
  readonly issuer: DerElement
  readonly revoked: DerElement | undefined
}

// TBSCertList: version?, signature, issuer, thisUpdate, nextUpdate?, revokedCertificates?, extensions?
const bodyOf = (bytes: Buffer, body: DerElement): ListBody | undefined => {
  const parts = [...(derChildren(bytes, body) ?? [])]
  if (parts[0]?.tag === derTags.integer) parts.shift()
  const [, issuer, thisUpdate, ...rest] = parts
  if (issuer?.tag !== derTags.sequence || !isTime(thisUpdate)) return undefined
  if (isTime(rest[0])) rest.shift()
  return { issuer, revoked: rest[0]?.tag === derTags.sequence ? rest[0] : undefined }
}

const threeOf = (bytes: Buffer): readonly DerElement[] => {
  const outer = derElement(bytes, 0)
  const parts = outer?.to === bytes.length ? derChildren(bytes, outer) : undefined
  return parts?.length === 3 && parts[2]?.tag === derTags.bitString ? parts : []
}

const readList = (bytes: Buffer): RevocationList | undefined => {
  const [body, algorithm, signature] = threeOf(bytes)
  if (body === undefined || algorithm === undefined || signature === undefined) return undefined
  const parts = bodyOf(bytes, body)
  const digest = digestOf(bytes, algorithm)
  const revoked = parts?.revoked === undefined ? new Set<string>() : serialsOf(bytes, parts.revoked)
  if (parts === undefined || digest === undefined || revoked === undefined) return undefined
  return {
    issuer: bytes.toString('hex', parts.issuer.at, parts.issuer.to),
    signed: bytes.subarray(body.at, body.to),
    digest,
    signature: bytes.subarray(signature.from + 1, signature.to),
    revoked
  }
}

const blocksOf = (bytes: Buffer): readonly Buffer[] => {
  if (bytes[0] === derTags.sequence) return [bytes]
  const pattern = /-----BEGIN (?:X509 )?CRL-----([A-Za-z0-9+/=\s]+)-----END (?:X509 )?CRL-----/g
  return [...bytes.toString('latin1').matchAll(pattern)].map(match => Buffer.from(match[1] ?? '', 'base64'))
}

/** Reads the revocation lists of a file, PEM or DER. Fails with `certificate-invalid`, also where there is none. */
export const parseRevocationLists = (bytes: Uint8Array): E.Either<BimsError, readonly RevocationList[]> => {
  const lists: RevocationList[] = []
  for (const block of blocksOf(Buffer.from(bytes))) {
    const list = readList(block)
    if (list === undefined) return E.left(invalid('A certificate revocation list cannot be read.'))
    lists.push(list)
  }
  return lists.length === 0 ? E.left(invalid('The file holds no certificate revocation list.')) : E.right(lists)
}

const hex = (bytes: ArrayBuffer): string => Buffer.from(bytes).toString('hex')

const signedBy = (list: RevocationList, authority: Certificate): boolean => {
  try {
    const key = createPublicKey({ key: Buffer.from(authority.publicKey.rawData), format: 'der', type: 'spki' })
    return verify(list.digest, list.signed, key, list.signature)
  } catch {
    return false
  }
}

/**
 * Whether one of the lists revokes a certificate. A list counts where it bears the name of the certificate's issuer and
 * the signature of one of the authorities; from when a certificate is revoked is not looked at, as in Fabric.
 */
export const isRevoked = (
  certificate: Certificate,
  authorities: readonly Certificate[],
  lists: readonly RevocationList[]
): boolean => {
  if (lists.length === 0) return false
  const issuer = hex(certificate.issuerName.toArrayBuffer())
  const serial = serialOf(new X509Certificate(Buffer.from(certificate.rawData)).serialNumber)
  return lists.some(
    list =>
      list.issuer === issuer &&
      list.revoked.has(serial) &&
      authorities.some(authority => hex(authority.subjectName.toArrayBuffer()) === issuer && signedBy(list, authority))
  )
}

/**
 * Checks that each list that bears the name of one of the roots is signed by it: a list that is passed over in silence
 * would revoke nothing. Fails with `certificate-invalid`.
 */
export const checkRevocationLists = (
  lists: readonly RevocationList[],
  roots: readonly Certificate[]
): E.Either<BimsError, readonly RevocationList[]> => {
  const forged = lists.some(list => {
    const named = roots.filter(root => hex(root.subjectName.toArrayBuffer()) === list.issuer)
    return named.length > 0 && !named.some(root => signedBy(list, root))
  })
  return forged
    ? E.left(invalid('A certificate revocation list is not signed by the authority that it names.'))
    : E.right(lists)
}
