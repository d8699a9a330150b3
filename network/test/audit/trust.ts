import { parsePem } from '@bims/core'
import type { Profile, TrustedRoot } from '@bims/ledger'
import { right } from '../ledger/open.ts'

/** The roots of a profile's organisations, as an auditor brings them. */
export const trustOf = (profile: Profile): readonly TrustedRoot[] =>
  profile.organizations.flatMap(({ mspId, mspRoots }) =>
    mspRoots.flatMap(pem => right(parsePem(pem)).map(certificate => ({ certificate, mspId })))
  )
