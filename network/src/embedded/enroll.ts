import { readFile, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { newError } from '@bims/core'
import { parseProfile, profileText } from '@bims/ledger'
import type { Profile, ProfileOrganization } from '@bims/ledger'
import { identityText, readIdentityText } from '../ca/identity-file.ts'
import { writeWholeFile } from '../files/whole-file.ts'
import { domainOf, makeMspFolders, mspFolder, writeMspUser } from './msp-folders.ts'
import type { UserRequest } from '../organizations/default-organizations.ts'

/** An identity that was made, and where its files are. */
export interface Enrolled {
  /** `ORG/USER`, as the profile names it. */
  readonly identity: string
  /** Absolute path of its certificate and key in one file. */
  readonly file: string
  /** Absolute path of its folder as Fabric's own programs expect it: `signcerts`, `keystore`, `cacerts`. */
  readonly msp: string
}

const userName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false
  )

const readProfile = async (file: string): Promise<Profile> => {
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw newError('network-not-running', `${file} is not there.`, 'Start a network first with `bims network up`.', {
      cause
    })
  })
  const profile = parseProfile(bytes)
  if (E.isLeft(profile)) throw profile.left
  return profile.right
}

const organizationOf = async (dir: string, profile: Profile, name: string): Promise<ProfileOrganization> => {
  const known = profile.organizations.find(o => o.name === name)
  if (known === undefined)
    throw newError(
      'usage',
      `The network has no organisation ${name}.`,
      `Its organisations are ${profile.organizations.map(o => o.name).join(', ')}.`
    )
  if (!(await exists(join(dir, 'organizations', name, 'ca.pem'))))
    throw newError(
      'ledger-unsupported',
      `The folder does not hold the certificate authority of ${name}.`,
      'Have the identity made by whoever keeps the authority of that organisation.'
    )
  return known
}

const checkRequest = (user: UserRequest): void => {
  if (!userName.test(user.name))
    throw newError(
      'usage',
      `"${user.name}" is no name for a user.`,
      'Use letters, digits, dots, dashes and underscores.'
    )
  const reserved = Object.keys(user.attributes ?? {}).find(name => name.startsWith('hf.') || name === 'bims.role')
  if (reserved !== undefined)
    throw newError('usage', `The attribute ${reserved} is not set this way.`, 'Give a role of BIMS with --role.')
}

const sorted = (identities: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(identities).sort(([a], [b]) => (a < b ? -1 : 1)))

const withIdentity = (profile: Profile, organization: string, user: string, file: string): Profile => ({
  ...profile,
  organizations: profile.organizations.map(o =>
    o.name === organization ? { ...o, identities: sorted({ ...o.identities, [user]: file }) } : o
  )
})

/** The attributes of a user's certificate. */
export const attributesOf = (user: UserRequest): Readonly<Record<string, string>> => ({
  ...user.attributes,
  ...(user.role === undefined ? {} : { 'bims.role': user.role })
})

/**
 * Makes one more identity of an organisation of an embedded ledger, which may run meanwhile: its certificate and key
 * in one file and in a folder as Fabric's own programs expect them. The profile names it from then on.
 * @throws `network-not-running` where the folder never had a ledger; `usage` for an organisation that it does not
 * have, a name or an attribute that cannot be; `file-exists` for a name that is given away; `ledger-unsupported` where
 * the folder does not hold the organisation's authority.
 */
export const enroll = async (dir: string, organization: string, user: UserRequest): Promise<Enrolled> => {
  checkRequest(user)
  const profileFile = join(dir, 'profile.json')
  const own = await organizationOf(dir, await readProfile(profileFile), organization)
  const relative = `identities/${organization}/${user.name}.pem`
  const file = join(dir, relative)
  const domain = domainOf(organization)
  const folder = join(dir, mspFolder, domain, 'users', `${user.name}@${domain}`)
  if ((await exists(file)) || (await exists(folder)))
    throw newError('file-exists', `${organization} has a user ${user.name} already.`, 'Choose another name.')
  const laidOut = { name: organization, root: own.mspRoots[0] ?? '', tlsRoot: own.tlsRoot }
  await makeMspFolders(dir, [{ ...laidOut, identities: own.identities }])
  const { openAuthority } = await import('../ca/authority.ts')
  const ca = await openAuthority(
    readIdentityText(await readFile(join(dir, 'organizations', organization, 'ca.pem'), 'utf8'))
  )
  const credential = await ca.issue({ name: user.name, role: 'client', attributes: attributesOf(user) })
  await writeMspUser(dir, laidOut, user.name, credential)
  await writeWholeFile(file, identityText(credential), 0o600)
  await writeWholeFile(
    profileFile,
    profileText(withIdentity(await readProfile(profileFile), organization, user.name, relative))
  )
  return { identity: `${organization}/${user.name}`, file: resolve(file), msp: resolve(folder, 'msp') }
}
