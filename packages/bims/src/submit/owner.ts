import { isBimsError, newError, type BimsError } from '@bims/core'
import { organizationOf } from '@bims/ledger/identity'
import { isRight } from 'fp-ts/lib/Either.js'
import type { Identity } from '../identity/identity.ts'
import { findProfile } from '../identity/network-profile.ts'

/**
 * mspId of the organisation of an identity, as the profile of its network tells; undefined where there is no profile, or the identity
 * belongs to none of its organisations. The network need not run.
 */
export const ownerOf = async (identity: Identity, network: string | undefined): Promise<string | undefined> => {
  try {
    const found = await findProfile(network)
    if (found === undefined) return undefined
    const organization = organizationOf(found.profile, identity.signer, identity.organization)
    return isRight(organization) ? organization.right.mspId : undefined
  } catch (error) {
    if (!isBimsError(error) || error.code !== 'file-missing') throw error
    return undefined
  }
}

/** The error that tells that nobody knows whose restricted records these are. */
export const ownerUnknown = (): BimsError =>
  newError(
    'usage',
    'Restricted records belong to an organisation, and that of the identity is not known.',
    'Name the folder with the profile of its network with --network DIR; the network need not run.'
  )
