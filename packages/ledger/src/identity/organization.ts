import { X509Certificate } from 'node:crypto'
import { newError, type BimsError, type Signer } from '@bims/core'
import * as E from 'fp-ts/lib/Either.js'
import type { Profile, ProfileOrganization } from '../profile/profile.ts'

const read = (der: Uint8Array | string): X509Certificate | undefined => {
  try {
    return new X509Certificate(der)
  } catch {
    return undefined
  }
}

const issued = (certificate: X509Certificate, issuer: X509Certificate): boolean =>
  certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey)

const leadsTo = (chain: readonly X509Certificate[], roots: readonly X509Certificate[]): boolean => {
  for (const [i, certificate] of chain.entries()) {
    if (roots.some(root => issued(certificate, root))) return true
    const next = chain[i + 1]
    if (next === undefined || !issued(certificate, next)) return false
  }
  return false
}

const present = <A>(values: readonly (A | undefined)[]): readonly A[] =>
  values.flatMap(value => (value === undefined ? [] : [value]))

/**
 * The organisation of a profile whose roots an identity leads to, or the one that is named (by short name or mspId).
 * Fails with `identity-missing`. Whether the peers accept the identity is theirs to say.
 */
export const organizationOf = (
  profile: Profile,
  signer: Signer,
  named?: string
): E.Either<BimsError, ProfileOrganization> => {
  const found =
    named === undefined
      ? profile.organizations.find(({ mspRoots }) =>
          leadsTo(present(signer.certificates.map(read)), present(mspRoots.map(read)))
        )
      : profile.organizations.find(({ name, mspId }) => name === named || mspId === named)
  return found === undefined
    ? E.left(
        newError(
          'identity-missing',
          named === undefined
            ? 'The identity was issued by none of the organisations of the network.'
            : `The network has no organisation ${named}.`,
          `The organisations are ${profile.organizations.map(({ name }) => name).join(', ')}.`
        )
      )
    : E.right(found)
}
