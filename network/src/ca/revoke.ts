import { X509Certificate } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { newError } from '@bims/core'
import { identityPath, parseProfile, parseRevocationLists } from '@bims/ledger'
import { readIdentityText } from './identity-file.ts'
import { syncFolder, writeWholeFile } from '../files/whole-file.ts'

/** Folder, in that of an organisation, whose files (PEM or DER) are its certificate revocation lists. */
export const revocationFolder = 'crls'

/** An identity that was revoked. */
export interface Revoked {
  /** `ORG/USER`. */
  readonly identity: string
  /** Serial number of its certificate, hex. */
  readonly serialNumber: string
  /** Absolute path of the organisation's revocation list. */
  readonly list: string
}

const missing = (dir: string, identity: string, cause?: unknown): never => {
  throw newError(
    'identity-missing',
    `The network in ${dir} has no identity ${identity} whose authority stands beside it.`,
    'Name one that `bims network status` lists, in the folder in which the network was made.',
    { cause }
  )
}

const certificateOf = async (dir: string, identity: string): Promise<X509Certificate> => {
  const bytes = await readFile(join(dir, 'profile.json')).catch((cause: unknown) => missing(dir, identity, cause))
  const profile = parseProfile(bytes)
  if (E.isLeft(profile)) throw profile.left
  const path = identityPath(profile.right, identity)
  if (path === undefined) return missing(dir, identity)
  return new X509Certificate(readIdentityText(await readFile(join(dir, path), 'utf8')).certificate)
}

const alreadyRevoked = async (list: string): Promise<readonly string[]> => {
  const bytes = await readFile(list).catch(() => undefined)
  if (bytes === undefined) return []
  const parsed = parseRevocationLists(bytes)
  if (E.isLeft(parsed)) throw parsed.left
  return parsed.right.flatMap(({ revoked }) => [...revoked])
}

const evenHex = (serial: string): string => (serial.length % 2 === 0 ? serial : `0${serial}`)

/**
 * Revokes an identity of an organisation. An embedded ledger, which may run meanwhile, refuses from then on what it signs; a
 * Fabric network once its channel has the list, see `fabricRevoke`. The list stands beside the organisation's keys and can be given to whoever verifies.
 * @throws `identity-missing` for an identity that the folder does not have; `profile-malformed`, `certificate-invalid`.
 */
export const revoke = async (dir: string, identity: string): Promise<Revoked> => {
  const certificate = await certificateOf(dir, identity)
  const serialNumber = certificate.serialNumber.toLowerCase()
  const own = join(dir, 'organizations', identity.split('/')[0] ?? '')
  const { openAuthority } = await import('./authority.ts')
  const text = await readFile(join(own, 'ca.pem'), 'utf8').catch((cause: unknown) => missing(dir, identity, cause))
  const ca = await openAuthority(readIdentityText(text))
  const folder = join(own, revocationFolder)
  await mkdir(folder, { recursive: true })
  await syncFolder(own)
  const list = join(folder, 'ca.pem')
  const serials = new Set([...(await alreadyRevoked(list)), serialNumber.replace(/^0+(?=.)/, '')])
  await writeWholeFile(list, await ca.revoke([...serials].map(evenHex)))
  return { identity, serialNumber, list: resolve(list) }
}
