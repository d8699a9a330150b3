import { parsePem, type Certificate } from '@bims/core'
import type { Profile } from '@bims/ledger/profile'
import { value } from '../promise.ts'

/** The root certificates of a profile's organisations. Throws `certificate-invalid`. */
export const profileRoots = (profile: Profile): readonly Certificate[] =>
  profile.organizations.flatMap(({ mspRoots }) => mspRoots.flatMap(pem => value(parsePem(pem))))
