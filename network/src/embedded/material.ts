import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { writeWholeFile, syncFolder } from '../files/whole-file.ts'
import type { Credential } from '../ca/authority.ts'
import { identityText, readIdentityText } from '../ca/identity-file.ts'
import { corrupt } from './corrupt.ts'
import { attributesOf } from './enroll.ts'
import { domainOf, mspFolder } from './msp-folders.ts'
import type { OrganizationRequest } from '../organizations/default-organizations.ts'

/** The keys and certificates of an organisation as an embedded ledger uses them. */
export interface OrganizationMaterial {
  readonly name: string
  readonly mspId: string
  readonly root: string
  readonly tlsRoot: string
  readonly peer: Credential
  readonly orderer: Credential
  readonly tls: Credential
  /** Users with their identity files, relative to the folder of the network. */
  readonly identities: Readonly<Record<string, string>>
}

const folder = 'organizations'
const userFolder = 'identities'

const exists = async (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false
  )

// The last is the name by which programs written for Fabric's sample network call the peer.
const hostsOf = (name: string): readonly string[] => [
  'localhost',
  '127.0.0.1',
  '::1',
  `peer0.${name}`,
  `peer0.${domainOf(name)}`
]

const writeCredential = (path: string, credential: Credential): Promise<void> =>
  writeWholeFile(path, identityText(credential), 0o600)

const makeOrganization = async (dir: string, users: string, request: OrganizationRequest): Promise<void> => {
  // Loaded only where keys are made: a ledger that is started again does without it.
  const { newAuthority } = await import('../ca/authority.ts')
  const { name, mspId } = request
  const [ca, tlsCa] = await Promise.all([
    newAuthority({ name: `ca.${name}`, organization: name, embedded: true }),
    newAuthority({ name: `tlsca.${name}`, organization: name, embedded: true })
  ])
  await Promise.all([mkdir(join(dir, name), { recursive: true }), mkdir(join(users, name), { recursive: true })])
  const own = (file: string): string => join(dir, name, file)
  await Promise.all([
    writeWholeFile(own('organization.json'), `${JSON.stringify({ name, mspId })}\n`),
    writeWholeFile(own('root.pem'), ca.credential.certificate),
    writeWholeFile(own('tls-root.pem'), tlsCa.credential.certificate),
    writeCredential(own('ca.pem'), ca.credential),
    writeCredential(own('tls-ca.pem'), tlsCa.credential),
    writeCredential(own('peer.pem'), await ca.issue({ name: `peer0.${name}`, role: 'peer' })),
    writeCredential(own('orderer.pem'), await ca.issue({ name: `orderer0.${name}`, role: 'orderer' })),
    writeCredential(own('tls.pem'), await tlsCa.issueServer(hostsOf(name))),
    ...request.users.map(async user => {
      const credential = await ca.issue({ name: user.name, role: 'client', attributes: attributesOf(user) })
      await writeCredential(join(users, name, `${user.name}.pem`), credential)
    })
  ])
}

/**
 * Makes the keys of all organisations where the folder has none. They appear at once: the folder of the organisations
 * is moved into place last, and what an interrupted run left behind is thrown away.
 */
export const makeMaterial = async (dir: string, organizations: readonly OrganizationRequest[]): Promise<void> => {
  if (await exists(join(dir, folder))) return
  if (await exists(join(dir, 'ledger', 'blocks', 'blocks-000000')))
    throw corrupt('The folder holds a chain, but the keys of its organisations are gone.')
  const [temporary, users] = [join(dir, `.${folder}.tmp`), join(dir, `.${userFolder}.tmp`)]
  const leftovers = [temporary, users, join(dir, userFolder)]
  await Promise.all(leftovers.map(path => rm(path, { recursive: true, force: true })))
  await Promise.all(organizations.map(request => makeOrganization(temporary, users, request)))
  // One after the other on the disk: a power cut may not leave the folder of the organisations without what it stands for.
  await Promise.all([syncFolder(temporary), syncFolder(users)])
  await rename(users, join(dir, userFolder))
  await syncFolder(dir)
  await rename(temporary, join(dir, folder))
  await syncFolder(dir)
}

const readText = (path: string): Promise<string> =>
  readFile(path, 'utf8').catch((cause: unknown) => {
    throw corrupt(`The file ${path} cannot be read.`, cause)
  })

const readNames = (text: string, path: string): { readonly name: string; readonly mspId: string } => {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && 'name' in value && 'mspId' in value) {
      const { name, mspId } = value
      if (typeof name === 'string' && typeof mspId === 'string') return { name, mspId }
    }
  } catch {
    // Falls through to the error below.
  }
  throw corrupt(`The file ${path} does not name an organisation.`)
}

const readOrganization = async (dir: string, name: string): Promise<OrganizationMaterial> => {
  const own = (file: string): string => join(dir, folder, name, file)
  const credential = async (file: string): Promise<Credential> => readIdentityText(await readText(own(file)))
  const users = (await readdir(join(dir, userFolder, name)).catch(() => []))
    .filter(file => file.endsWith('.pem'))
    .sort()
  return {
    ...readNames(await readText(own('organization.json')), own('organization.json')),
    root: await readText(own('root.pem')),
    tlsRoot: await readText(own('tls-root.pem')),
    peer: await credential('peer.pem'),
    orderer: await credential('orderer.pem'),
    tls: await credential('tls.pem'),
    identities: Object.fromEntries(users.map(file => [file.slice(0, -'.pem'.length), `${userFolder}/${name}/${file}`]))
  }
}

/**
 * Reads the keys of all organisations, in the order of their names.
 * @throws `network-corrupt` where one is missing or unreadable.
 */
export const readMaterial = async (dir: string): Promise<readonly OrganizationMaterial[]> => {
  const names = (await readdir(join(dir, folder))).filter(name => name !== basename(mspFolder)).sort()
  return Promise.all(names.map(name => readOrganization(dir, name)))
}
