import { verify, X509Certificate } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import * as E from 'fp-ts/lib/Either.js'
import { msp } from '@hyperledger/fabric-protos'
import type { NodeRole } from '../ca/extensions.ts'
import { isLowS } from '../ca/low-s.ts'
import { decode } from './messages.ts'

/** An identity whose certificate leads to a root of its organisation. */
export interface Identity {
  readonly mspId: string
  /** The one organisational unit that says what it may be: an endorsement counts only from a peer. */
  readonly role: NodeRole
  readonly publicKey: KeyObject
  /** Milliseconds since 1970 after which nothing new may be signed with it. */
  readonly notAfter: number
}

/** What is known of an organisation: its id and its root certificates in PEM. */
export interface MspDefinition {
  readonly mspId: string
  readonly roots: readonly string[]
}

/** Checks of identities against the organisations of the channel. */
export interface MspRegistry {
  /** Reads a serialized identity and checks its chain and role, not its expiry; else says why not. */
  readonly identify: (serialized: Uint8Array) => E.Either<string, Identity>
  /** Tells whether a signature is the identity's, is low-S, and over the data. */
  readonly verify: (identity: Identity, data: Uint8Array, signature: Uint8Array) => Promise<boolean>
  /** The organisations known. */
  readonly mspIds: readonly string[]
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

const parseCertificate = (pem: Uint8Array): X509Certificate | undefined => {
  if (pem.length > maxCertificateBytes) return undefined
  try {
    return new X509Certificate(pem)
  } catch {
    return undefined
  }
}

const check = (
  roots: ReadonlyMap<string, readonly X509Certificate[]>,
  serialized: Uint8Array
): E.Either<string, Identity> => {
  const message = decode(msp.SerializedIdentity, serialized)
  if (message === undefined) return E.left('could not deserialize a SerializedIdentity')
  const own = roots.get(message.getMspid())
  if (own === undefined) return E.left(`MSP ${message.getMspid()} is not defined on channel`)
  const certificate = parseCertificate(message.getIdBytes_asU8())
  if (certificate === undefined) return E.left('could not decode the PEM structure of the certificate')
  if (certificate.ca) return E.left('a certificate authority cannot be used as an identity')
  if (!isP256(certificate.publicKey)) return E.left('the identity does not have a P-256 key')
  if (!own.some(root => leadsTo(certificate, root))) return E.left('certificate signed by unknown authority')
  const role = roleOf(certificate)
  if (E.isLeft(role)) return role
  const notAfter = certificate.validToDate.getTime()
  return E.right({ mspId: message.getMspid(), role: role.right, publicKey: certificate.publicKey, notAfter })
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
  const known = new Map<string, E.Either<string, Identity>>()
  return {
    identify: serialized => {
      const key = Buffer.from(serialized).toString('latin1')
      const cached = known.get(key)
      if (cached !== undefined) return cached
      const result = check(roots, serialized)
      if (known.size >= maxCached) known.delete(known.keys().next().value ?? '')
      if (serialized.length <= maxCertificateBytes) known.set(key, result)
      return result
    },
    verify: verifySignature,
    mspIds: definitions.map(d => d.mspId)
  }
}
