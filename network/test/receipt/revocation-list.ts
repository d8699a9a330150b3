import 'reflect-metadata'
import * as x509 from '@peculiar/x509'
import type { Credential } from '../../src/index.ts'

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

/** A revocation list in PEM by an authority, over certificates in PEM. */
export const revocationList = async (authority: Credential, revoked: readonly string[]): Promise<Uint8Array> => {
  const pkcs8 = Buffer.from(authority.privateKey.replaceAll(/-----[A-Z ]+-----|\s/g, ''), 'base64')
  const signingKey = await crypto.subtle.importKey('pkcs8', pkcs8, algorithm, true, ['sign'])
  const list = await x509.X509CrlGenerator.create({
    issuer: new x509.X509Certificate(authority.certificate).subjectName,
    thisUpdate: new Date(Date.now() - 60_000),
    nextUpdate: new Date(Date.now() + 86_400_000),
    signingKey,
    signingAlgorithm: algorithm,
    entries: revoked.map(pem => ({
      serialNumber: new x509.X509Certificate(pem).serialNumber,
      revocationDate: new Date(Date.now() - 30_000)
    }))
  })
  return Buffer.from(list.toString('pem'))
}
