import { mkdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { newAuthority } from '../ca/authority.ts'
import type { Authority, Credential } from '../ca/authority.ts'
import { identityText } from '../ca/identity-file.ts'
import { syncFolder, writeWholeFile } from '../files/whole-file.ts'
import type { OrganizationRequest } from '../organizations/default-organizations.ts'
import { layoutOf } from './layout.ts'
import { identityFolder } from './organization-files.ts'
import type { FabricPlan } from './plan.ts'

const writeIn = async (path: string, text: string, mode?: number): Promise<void> => {
  await mkdir(dirname(path), { recursive: true })
  await writeWholeFile(path, text, mode)
}

// By these organisational units Fabric tells the roles of an organisation's identities.
const nodeUnits = (): string => {
  const unit = (name: string): object => ({
    Certificate: 'cacerts/ca.pem',
    OrganizationalUnitIdentifier: name
  })
  return JSON.stringify({
    NodeOUs: {
      Enable: true,
      ClientOUIdentifier: unit('client'),
      PeerOUIdentifier: unit('peer'),
      AdminOUIdentifier: unit('admin'),
      OrdererOUIdentifier: unit('orderer')
    }
  })
}

interface Authorities {
  readonly ca: Authority
  readonly tlsCa: Authority
}

/** A membership folder: what an organisation is known by, and the key of one of its members. */
const writeMsp = async (dir: string, { ca, tlsCa }: Authorities, member?: Credential): Promise<void> => {
  await Promise.all([
    writeIn(join(dir, 'cacerts', 'ca.pem'), ca.credential.certificate),
    writeIn(join(dir, 'tlscacerts', 'tlsca.pem'), tlsCa.credential.certificate),
    writeIn(join(dir, 'config.yaml'), nodeUnits()),
    ...(member === undefined
      ? []
      : [
          writeIn(join(dir, 'signcerts', 'cert.pem'), member.certificate),
          writeIn(join(dir, 'keystore', 'priv_sk'), member.privateKey, 0o600)
        ])
  ])
}

const writeTls = async (
  files: { readonly certificate: string; readonly key: string },
  tls: Credential
): Promise<void> => {
  await Promise.all([writeIn(files.certificate, tls.certificate), writeIn(files.key, tls.privateKey, 0o600)])
}

const makeOrganization = async (
  dir: string,
  users: string,
  plan: FabricPlan,
  { name, mspId, users: requested }: OrganizationRequest
): Promise<void> => {
  const [ca, tlsCa] = await Promise.all([
    newAuthority({ name: `ca.${name}`, organization: name, embedded: false }),
    newAuthority({ name: `tlsca.${name}`, organization: name, embedded: false })
  ])
  const authorities = { ca, tlsCa }
  const at = layoutOf(dir).organization(name)
  const node = async (node: string, role: 'peer' | 'orderer'): Promise<void> => {
    await writeMsp(at.nodeMsp(node), authorities, await ca.issue({ name: node, role }))
    await writeTls(at.tls(node), await tlsCa.issueServer(['localhost', '127.0.0.1', '::1', node]))
  }
  await Promise.all([
    writeIn(join(at.dir, 'organization.json'), `${JSON.stringify({ name, mspId })}\n`),
    writeIn(join(at.dir, 'root.pem'), ca.credential.certificate),
    writeIn(at.tlsRoot, tlsCa.credential.certificate),
    writeIn(join(at.dir, 'ca.pem'), identityText(ca.credential), 0o600),
    writeIn(join(at.dir, 'tls-ca.pem'), identityText(tlsCa.credential), 0o600),
    writeMsp(at.msp, authorities),
    writeMsp(at.adminMsp, authorities, await ca.issue({ name: 'admin', role: 'admin' })),
    writeTls(at.adminTls, await tlsCa.issueServer([`admin.${name}`])),
    ...plan.peers.filter(({ organization }) => organization === name).map(peer => node(peer.name, 'peer')),
    ...plan.orderers.filter(({ organization }) => organization === name).map(orderer => node(orderer.name, 'orderer')),
    ...requested.map(async user => {
      const attributes = { ...user.attributes, ...(user.role === undefined ? {} : { 'bims.role': user.role }) }
      const credential = await ca.issue({ name: user.name, role: 'client', attributes })
      await writeIn(join(users, name, `${user.name}.pem`), identityText(credential), 0o600)
    })
  ])
}

/** Makes the keys of all organisations, their nodes and their users, in place of those that an unfinished start left. */
export const makeKeyMaterial = async (dir: string, plan: FabricPlan): Promise<void> => {
  const temporary = join(dir, '.keys.tmp')
  const users = join(temporary, identityFolder)
  await rm(temporary, { recursive: true, force: true })
  await Promise.all(plan.organizations.map(organization => makeOrganization(temporary, users, plan, organization)))
  for (const name of [identityFolder, 'organizations']) {
    await rm(join(dir, name), { recursive: true, force: true })
    await rename(join(temporary, name), join(dir, name))
  }
  await rm(temporary, { recursive: true, force: true })
  await syncFolder(dir)
}
