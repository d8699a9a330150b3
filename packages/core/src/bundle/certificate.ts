// The library's dependency injection asks for this polyfill before it is loaded.
import 'reflect-metadata'
import * as x509 from '@peculiar/x509'
import * as E from 'fp-ts/lib/Either.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import { newError, type BimsError } from '../errors.ts'
import { equalBytes } from '../json/bytes.ts'

/** A parsed X.509 certificate. */
export type Certificate = x509.X509Certificate

const invalid = (what: string, cause?: unknown): BimsError =>
  newError('certificate-invalid', what, 'Use the certificate that the organisation publishes.', { cause })

/** Whether DER bytes are one SEQUENCE and nothing else; the library does not look. */
const isWholeSequence = (der: Uint8Array): boolean => {
  const [tag, first = 0, second = 0, third = 0] = der
  const [header, length] =
    first < 0x80 ? [2, first] : first === 0x81 ? [3, second] : first === 0x82 ? [4, second * 256 + third] : [0, 0]
  return tag === 0x30 && header + length === der.length
}

/** Reads a certificate to its last field: the library would throw later, where one that is damaged is looked at. */
const readWhole = (encoded: Uint8Array<ArrayBuffer> | string): Certificate => {
  const certificate = new x509.X509Certificate(encoded)
  if (!isWholeSequence(new Uint8Array(certificate.rawData))) throw new Error('its length is not that of its bytes')
  const { extensions, issuer, notAfter, notBefore, publicKey, signatureAlgorithm, subject } = certificate
  const fields: readonly unknown[] = [extensions, issuer, publicKey.rawData, signatureAlgorithm, subject]
  if ([notAfter, notBefore].some(date => Number.isNaN(date.getTime())) || fields.includes(undefined))
    throw new Error('a field is missing')
  return certificate
}

/** Parses a DER certificate. Fails with `certificate-invalid`. */
export const parseCertificate = (der: Uint8Array): E.Either<BimsError, Certificate> =>
  E.tryCatch(
    () => readWhole(Uint8Array.from(der)),
    cause => invalid('A certificate cannot be read.', cause)
  )

const [pemBegin, pemEnd] = ['-----BEGIN CERTIFICATE-----', '-----END CERTIFICATE-----']

/** The blocks of certificates in a PEM text, in time that grows with its length only. */
const pemBlocks = (pem: string): readonly string[] => {
  const blocks: string[] = []
  for (let start = pem.indexOf(pemBegin); start >= 0;) {
    const end = pem.indexOf(pemEnd, start)
    if (end < 0) break
    blocks.push(pem.slice(start, end + pemEnd.length))
    start = pem.indexOf(pemBegin, end)
  }
  return blocks
}

/** Parses all certificates of a PEM text; fails with `certificate-invalid` also where there is none. */
export const parsePem = (pem: string): E.Either<BimsError, readonly Certificate[]> => {
  const blocks = pemBlocks(pem)
  if (blocks.length === 0) return E.left(invalid('The PEM text holds no certificate.'))
  return E.tryCatch(
    () => blocks.map(readWhole),
    cause => invalid('A certificate in the PEM text cannot be read.', cause)
  )
}

/** Whether a key may sign records: a certificate that says what its key is for must say so. */
const maySign = (certificate: Certificate): boolean => {
  const usages = certificate.getExtension(x509.KeyUsagesExtension)
  return usages === null || (usages.usages & x509.KeyUsageFlags.digitalSignature) !== 0
}

/** Extensions that chain checking understands; another one that is marked critical makes a certificate unusable. */
const understood = new Set(['2.5.29.15', '2.5.29.17', '2.5.29.19', '2.5.29.37'])

const usable = (certificate: Certificate, at: Date): string | undefined => {
  const strange = certificate.extensions.find(extension => extension.critical && !understood.has(extension.type))
  if (strange !== undefined) return `has the critical extension ${strange.type}, which is not understood`
  return certificate.notBefore <= at && at <= certificate.notAfter
    ? undefined
    : "was not valid when the signer's certificate began"
}

const signerProblem = (leaf: Certificate): string | undefined =>
  maySign(leaf) ? usable(leaf, leaf.notBefore) : 'is not for signing'

const mayIssue = (certificate: Certificate, below: number): string | undefined => {
  const constraints = certificate.getExtension(x509.BasicConstraintsExtension)
  if (constraints?.ca !== true) return 'is not a certificate authority'
  const { pathLength } = constraints
  if (pathLength !== undefined && below > pathLength) return 'may not have so many authorities below it'
  const usages = certificate.getExtension(x509.KeyUsagesExtension)
  return usages === null || (usages.usages & x509.KeyUsageFlags.keyCertSign) !== 0
    ? undefined
    : 'may not sign certificates'
}

const issued = async (issuer: Certificate, subject: Certificate): Promise<boolean> => {
  if (issuer.subject !== subject.issuer) return false
  try {
    return await subject.verify({ publicKey: issuer.publicKey, signatureOnly: true })
  } catch {
    return false
  }
}

const same = (a: Certificate, b: Certificate): boolean =>
  equalBytes(new Uint8Array(a.rawData), new Uint8Array(b.rawData))

/** One step up the chain: the issuer among the candidates, or why there is none. */
const issuerOf = async (
  subject: Certificate,
  candidates: readonly Certificate[],
  below: number,
  at: Date
): Promise<{ readonly issuer?: Certificate; readonly why: string }> => {
  let why = 'its issuer is neither in the chain nor among the given roots'
  for (const candidate of candidates) {
    if (candidate.subject !== subject.issuer) continue
    const problem = mayIssue(candidate, below) ?? usable(candidate, at)
    if (problem !== undefined) why = `its issuer ${problem}`
    else if (await issued(candidate, subject)) return { issuer: candidate, why: '' }
    else why = 'its signature is not by the issuer it names'
  }
  return { why }
}

const mostCertificates = 10

/**
 * Finds the root that a chain (leaf first) leads to, at the time the leaf's validity began: a signature outlives the
 * certificate of its signer. The roots are the verifier's own; none is ever taken from the chain.
 * Fails with `certificate-invalid`.
 */
export const verifyChain =
  (chain: readonly Certificate[], roots: readonly Certificate[]): TE.TaskEither<BimsError, Certificate> =>
  async () => {
    const [leaf, ...intermediates] = chain
    if (leaf === undefined || chain.length > mostCertificates)
      return E.left(invalid(`A chain has 1 to ${mostCertificates} certificates, not ${chain.length}.`))
    const at = leaf.notBefore
    const problem = signerProblem(leaf)
    if (problem !== undefined) return E.left(invalid(`The certificate of ${leaf.subject} ${problem}.`))
    let subject = leaf
    for (let below = 0; below < mostCertificates; below++) {
      const own = roots.find(root => same(root, subject))
      if (own !== undefined && below > 0) return E.right(own)
      const byRoot = await issuerOf(subject, roots, below, at)
      if (byRoot.issuer !== undefined) return E.right(byRoot.issuer)
      const byChain = await issuerOf(
        subject,
        intermediates.filter(candidate => !same(candidate, subject)),
        below,
        at
      )
      if (byChain.issuer === undefined) {
        const why = roots.some(root => root.subject === subject.issuer) ? byRoot.why : byChain.why
        return E.left(invalid(`The certificate of ${subject.subject} leads to no given root: ${why}.`))
      }
      subject = byChain.issuer
    }
    return E.left(invalid('The chain goes in a circle.'))
  }
