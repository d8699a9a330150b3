import { isBimsError, newError } from '@bims/core'
import type { Ledger } from '@bims/ledger'
import type { Profile } from '@bims/ledger/profile'
import { identityOf, type IdentityOptions } from '../identity/identity.ts'
import { findProfile } from '../identity/network-profile.ts'
import { promised } from '../promise.ts'

/** A ledger that is opened when it is first asked. */
export interface LedgerAccess {
  /** Rejects with `ledger-unreachable`, `identity-missing`, `profile-malformed`. */
  readonly open: () => Promise<Ledger>
  /** The ledger is an embedded one: one machine, one trust domain. */
  readonly embedded: boolean
  readonly profile: Profile
  readonly close: () => Promise<void>
}

/**
 * The ledger of a network folder, as the identity that the options name or the profile's default one.
 * Rejects with `file-missing` (no profile), `profile-malformed`, `identity-missing`.
 */
export const ledgerOf = async (options: IdentityOptions): Promise<LedgerAccess> => {
  const found = await findProfile(options.network)
  if (found === undefined) {
    throw newError(
      'ledger-unreachable',
      'There is no network profile.',
      'Name the folder of a network with --network DIR, or start one with `bims network up`.'
    )
  }
  const identity = await identityOf(options)
  if (identity === undefined)
    throw newError(
      'identity-missing',
      'Nobody is named to talk to the ledger.',
      'Give --as ORG/USER or --identity FILE.'
    )
  let opened: Promise<Ledger> | undefined
  return {
    embedded: found.profile.kind === 'embedded',
    profile: found.profile,
    open: () =>
      (opened ??= (async () => {
        // What talks to a ledger is heavy, and saving needs none of it.
        const { openLedger } = await import('@bims/ledger')
        return promised(
          openLedger({
            profile: found.profile,
            identity: identity.signer,
            ...(identity.organization === undefined ? {} : { organization: identity.organization })
          })
        )
      })()),
    close: async () => {
      try {
        ;(await opened)?.close()
      } catch (error) {
        // What could not be opened needs no closing; whoever asked has been told.
        if (!isBimsError(error)) throw error
      }
    }
  }
}
