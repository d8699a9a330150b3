import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Credential } from '../ca/authority.ts'
import { readIdentityText } from '../ca/identity-file.ts'
import { syncFolder } from '../files/whole-file.ts'

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

const writeRoots = async (msp: string, organization: OrganizationRoots): Promise<void> => {
  const domain = domainOf(organization.name)
  const [ca, tlsCa] = [`ca.${domain}-cert.pem`, `tlsca.${domain}-cert.pem`]
  await Promise.all(['cacerts', 'tlscacerts'].map(name => mkdir(join(msp, name), { recursive: true })))
  await Promise.all([
    writeFile(join(msp, 'cacerts', ca), organization.root),
    writeFile(join(msp, 'tlscacerts', tlsCa), organization.tlsRoot),
    writeFile(join(msp, 'config.yaml'), nodeUnits(ca))
  ])
}

const writeTlsRoot = async (folder: string, tlsRoot: string): Promise<void> => {
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'ca.crt'), tlsRoot)
}

const writeUser = async (
  folder: string,
  organization: OrganizationRoots,
  name: string,
  credential: Credential
): Promise<void> => {
  const user = join(folder, domainOf(organization.name), 'users', `${name}@${domainOf(organization.name)}`)
  const msp = join(user, 'msp')
  await Promise.all(['signcerts', 'keystore'].map(part => mkdir(join(msp, part), { recursive: true })))
  await Promise.all([
    writeRoots(msp, organization),
    writeTlsRoot(join(user, 'tls'), organization.tlsRoot),
    writeFile(join(msp, 'signcerts', 'cert.pem'), credential.certificate),
    writeFile(join(msp, 'keystore', 'priv_sk'), credential.privateKey, { mode: 0o600 })
  ])
}

/** Lays out one more user of an organisation. */
export const writeMspUser = (
  dir: string,
  organization: OrganizationRoots,
  name: string,
  credential: Credential
): Promise<void> => writeUser(join(dir, mspFolder), organization, name, credential)

// The names that programs written for Fabric's sample network look for. They have no role in BIMS.
const writeCustomary = async (dir: string, folder: string, organization: LaidOutOrganization): Promise<void> => {
  const { openAuthority } = await import('../ca/authority.ts')
  const text = await readFile(join(dir, 'organizations', organization.name, 'ca.pem'), 'utf8')
  const ca = await openAuthority(readIdentityText(text))
  const customary = [
    { name: 'User1', role: 'client' },
    { name: 'Admin', role: 'admin' }
  ] as const
  await Promise.all(
    customary.map(async request => writeUser(folder, organization, request.name, await ca.issue(request)))
  )
}

const writeOrganization = async (dir: string, folder: string, organization: LaidOutOrganization): Promise<void> => {
  const domain = domainOf(organization.name)
  const users = Object.entries(organization.identities).map(async ([name, file]) =>
    writeUser(folder, organization, name, readIdentityText(await readFile(join(dir, file), 'utf8')))
  )
  await Promise.all([
    writeRoots(join(folder, domain, 'msp'), organization),
    writeTlsRoot(join(folder, domain, 'peers', `peer0.${domain}`, 'tls'), organization.tlsRoot),
    writeCustomary(dir, folder, organization),
    ...users
  ])
}

/**
 * Lays certificates and keys of all users out as Fabric's own tools do, with the names of its sample network, where the
 * folder does not have them yet (they are copies: what is removed here is written anew): `organizations/peerOrganizations/org1.example.com/users/User1@org1.example.com/msp`,
 * `…/peers/peer0.org1.example.com/tls/ca.crt`.
 */
export const makeMspFolders = async (dir: string, organizations: readonly LaidOutOrganization[]): Promise<void> => {
  const there = await stat(join(dir, mspFolder)).catch(() => undefined)
  if (there !== undefined) return
  const temporary = join(dir, '.peerOrganizations.tmp')
  await rm(temporary, { recursive: true, force: true })
  await Promise.all(organizations.map(organization => writeOrganization(dir, temporary, organization)))
  await rename(temporary, join(dir, mspFolder))
  await syncFolder(join(dir, 'organizations'))
}
