import { createPrivateKey, X509Certificate } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client, credentials } from '@grpc/grpc-js'
import { connect, hash, signers } from '@hyperledger/fabric-gateway'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { enroll, startEmbedded } from '../../src/index.ts'
import type { EmbeddedNetwork } from '../../src/index.ts'
import { connectAs, text } from '../client.ts'
import { probe } from '../fixtures/probe.ts'

// No test fails on a time: a slow machine only takes longer.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 })

describe('certificates and keys as Fabric lays them out', () => {
  let dir: string
  let network: EmbeddedNetwork

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'bims-msp-'))
    network = await startEmbedded({ dir, chaincodes: [probe] })
  })
  afterAll(async () => {
    await network.close()
    await rm(dir, { recursive: true })
  })

  const of = (domain: string, ...path: readonly string[]): string =>
    join(dir, 'organizations', 'peerOrganizations', domain, ...path)

  // Nothing but a folder, an endpoint and a host name: as programs that others wrote for Fabric connect.
  const whoIs = async (user: string): Promise<{ mspId: string; id: string; abac: string | null }> => {
    const domain = user.split('@')[1]!
    const organization = network.profile.organizations.find(o => `${o.name}.example.com` === domain)!
    const msp = of(domain, 'users', user, 'msp')
    const only = async (folder: string): Promise<Buffer> =>
      readFile(join(msp, folder, (await readdir(join(msp, folder)))[0]!))
    const root = await readFile(of(domain, 'peers', `peer0.${domain}`, 'tls', 'ca.crt'))
    const client = new Client(organization.peers[0]!.endpoint, credentials.createSsl(root), {
      'grpc.ssl_target_name_override': `peer0.${domain}`
    })
    const gateway = connect({
      client,
      identity: { mspId: organization.mspId, credentials: await only('signcerts') },
      signer: signers.newPrivateKeySigner(createPrivateKey(await only('keystore'))),
      hash: hash.sha256
    })
    try {
      const contract = gateway.getNetwork('bims').getContract('probe')
      await contract.submitTransaction('put', user, 'v')
      return JSON.parse(text(await contract.evaluateTransaction('who')))
    } finally {
      gateway.close()
      client.close()
    }
  }

  it('let a client in that knows no more than paths, a host name and an endpoint', async () => {
    expect(await whoIs('User1@org1.example.com')).toMatchObject({
      mspId: 'Org1MSP',
      id: expect.stringContaining('User1')
    })
    expect(await whoIs('Admin@org2.example.com')).toMatchObject({
      mspId: 'Org2MSP',
      id: expect.stringContaining('admin')
    })
    expect(await whoIs('alice@org1.example.com')).toMatchObject({ role: 'scientist' })
  })

  it('hold what tools of Fabric look for: roots, units of organisation, TLS roots', async () => {
    const users = await readdir(of('org1.example.com', 'users'))
    expect(users.sort()).toEqual(
      ['Admin', 'User1', 'alice', 'audrey', 'sam', 'scope'].map(name => `${name}@org1.example.com`)
    )
    const msp = of('org1.example.com', 'users', 'User1@org1.example.com', 'msp')
    const certificate = new X509Certificate(await readFile(join(msp, 'signcerts', 'cert.pem')))
    const ca = new X509Certificate(await readFile(join(msp, 'cacerts', 'ca.org1.example.com-cert.pem')))
    const tlsCa = await readFile(join(msp, 'tlscacerts', 'tlsca.org1.example.com-cert.pem'), 'utf8')
    expect(certificate.checkIssued(ca) && certificate.verify(ca.publicKey)).toBe(true)
    expect(tlsCa).toBe(network.profile.organizations[0]!.tlsRoot)
    expect(await readFile(join(msp, 'config.yaml'), 'utf8')).toContain('OrganizationalUnitIdentifier: client')
    expect(await readFile(of('org1.example.com', 'msp', 'config.yaml'), 'utf8')).toContain('Enable: true')
    expect((await stat(join(msp, 'keystore', 'priv_sk'))).mode & 0o077).toBe(0)
  })

  it('are written anew where they were removed, and the users that the profile names are the same', async () => {
    await network.close()
    await rm(of('.'), { recursive: true })
    network = await startEmbedded({ dir })
    expect(await whoIs('User1@org1.example.com')).toMatchObject({ mspId: 'Org1MSP' })
    expect(
      await readFile(of('org2.example.com', 'users', 'bob@org2.example.com', 'msp', 'signcerts', 'cert.pem'), 'utf8')
    ).toBe(
      `${/-----BEGIN CERTIFICATE[^]*END CERTIFICATE-----/.exec(await readFile(join(dir, 'identities', 'org2', 'bob.pem'), 'utf8'))![0]}\n`
    )
  })

  it('are made for one more user while the ledger runs, who is there after the next start too', async () => {
    const made = await enroll(dir, 'org1', { name: 'creator', attributes: { 'abac.creator': 'true' } })
    expect(made).toEqual({
      identity: 'org1/creator',
      file: join(dir, 'identities', 'org1', 'creator.pem'),
      msp: of('org1.example.com', 'users', 'creator@org1.example.com', 'msp')
    })
    expect(await whoIs('creator@org1.example.com')).toMatchObject({ abac: 'true', role: null })
    await network.close()
    network = await startEmbedded({ dir })
    const creator = connectAs(network, 'org1/creator')
    expect(
      JSON.parse(text(await creator.gateway.getNetwork('bims').getContract('probe').evaluateTransaction('who')))
    ).toMatchObject({ abac: 'true' })
    creator.close()
  })

  it('give a role of BIMS where one is asked for', async () => {
    await enroll(dir, 'org2', { name: 'carol', role: 'steward' })
    expect(await whoIs('carol@org2.example.com')).toMatchObject({ mspId: 'Org2MSP', role: 'steward' })
  })

  it.each([
    ['a name that is given away', 'org1', { name: 'alice' }, 'file-exists'],
    ['the name of a customary user', 'org1', { name: 'User1' }, 'file-exists'],
    ['an organisation that is not there', 'org9', { name: 'eve' }, 'usage'],
    ['an organisation outside the folder', '../org1', { name: 'eve' }, 'usage'],
    ['a name that leads elsewhere', 'org1', { name: '../eve' }, 'usage'],
    ['a name that is hidden', 'org1', { name: '.eve' }, 'usage'],
    ['no name', 'org1', { name: '' }, 'usage'],
    ['an enrolment id of another', 'org1', { name: 'eve', attributes: { 'hf.EnrollmentID': 'alice' } }, 'usage'],
    ['a role by the back door', 'org1', { name: 'eve', attributes: { 'bims.role': 'steward' } }, 'usage']
  ])('are refused for %s', async (_, organization, user, code) => {
    const before = await readdir(dir, { recursive: true })
    await expect(enroll(dir, organization, user)).rejects.toMatchObject({ code })
    expect(await readdir(dir, { recursive: true })).toEqual(before)
  })

  it('are not made where there is no ledger', async () => {
    await expect(enroll(join(dir, 'nothing'), 'org1', { name: 'eve' })).rejects.toMatchObject({
      code: 'network-not-running'
    })
  })
})
