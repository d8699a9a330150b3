import {
  isJsonObject,
  newError,
  parseCertificate,
  parseJson,
  parseRole,
  recordBounds,
  type Role,
  type Signer
} from '@bims/core'
import { readIdentity } from '@bims/ledger/identity'
import { isRight } from 'fp-ts/lib/Either.js'
import { join } from 'node:path'
import { value } from '../promise.ts'
import { findProfile, type FoundProfile } from './network-profile.ts'
import { readSmallFile } from './roots.ts'

/** Who acts: a user of a network profile, or the owner of an identity file. */
export interface IdentityOptions {
  /** `ORG/USER` of the profile. */
  readonly as?: string
  /** PEM file with a certificate chain and a PKCS#8 key. */
  readonly identity?: string
  /** Folder of the network's profile; default `./.bims`. */
  readonly network?: string
}

/** An identity that was loaded. */
export interface Identity {
  readonly signer: Signer
  /** Subject of its certificate. */
  readonly subject: string
  /** Role that its certificate claims; what it may do is the ledger's to say. */
  readonly role: Role
  readonly isInstrument: boolean
  /** Organisation of the profile, where the identity is one of its users. */
  readonly organization?: string
}

/** Fabric's attribute extension: JSON of the attributes that a certificate authority vouches for. */
const attributeExtension = '1.2.3.4.5.6.7.8.1'

const roleOf = (signer: Signer): Role => {
  const [leaf] = signer.certificates
  const certificate = leaf === undefined ? undefined : parseCertificate(leaf)
  const extension =
    certificate !== undefined && isRight(certificate) ? certificate.right.getExtension(attributeExtension) : null
  if (extension === null) return 'none'
  const parsed = parseJson(new Uint8Array(extension.value), recordBounds)
  const attributes = isRight(parsed) && isJsonObject(parsed.right) ? parsed.right['attrs'] : undefined
  const role = isJsonObject(attributes) ? attributes['bims.role'] : undefined
  return parseRole(typeof role === 'string' ? role : undefined)
}

const loadIdentity = async (file: string, organization?: string): Promise<Identity> => {
  const signer = value(readIdentity(await readSmallFile(file)))
  const role = roleOf(signer)
  return {
    signer,
    subject: signer.subject,
    role,
    isInstrument: role === 'instrument',
    ...(organization === undefined ? {} : { organization })
  }
}

/** A user `ORG/USER` of a profile. */
const userOf = (found: FoundProfile, name: string): Promise<Identity> => {
  const [org, user = ''] = name.split('/')
  const organization = found.profile.organizations.find(candidate => candidate.name === org || candidate.mspId === org)
  const file =
    organization !== undefined && Object.hasOwn(organization.identities, user)
      ? organization.identities[user]
      : undefined
  if (organization === undefined || file === undefined) {
    const known = found.profile.organizations.flatMap(one =>
      Object.keys(one.identities).map(each => `${one.name}/${each}`)
    )
    throw newError(
      'identity-missing',
      `The network has no user ${name}.`,
      `Its users are ${known.join(', ') || 'none'}.`
    )
  }
  return loadIdentity(join(found.folder, file), organization.name)
}

/**
 * The identity to act as: the file that was named, the user of the profile that was named, else the profile's default.
 * Undefined where nothing is named and there is no profile.
 * Rejects with `identity-missing`, `identity-malformed`, `profile-malformed`, `file-permission`.
 */
export const identityOf = async (options: IdentityOptions): Promise<Identity | undefined> => {
  if (options.as !== undefined && options.identity !== undefined) {
    throw newError('usage', 'Two identities were named.', 'Give either --as ORG/USER or --identity FILE.')
  }
  if (options.identity !== undefined) return loadIdentity(options.identity)
  const found = await findProfile(options.network)
  const name = options.as ?? found?.profile.defaultIdentity
  if (name === undefined) return undefined
  if (found === undefined) {
    throw newError(
      'identity-missing',
      `There is no network profile to find ${name} in.`,
      'Name the folder of the network with --network DIR.'
    )
  }
  return userOf(found, name)
}
