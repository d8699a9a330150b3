import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Credential } from '../ca/authority.ts'
import { readIdentityText } from '../ca/identity-file.ts'
import { writeWholeFolder, type FolderFile } from '../files/whole-file.ts'

/** An organisation with its root certificates in PEM. */
export interface OrganizationRoots {
  readonly name: string
  readonly root: string
  readonly tlsRoot: string
}

/** An organisation whose certificates are laid out, and the users that it has. */
export interface LaidOutOrganization extends OrganizationRoots {
  /** Users with their identity files, relative to the folder of the network. */
  readonly identities: Readonly<Record<string, string>>
}

/** Folder, in that of the network, in which programs written for Fabric find certificates and keys. */
export const mspFolder = join('organizations', 'peerOrganizations')

/** The domain under which Fabric's own sample network keeps an organisation of this name. */
export const domainOf = (organization: string): string => `${organization}.example.com`

// Which organisational unit makes an identity a client, a peer …: without this file Fabric's own tools do not ask.
const nodeUnits = (certificate: string): string => {
  const unit = (kind: string): string =>
    `  ${kind}OUIdentifier:\n    Certificate: cacerts/${certificate}\n    OrganizationalUnitIdentifier: ${kind.toLowerCase()}\n`
  return `NodeOUs:\n  Enable: true\n${['Client', 'Peer', 'Admin', 'Orderer'].map(unit).join('')}`
}

const within = (folder: string, files: readonly FolderFile[]): readonly FolderFile[] =>
  files.map(file => ({ ...file, path: join(folder, file.path) }))

const rootFiles = (organization: OrganizationRoots): readonly FolderFile[] => {
  const domain = domainOf(organization.name)
  const [ca, tlsCa] = [`ca.${domain}-cert.pem`, `tlsca.${domain}-cert.pem`]
  return [
    { path: join('cacerts', ca), text: organization.root },
    { path: join('tlscacerts', tlsCa), text: organization.tlsRoot },
    { path: 'config.yaml', text: nodeUnits(ca) }
  ]
}

const userFiles = (organization: OrganizationRoots, credential: Credential): readonly FolderFile[] => [
  ...within('msp', [
    ...rootFiles(organization),
    { path: join('signcerts', 'cert.pem'), text: credential.certificate },
    { path: join('keystore', 'priv_sk'), text: credential.privateKey, mode: 0o600 }
  ]),
  { path: join('tls', 'ca.crt'), text: organization.tlsRoot }
]

const userFolder = (organization: OrganizationRoots, name: string): string =>
  join(domainOf(organization.name), 'users', `${name}@${domainOf(organization.name)}`)

/** Lays out one more user of an organisation: the whole folder, or none. */
export const writeMspUser = (
  dir: string,
  organization: OrganizationRoots,
  name: string,
  credential: Credential
): Promise<void> =>
  writeWholeFolder(
    join(dir, mspFolder, userFolder(organization, name)),
    join(dir, `.${name}@${domainOf(organization.name)}.tmp`),
    userFiles(organization, credential)
  )

// The names that programs written for Fabric's sample network look for. They have no role in BIMS.
const customaryFiles = async (dir: string, organization: LaidOutOrganization): Promise<readonly FolderFile[]> => {
  const { openAuthority } = await import('../ca/authority.ts')
  const text = await readFile(join(dir, 'organizations', organization.name, 'ca.pem'), 'utf8')
  const ca = await openAuthority(readIdentityText(text))
  const customary = [
    { name: 'User1', role: 'client' },
    { name: 'Admin', role: 'admin' }
  ] as const
  const files = customary.map(async request =>
    within(userFolder(organization, request.name), userFiles(organization, await ca.issue(request)))
  )
  return (await Promise.all(files)).flat()
}

const organizationFiles = async (dir: string, organization: LaidOutOrganization): Promise<readonly FolderFile[]> => {
  const domain = domainOf(organization.name)
  const users = Object.entries(organization.identities).map(async ([name, file]) => {
    const credential = readIdentityText(await readFile(join(dir, file), 'utf8'))
    return within(userFolder(organization, name), userFiles(organization, credential))
  })
  return [
    ...within(join(domain, 'msp'), rootFiles(organization)),
    { path: join(domain, 'peers', `peer0.${domain}`, 'tls', 'ca.crt'), text: organization.tlsRoot },
    ...(await customaryFiles(dir, organization)),
    ...(await Promise.all(users)).flat()
  ]
}

/**
 * Lays certificates and keys of all users out as Fabric's own tools do, with the names of its sample network, where the
 * folder does not have them yet (they are copies: what is removed here is written anew): `organizations/peerOrganizations/org1.example.com/users/User1@org1.example.com/msp`,
 * `…/peers/peer0.org1.example.com/tls/ca.crt`.
 */
export const makeMspFolders = async (dir: string, organizations: readonly LaidOutOrganization[]): Promise<void> => {
  const there = await stat(join(dir, mspFolder)).catch(() => undefined)
  if (there !== undefined) return
  const files = await Promise.all(organizations.map(organization => organizationFiles(dir, organization)))
  await writeWholeFolder(join(dir, mspFolder), join(dir, '.peerOrganizations.tmp'), files.flat())
}
