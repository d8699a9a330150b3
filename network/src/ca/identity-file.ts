import { newError } from '@bims/core'
import type { Credential } from './authority.ts'

/** Writes an identity as BIMS keeps it: the certificate chain, leaf first and without the root, then the PKCS#8 key. */
export const identityText = (credential: Credential, intermediates: readonly string[] = []): string =>
  [credential.certificate, ...intermediates, credential.privateKey].map(part => `${part.trim()}\n`).join('')

/**
 * Reads what {@link identityText} wrote; of a chain only the leaf is kept.
 * @throws `identity-malformed`
 */
export const readIdentityText = (text: string): Credential => {
  const certificate = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/.exec(text)?.[0]
  const privateKey = /-----BEGIN PRIVATE KEY-----[^-]+-----END PRIVATE KEY-----/.exec(text)?.[0]
  if (certificate === undefined || privateKey === undefined)
    throw newError(
      'identity-malformed',
      'The file does not hold a certificate and a PKCS#8 key in PEM.',
      'Give a file with the certificate chain, leaf first, and the private key, as the network wrote it.'
    )
  return { certificate: `${certificate}\n`, privateKey: `${privateKey}\n` }
}
