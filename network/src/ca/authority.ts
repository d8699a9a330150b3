import 'reflect-metadata'
import { X509Certificate } from 'node:crypto'
import * as x509 from '@peculiar/x509'
import { newError } from '@bims/core'
import {
  attributesExtension,
  authorityExtensions,
  identityExtensions,
  markerExtension,
  serverExtensions
} from './extensions.ts'
import type { NodeRole } from './extensions.ts'
import { isLowS } from './low-s.ts'

const keyAlgorithm = { name: 'ECDSA', namedCurve: 'P-256' }
const signing = { name: 'ECDSA', hash: 'SHA-256' }
const year = 365 * 24 * 3600 * 1000
const clockSkew = 5 * 60 * 1000

/** A key and its certificate, both as PEM text. */
export interface Credential {
  /** The certificate. */
  readonly certificate: string
  /** The private key, PKCS#8. */
  readonly privateKey: string
}

/** What a signing identity is to be. */
export interface IdentityRequest {
  /** Common name, also the enrolment id unless `hf.EnrollmentID` says otherwise. */
  readonly name: string
  /** The organisational unit by which Fabric tells clients from peers. */
  readonly role: NodeRole
  /** Attributes for chaincode, such as `bims.role`. */
  readonly attributes?: Readonly<Record<string, string>>
  /** From when it is valid; never earlier than its authority. Default: five minutes ago. */
  readonly notBefore?: Date
  /** Until when it is valid. Default: ten years from its start. */
  readonly notAfter?: Date
}

/** A certificate authority: signs identities of one organisation, or TLS certificates of its hosts. */
export interface Authority {
  /** Its own certificate and key, to keep and to open again with {@link openAuthority}. */
  readonly credential: Credential
  /** Makes a signing identity with a new P-256 key. */
  readonly issue: (request: IdentityRequest) => Promise<Credential>
  /** Makes a TLS certificate for host names and addresses, with a new P-256 key. */
  readonly issueServer: (hosts: readonly string[]) => Promise<Credential>
  /** Signs the list (CRL, RFC 5280, in PEM) of all certificates that it has revoked, by serial numbers in hex. */
  readonly revoke: (serialNumbers: readonly string[]) => Promise<string>
}

/** What an authority is to be. */
export interface AuthorityRequest {
  /** Common name, such as `ca.org1`. */
  readonly name: string
  /** Organisation, the `O` of all its certificates. */
  readonly organization: string
  /** Whether all its certificates are marked as made by an embedded ledger. */
  readonly embedded: boolean
  /** From when it is valid. Default: five minutes ago. */
  readonly notBefore?: Date
}

const wholeSeconds = (at: number): Date => new Date(Math.floor(at / 1000) * 1000)

const newKeys = async (): Promise<CryptoKeyPair> => crypto.subtle.generateKey(keyAlgorithm, true, ['sign', 'verify'])

const pemOf = (label: string, der: ArrayBuffer): string => {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}

const credentialOf = async (certificate: x509.X509Certificate, key: CryptoKey): Promise<Credential> => ({
  certificate: pemOf('CERTIFICATE', certificate.rawData),
  privateKey: pemOf('PRIVATE KEY', await crypto.subtle.exportKey('pkcs8', key))
})

// Fabric rewrites the signature of its own peers' certificates to low-S, which would change their fingerprints:
// sign again until the signature is low-S to begin with, every second one is.
const signLowS = async (make: () => Promise<x509.X509Certificate>): Promise<x509.X509Certificate> => {
  for (;;) {
    const certificate = await make()
    if (isLowS(signatureDer(certificate))) return certificate
  }
}

// The library gives the signature as r ‖ s; the certificate holds the DER form at its end, as a BIT STRING.
const signatureDer = (certificate: x509.X509Certificate): Uint8Array => {
  const raw = Buffer.from(certificate.rawData)
  for (let length = 68; length <= 72; length++) {
    const der = raw.subarray(raw.length - length)
    if (der[0] === 0x30 && der[1] === length - 2 && raw[raw.length - length - 1] === 0) return der
  }
  return new Uint8Array()
}

const subjectOf = (name: string, unit: string | undefined, organization: string): x509.JsonName => [
  { O: [organization] },
  ...(unit === undefined ? [] : [{ OU: [unit] }]),
  { CN: [name] }
]

interface Issuer {
  readonly organization: string
  readonly subject: x509.Name
  readonly keys: CryptoKeyPair
  readonly notBefore: Date
  readonly notAfter: Date
  readonly marks: readonly x509.Extension[]
  readonly credential: Credential
}

const issueIdentity = async (issuer: Issuer, request: IdentityRequest): Promise<Credential> => {
  const keys = await newKeys()
  const notBefore = wholeSeconds(
    Math.max(issuer.notBefore.getTime(), (request.notBefore ?? new Date(Date.now() - clockSkew)).getTime())
  )
  const notAfter = wholeSeconds((request.notAfter ?? new Date(notBefore.getTime() + 10 * year)).getTime())
  const attributes = { 'hf.EnrollmentID': request.name, 'hf.Type': request.role, ...request.attributes }
  const extensions = [
    ...(await identityExtensions(keys.publicKey, issuer.keys.publicKey)),
    ...(request.role === 'client' || request.role === 'admin' ? [attributesExtension(attributes)] : []),
    ...issuer.marks
  ]
  const certificate = await signLowS(() =>
    x509.X509CertificateGenerator.create({
      subject: subjectOf(request.name, request.role, issuer.organization),
      issuer: issuer.subject,
      notBefore,
      notAfter,
      publicKey: keys.publicKey,
      signingKey: issuer.keys.privateKey,
      signingAlgorithm: signing,
      extensions
    })
  )
  return credentialOf(certificate, keys.privateKey)
}

const issueServer = async (issuer: Issuer, hosts: readonly string[]): Promise<Credential> => {
  const keys = await newKeys()
  const certificate = await signLowS(async () =>
    x509.X509CertificateGenerator.create({
      subject: subjectOf(hosts[0] ?? 'localhost', undefined, issuer.organization),
      issuer: issuer.subject,
      notBefore: issuer.notBefore,
      notAfter: issuer.notAfter,
      publicKey: keys.publicKey,
      signingKey: issuer.keys.privateKey,
      signingAlgorithm: signing,
      extensions: [...(await serverExtensions(keys.publicKey, issuer.keys.publicKey, hosts)), ...issuer.marks]
    })
  )
  return credentialOf(certificate, keys.privateKey)
}

const issueRevocations = async (issuer: Issuer, serialNumbers: readonly string[]): Promise<string> => {
  const now = wholeSeconds(Date.now())
  const list = await x509.X509CrlGenerator.create({
    issuer: issuer.subject,
    thisUpdate: now,
    nextUpdate: issuer.notAfter,
    // Fabric passes over a list, without a word, that does not say by this whose key signed it.
    extensions: [await x509.AuthorityKeyIdentifierExtension.create(issuer.keys.publicKey)],
    entries: serialNumbers.map(serialNumber => ({ serialNumber, revocationDate: now })),
    signingKey: issuer.keys.privateKey,
    signingAlgorithm: signing
  })
  return pemOf('X509 CRL', list.rawData)
}

const authorityOf = (issuer: Issuer): Authority => ({
  credential: issuer.credential,
  issue: request => issueIdentity(issuer, request),
  issueServer: hosts => issueServer(issuer, hosts),
  revoke: serialNumbers => issueRevocations(issuer, serialNumbers)
})

/** Makes a certificate authority with a new P-256 key, valid for thirty years. */
export const newAuthority = async (request: AuthorityRequest): Promise<Authority> => {
  const keys = await newKeys()
  const notBefore = wholeSeconds((request.notBefore ?? new Date(Date.now() - clockSkew)).getTime())
  const notAfter = wholeSeconds(notBefore.getTime() + 30 * year)
  const marks = request.embedded ? [markerExtension()] : []
  const extensions = [...(await authorityExtensions(keys.publicKey)), ...marks]
  const certificate = await signLowS(() =>
    x509.X509CertificateGenerator.createSelfSigned({
      name: subjectOf(request.name, undefined, request.organization),
      notBefore,
      notAfter,
      keys,
      signingAlgorithm: signing,
      extensions
    })
  )
  const credential = await credentialOf(certificate, keys.privateKey)
  const subject = certificate.subjectName
  return authorityOf({ organization: request.organization, subject, keys, notBefore, notAfter, marks, credential })
}

/**
 * Opens an authority that was kept.
 * @throws `identity-malformed` where certificate and key cannot be read or do not belong together.
 */
export const openAuthority = async (credential: Credential): Promise<Authority> => {
  try {
    const certificate = new x509.X509Certificate(credential.certificate)
    const pkcs8 = Buffer.from(credential.privateKey.replaceAll(/-----[A-Z ]+-----|\s/g, ''), 'base64')
    const privateKey = await crypto.subtle.importKey('pkcs8', pkcs8, keyAlgorithm, true, ['sign'])
    const publicKey = await certificate.publicKey.export(keyAlgorithm, ['verify'])
    const marks = certificate.extensions.some(e => e.type === markerExtension().type) ? [markerExtension()] : []
    const organization = certificate.subjectName.getField('O')[0] ?? ''
    if (!new X509Certificate(credential.certificate).ca) throw new Error('not a certificate authority')
    return authorityOf({
      organization,
      subject: certificate.subjectName,
      keys: { privateKey, publicKey },
      notBefore: certificate.notBefore,
      notAfter: certificate.notAfter,
      marks,
      credential
    })
  } catch (cause) {
    throw newError(
      'identity-malformed',
      'The certificate authority cannot be read.',
      'Restore its file from a backup; identities that it signed stay valid.',
      { cause }
    )
  }
}
