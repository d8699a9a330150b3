import { isBimsError, newError } from '@bims/core'
import { parseProfile, type Profile } from '@bims/ledger/profile'
import { join, resolve } from 'node:path'
import { value } from '../promise.ts'
import { readSmallFile } from './roots.ts'

/** A network's profile and the folder that it stands in. */
export interface FoundProfile {
  readonly profile: Profile
  readonly folder: string
}

/** Folder of the network and of the outbox where none is named. */
export const defaultFolder = './.bims'

/**
 * Reads the profile of a network folder; undefined where no folder was named and the default one holds none.
 * Rejects with `profile-malformed`, `file-missing` (a named folder without a profile).
 */
export const findProfile = async (network: string | undefined): Promise<FoundProfile | undefined> => {
  const folder = resolve(network ?? defaultFolder)
  try {
    return { profile: value(parseProfile(await readSmallFile(join(folder, 'profile.json')))), folder }
  } catch (error) {
    if (!isBimsError(error) || error.code !== 'file-missing') throw error
    if (network === undefined) return undefined
    throw newError(
      'file-missing',
      `${folder} holds no profile.json.`,
      'Start a network with `bims network up --dir DIR`, or bring the profile of one that runs.'
    )
  }
}
