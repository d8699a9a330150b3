import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { identityPath, openLedger, parseProfile, readIdentity, type Ledger, type LedgerOptions } from '@bims/ledger'
import { right, rightOf } from './right.ts'

/** Opens a ledger as the default identity of its profile. */
export const openAsDefault = async (profilePath: string, more: Partial<LedgerOptions> = {}): Promise<Ledger> => {
  const profile = rightOf(parseProfile(await readFile(profilePath)))
  const path = identityPath(profile, profile.defaultIdentity ?? '')
  if (path === undefined) throw new Error('the profile names no default identity')
  const identity = rightOf(readIdentity(await readFile(join(dirname(profilePath), path))))
  return right(openLedger({ profile, identity, ...more }))
}
