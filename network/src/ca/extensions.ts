import 'reflect-metadata'
import * as x509 from '@peculiar/x509'
import { embeddedMarkerOid } from '@bims/ledger'

/** Object identifier of the extension in which Fabric keeps the attributes of an identity as JSON. */
export const attributesOid = '1.2.3.4.5.6.7.8.1'

/** The role of an identity in its organisation, as the organisational unit that Fabric reads. */
export type NodeRole = 'client' | 'peer' | 'orderer' | 'admin'

const derNull = Uint8Array.of(0x05, 0x00)

/** The attributes as Fabric's chaincode library reads them: JSON, all values strings, not critical. */
export const attributesExtension = (attributes: Readonly<Record<string, string>>): x509.Extension =>
  new x509.Extension(attributesOid, false, new TextEncoder().encode(JSON.stringify({ attrs: attributes })))

/** The sign of the embedded ledger; see {@link embeddedMarkerOid}. */
export const markerExtension = (): x509.Extension => new x509.Extension(embeddedMarkerOid, false, derNull)

/** The extensions of a certificate authority: Fabric refuses one without a subject key identifier. */
export const authorityExtensions = async (publicKey: CryptoKey): Promise<readonly x509.Extension[]> => [
  new x509.BasicConstraintsExtension(true, 1, true),
  new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
  await x509.SubjectKeyIdentifierExtension.create(publicKey)
]

/** The extensions of a signing identity. No extended key usage: Fabric refuses one of clientAuth alone. */
export const identityExtensions = async (
  publicKey: CryptoKey,
  issuer: CryptoKey
): Promise<readonly x509.Extension[]> => [
  new x509.BasicConstraintsExtension(false, undefined, true),
  new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
  await x509.SubjectKeyIdentifierExtension.create(publicKey),
  await x509.AuthorityKeyIdentifierExtension.create(issuer)
]

/** The extensions of a TLS server certificate for the host names and addresses given. */
export const serverExtensions = async (
  publicKey: CryptoKey,
  issuer: CryptoKey,
  hosts: readonly string[]
): Promise<readonly x509.Extension[]> => [
  ...(await identityExtensions(publicKey, issuer)),
  new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth, x509.ExtendedKeyUsage.clientAuth]),
  new x509.SubjectAlternativeNameExtension(
    hosts.map(host => new x509.GeneralName(/^[0-9.]+$|:/.test(host) ? 'ip' : 'dns', host))
  )
]
