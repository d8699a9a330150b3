import { verify, X509Certificate } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import * as E from 'fp-ts/lib/Either.js'
import { msp } from '@hyperledger/fabric-protos'
import { parseCertificate, type Certificate } from '@bims/core'
import { isRevoked, type RevocationList } from '@bims/ledger'
import type { NodeRole } from '../ca/extensions.ts'
import { isLowS } from '../ca/low-s.ts'
import { decode } from '../protobuf/messages.ts'

/** An identity whose certificate leads to a root of its organisation. */
export interface Identity {
  readonly mspId: string
  /** The one organisational unit that says what it may be: an endorsement counts only from a peer. */
  readonly role: NodeRole
  readonly publicKey: KeyObject
  /** Milliseconds since 1970 after which nothing new may be signed with it. */
  readonly notAfter: number
}

/** Why an identity is none, and the organisation that it names where it can be read at all. */
export interface Refusal {
  readonly why: string
  readonly mspId?: string
}

/** What is known of an organisation: its id and its root certificates in PEM. */
export interface MspDefinition {
  readonly mspId: string
  readonly roots: readonly string[]
}

/** Checks of identities against the organisations of the channel. */
export interface MspRegistry {
  /** Reads a serialized identity and checks its chain, role and revocation, not its expiry; else says why not. */
  readonly identify: (serialized: Uint8Array) => E.Either<Refusal, Identity>
  /** Tells whether a signature is the identity's, is low-S, and over the data. */
  readonly verify: (identity: Identity, data: Uint8Array, signature: Uint8Array) => Promise<boolean>
  /** The organisations known. */
  readonly mspIds: readonly string[]
  /** From now on these certificates are revoked: for each organisation its lists (CRL). */
  readonly revoke: (lists: ReadonlyMap<string, readonly RevocationList[]>) => void
}

const roles: readonly NodeRole[] = ['client', 'peer', 'orderer', 'admin']
const isRole = (text: string): text is NodeRole => roles.some(role => role === text)
const maxCached = 1000
const maxCertificateBytes = 64 * 1024

const unitsOf = (certificate: X509Certificate): readonly string[] =>
  certificate.subject.split('\n').flatMap(line => (line.startsWith('OU=') ? [line.slice(3)] : []))

const roleOf = (certificate: X509Certificate): E.Either<string, NodeRole> => {
  const found = unitsOf(certificate).filter(isRole)
  const role = found[0]
  if (role === undefined)
    return E.left('the identity does not have an OU that resolves to client, peer, orderer, or admin role')
  return found.length === 1 ? E.right(role) : E.left('the identity must have one OU role, not a combination of them')
}

const isP256 = (key: KeyObject): boolean =>
  key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1'

// Fabric checks the chain as at the start of the certificate's validity, and expiry apart from it.
const leadsTo = (leaf: X509Certificate, root: X509Certificate): boolean =>
  leaf.checkIssued(root) &&
  leaf.verify(root.publicKey) &&
  leaf.validFromDate.getTime() >= root.validFromDate.getTime() &&
  leaf.validFromDate.getTime() <= root.validToDate.getTime()

const readCertificate = (pem: Uint8Array): X509Certificate | undefined => {
  if (pem.length > maxCertificateBytes) return undefined
  try {
    return new X509Certificate(pem)
  } catch {
    return undefined
  }
}

// Certificates of the organisations as the check of revocation lists wants them, read only where there is such a list.
const isRevokedBy = (
  certificate: X509Certificate,
  authorities: readonly X509Certificate[],
  lists: readonly RevocationList[]
): boolean => {
  if (lists.length === 0) return false
  const read = (one: X509Certificate): readonly Certificate[] => {
    const parsed = parseCertificate(new Uint8Array(one.raw))
    return E.isRight(parsed) ? [parsed.right] : []
  }
  const [own] = read(certificate)
  return own === undefined || isRevoked(own, authorities.flatMap(read), lists)
}

interface Authorities {
  readonly roots: readonly X509Certificate[]
  readonly revocations: readonly RevocationList[]
}

const problemOf = (certificate: X509Certificate, own: Authorities): string | undefined => {
  if (certificate.ca) return 'a certificate authority cannot be used as an identity'
  if (!isP256(certificate.publicKey)) return 'the identity does not have a P-256 key'
  if (!own.roots.some(root => leadsTo(certificate, root))) return 'certificate signed by unknown authority'
  return isRevokedBy(certificate, own.roots, own.revocations) ? 'the certificate has been revoked' : undefined
}

const check = (
  authorities: (mspId: string) => Authorities | undefined,
  serialized: Uint8Array
): E.Either<Refusal, Identity> => {
  const message = decode(msp.SerializedIdentity, serialized)
  if (message === undefined) return E.left({ why: 'could not deserialize a SerializedIdentity' })
  const mspId = message.getMspid()
  const own = authorities(mspId)
  if (own === undefined) return E.left({ why: `MSP ${mspId} is not defined on channel` })
  const certificate = readCertificate(message.getIdBytes_asU8())
  if (certificate === undefined) return E.left({ why: 'could not decode the PEM structure of the certificate' })
  const problem = problemOf(certificate, own)
  if (problem !== undefined) return E.left({ why: problem, mspId })
  const role = roleOf(certificate)
  if (E.isLeft(role)) return E.left({ why: role.left, mspId })
  const notAfter = certificate.validToDate.getTime()
  return E.right({ mspId, role: role.right, publicKey: certificate.publicKey, notAfter })
}

// A certificate that can be read may still hold a key that cannot: the library finds out when it is asked, and throws.
const checkHostile = (...given: Parameters<typeof check>): ReturnType<typeof check> => {
  try {
    return check(...given)
  } catch {
    return E.left({ why: 'could not decode the key or the signature of the certificate' })
  }
}

const verifySignature = (identity: Identity, data: Uint8Array, signature: Uint8Array): Promise<boolean> =>
  isLowS(signature)
    ? new Promise(resolve => {
        verify('sha256', data, identity.publicKey, signature, (error, holds) => resolve(error === null && holds))
      })
    : Promise.resolve(false)

/** Builds the checks for the organisations of a channel; identities once checked are remembered, a thousand at most. */
export const newMspRegistry = (definitions: readonly MspDefinition[]): MspRegistry => {
  const roots = new Map(definitions.map(d => [d.mspId, d.roots.map(pem => new X509Certificate(pem))] as const))
  const known = new Map<string, E.Either<Refusal, Identity>>()
  let revoked: ReadonlyMap<string, readonly RevocationList[]> = new Map()
  const authorities = (mspId: string): Authorities | undefined => {
    const own = roots.get(mspId)
    return own === undefined ? undefined : { roots: own, revocations: revoked.get(mspId) ?? [] }
  }
  return {
    identify: serialized => {
      const key = Buffer.from(serialized).toString('latin1')
      const cached = known.get(key)
      if (cached !== undefined) return cached
      const result = checkHostile(authorities, serialized)
      if (known.size >= maxCached) known.delete(known.keys().next().value ?? '')
      if (serialized.length <= maxCertificateBytes) known.set(key, result)
      return result
    },
    verify: verifySignature,
    mspIds: definitions.map(d => d.mspId),
    revoke: lists => {
      revoked = lists
      known.clear()
    }
  }
}
