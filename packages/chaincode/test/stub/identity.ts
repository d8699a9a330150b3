import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import * as x509 from '@peculiar/x509'

x509.cryptoProvider.set(webcrypto as Crypto)
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

/** An identity as it calls a transaction. */
export interface TestIdentity {
  readonly mspId: string
  readonly certificate: string
}

/** A real, self-signed certificate with Fabric's attribute extension. */
export const newIdentity = async (mspId: string, subject: string, attributes?: unknown): Promise<TestIdentity> => {
  const keys = (await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as CryptoKeyPair
  const extensions =
    attributes === undefined
      ? []
      : [new x509.Extension('1.2.3.4.5.6.7.8.1', false, new TextEncoder().encode(JSON.stringify(attributes)))]
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: subject,
    keys,
    signingAlgorithm: algorithm,
    extensions
  })
  return { mspId, certificate: certificate.toString('pem') }
}

/** An identity with a role. */
export const withRole = (mspId: string, name: string, role: string | undefined): Promise<TestIdentity> =>
  newIdentity(mspId, `CN=${name}, OU=client`, {
    attrs: { 'hf.EnrollmentID': name, ...(role === undefined ? {} : { 'bims.role': role }) }
  })
