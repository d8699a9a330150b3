import { createPrivateKey, generateKeyPairSync, sign } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { isLeft, type Either } from 'fp-ts/lib/Either.js'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { parseRevocationLists } from '@bims/ledger'
import { enroll, newAuthority, openAuthority, readIdentityText, revoke, startEmbedded } from '../../src/index.ts'
import type { Credential, EmbeddedNetwork } from '../../src/index.ts'
import { isLowS, toLowS } from '../../src/ca/low-s.ts'
import { connectAs, credentialOf, text } from '../client.ts'
import { probe } from '../fixtures/probe.ts'

// No test fails on a time: a slow machine only takes longer.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 })

const right = <A>(result: Either<unknown, A>): A => {
  if (isLeft(result)) throw new Error(JSON.stringify(result.left))
  return result.right
}

const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n

// The other, equally true form of a signature, which Fabric does not accept.
const toHighS = (low: Uint8Array): Buffer => {
  const at = 4 + low[3]!
  const s = BigInt(`0x${Buffer.from(low.subarray(at + 2)).toString('hex')}`)
  const high = Buffer.from(`00${(order - s).toString(16).padStart(64, '0')}`, 'hex')
  const body = Buffer.concat([low.subarray(2, at), Buffer.of(2, high.length), high])
  return Buffer.concat([Buffer.of(0x30, body.length), body])
}

describe('creators', () => {
  let dir: string
  let network: EmbeddedNetwork
  let alice: Credential

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'bims-identities-'))
    network = await startEmbedded({ dir, chaincodes: [probe] })
    alice = credentialOf(network.profileFile, network.profile, 'org1/alice')
  })
  afterAll(async () => {
    await network.close()
    await rm(dir, { recursive: true })
  })

  const ca = async (): ReturnType<typeof openAuthority> =>
    openAuthority(readIdentityText(await readFile(join(dir, 'organizations', 'org1', 'ca.pem'), 'utf8')))

  const attempt = async (other: Parameters<typeof connectAs>[2]): Promise<{ code: number; why: string }> => {
    const client = connectAs(network, 'org1/alice', other)
    try {
      await client.gateway.getNetwork('bims').getContract('probe').submitTransaction('put', 'k', 'v')
      return { code: 0, why: 'accepted' }
    } catch (error) {
      const failure = error as { code: number; details: { message: string }[] }
      return { code: failure.code, why: failure.details[0]?.message ?? '' }
    } finally {
      client.close()
    }
  }

  it('accepts each identity of the profile, at the peer of either organisation', async () => {
    for (const identity of [
      'org1/scope',
      'org1/alice',
      'org1/sam',
      'org1/audrey',
      'org2/scope2',
      'org2/bob',
      'org2/sue',
      'org2/otto'
    ])
      for (const peerOf of ['org1', 'org2']) {
        const client = connectAs(network, identity, { peerOf })
        const who = JSON.parse(
          text(await client.gateway.getNetwork('bims').getContract('probe').evaluateTransaction('who'))
        )
        expect(who.mspId).toBe(identity.startsWith('org1') ? 'Org1MSP' : 'Org2MSP')
        client.close()
      }
  })

  it('keeps identities and authorities unreadable for others', async () => {
    const { stat } = await import('node:fs/promises')
    for (const file of ['identities/org1/alice.pem', 'organizations/org1/ca.pem', 'organizations/org1/peer.pem'])
      expect(((await stat(join(dirname(network.profileFile), file))).mode & 0o777).toString(8)).toBe('600')
  })

  it('accepts an identity that the authority issues later', async () => {
    const carol = await (await ca()).issue({ name: 'carol', role: 'client' })
    expect(await attempt({ credential: carol })).toEqual({ code: 0, why: 'accepted' })
  })

  it('refuses one that has expired', async () => {
    const old = await (await ca()).issue({ name: 'old', role: 'client', notAfter: new Date(Date.now() - 1000) })
    expect(await attempt({ credential: old })).toEqual({ code: 10, why: 'proposal client identity expired' })
  })

  it('refuses to order what an identity signed that has expired since', async () => {
    const notAfter = new Date(Math.ceil(Date.now() / 1000) * 1000 + 2000)
    const brief = await (await ca()).issue({ name: 'brief', role: 'client', notAfter })
    const client = connectAs(network, 'org1/alice', { credential: brief })
    const contract = client.gateway.getNetwork('bims').getContract('probe')
    const transaction = await contract.newProposal('put', { arguments: ['k', 'v'] }).endorse()
    await new Promise(resolve => setTimeout(resolve, notAfter.getTime() - Date.now() + 100))
    await expect(transaction.submit()).rejects.toMatchObject({
      code: 10,
      message: expect.stringContaining('broadcast client identity expired') as string
    })
    client.close()
  })

  it('refuses one of an authority that the channel does not know', async () => {
    const foreign = await (
      await newAuthority({ name: 'ca.org1', organization: 'org1', embedded: true })
    ).issue({ name: 'alice', role: 'client' })
    expect(await attempt({ credential: foreign })).toEqual({
      code: 10,
      why: expect.stringContaining('access denied: channel [bims] creator org [Org1MSP]')
    })
  })

  it('refuses one that was revoked meanwhile, and nobody else', async () => {
    const { identity } = await enroll(dir, 'org1', { name: 'carla', role: 'scientist' })
    const carla = credentialOf(network.profileFile, JSON.parse(await readFile(network.profileFile, 'utf8')), identity)
    expect(await attempt({ credential: carla })).toEqual({ code: 0, why: 'accepted' })
    const client = connectAs(network, 'org1/alice', { credential: carla })
    const contract = client.gateway.getNetwork('bims').getContract('probe')
    const endorsed = await contract.newProposal('put', { arguments: ['k', 'v'] }).endorse()
    const revoked = await revoke(dir, identity)
    await vi.waitFor(async () => {
      expect(await attempt({ credential: carla })).toEqual({
        code: 10,
        why: expect.stringContaining('access denied: channel [bims] creator org [Org1MSP]')
      })
    })
    // Neither does the orderer take what was endorsed before.
    await expect(endorsed.submit()).rejects.toMatchObject({ code: 10, message: expect.stringContaining('FORBIDDEN') })
    client.close()
    expect(await attempt({})).toEqual({ code: 0, why: 'accepted' })
    // A second one does not bring the first one back.
    const second = await enroll(dir, 'org1', { name: 'cleo', role: 'scientist' })
    expect((await revoke(dir, second.identity)).list).toBe(revoked.list)
    const [list] = right(parseRevocationLists(await readFile(revoked.list)))
    expect(list?.revoked.size).toBe(2)
    expect((await attempt({ credential: carla })).code).toBe(10)
  })

  it('names who cannot be revoked', async () => {
    await expect(revoke(dir, 'org1/nobody')).rejects.toMatchObject({ code: 'identity-missing' })
    await expect(revoke(join(dir, 'elsewhere'), 'org1/alice')).rejects.toMatchObject({ code: 'identity-missing' })
  })

  it('refuses one that names another organisation than its own, or one that is not there', async () => {
    for (const mspId of ['Org2MSP', 'Org3MSP'])
      expect(await attempt({ mspId })).toEqual({ code: 10, why: expect.stringContaining('access denied') })
  })

  it('refuses a certificate whose key did not sign', async () => {
    const thief = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
    const signer = (message: Uint8Array): Promise<Uint8Array> => Promise.resolve(toLowS(sign('sha256', message, thief)))
    expect(await attempt({ signer })).toEqual({
      code: 10,
      why: expect.stringContaining('access denied: channel [bims] creator org [Org1MSP]')
    })
  })

  it('refuses a signature that is not low-S', async () => {
    const key = createPrivateKey(alice.privateKey)
    const signer = (message: Uint8Array): Promise<Uint8Array> => {
      const high = toHighS(toLowS(sign('sha256', message, key)))
      expect(isLowS(high)).toBe(false)
      return Promise.resolve(high)
    }
    expect((await attempt({ signer })).code).toBe(10)
  })

  it('refuses one without a role, with two roles, and an authority itself', async () => {
    const authority = await ca()
    const { certificate, privateKey } = authority.credential
    expect((await attempt({ credential: { certificate, privateKey } })).code).toBe(10)
    const unset = await authority.issueServer(['host'])
    expect((await attempt({ credential: unset })).why).toContain('access denied')
  })

  it('refuses to order a transaction that another than its creator signed', async () => {
    const client = connectAs(network, 'org1/alice')
    const transaction = await client.gateway
      .getNetwork('bims')
      .getContract('probe')
      .newProposal('put', { arguments: ['k', 'v'] })
      .endorse()
    const bob = connectAs(network, 'org2/bob')
    const stolen = bob.gateway.newTransaction(transaction.getBytes())
    await expect(stolen.submit()).rejects.toMatchObject({
      code: 10,
      message: expect.stringContaining('status=FORBIDDEN')
    })
    client.close()
    bob.close()
  })

  it('refuses the status, events and blocks to whoever is no member', async () => {
    const foreign = await (
      await newAuthority({ name: 'x', organization: 'x', embedded: true })
    ).issue({ name: 'eve', role: 'client' })
    const good = connectAs(network, 'org1/alice')
    const commit = await good.gateway
      .getNetwork('bims')
      .getContract('probe')
      .submitAsync('put', { arguments: ['k', 'v'] })
    const eve = connectAs(network, 'org1/alice', { credential: foreign })
    await expect(eve.gateway.newCommit(commit.getBytes()).getStatus()).rejects.toMatchObject({ code: 7 })
    const channel = eve.gateway.getNetwork('bims')
    const events = await channel.getChaincodeEvents('probe', { startBlock: 0n })
    await expect(events[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 7 })
    const blocks = await channel.getBlockEvents({ startBlock: 0n })
    await expect(blocks[Symbol.asyncIterator]().next()).rejects.toThrow('Unexpected status response: 403')
    eve.close()
    good.close()
  })
})
