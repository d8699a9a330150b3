import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CollectionConfig } from '@bims/core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { readCollections, startEmbedded } from '../../src/index.ts'
import type { ChaincodeCollections, EmbeddedNetwork } from '../../src/index.ts'
import { connectAs, text } from '../client.ts'
import { probe, probeCollections } from '../fixtures/probe.ts'
import { left, right } from '../ledger/open.ts'

// No test fails on a time: a slow machine only takes longer.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 })

const own: CollectionConfig = { name: 'own', policy: "OR('Org1MSP.member')" }

describe('collections that a ledger is started with', () => {
  let dir: string
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'bims-collections-'))
  })
  afterAll(() => rm(dir, { recursive: true }))

  const started = async <A>(
    collections: ChaincodeCollections | undefined,
    work: (network: EmbeddedNetwork) => Promise<A>
  ): Promise<A> => {
    const network = await startEmbedded({ dir, chaincodes: [probe], ...(collections !== undefined && { collections }) })
    try {
      return await work(network)
    } finally {
      await network.close()
    }
  }
  let height: number | undefined
  const heightWith = (collections?: ChaincodeCollections): Promise<number> =>
    started(collections, network => Promise.resolve(network.height()))

  it('stand in its chain once, are kept, and count again at the next start', async () => {
    expect(await heightWith()).toBe(1)
    expect(await heightWith({ probe: probeCollections })).toBe(2)
    expect(await heightWith()).toBe(2)
    expect(await heightWith({ probe: [...probeCollections, own] })).toBe(3)
    expect(JSON.parse(await readFile(join(dir, 'network.json'), 'utf8'))).toMatchObject({
      collections: { probe: [...probeCollections, own] }
    })
    const value = await started(undefined, async network => {
      const alice = connectAs(network, 'org1/alice')
      const contract = alice.gateway.getNetwork('bims').getContract('probe')
      await contract.submitTransaction('putPrivatePlain', 'read-by-members', 'k', 'v')
      const found = text(await contract.evaluateTransaction('getPrivate', 'read-by-members', 'k'))
      alice.close()
      return found
    })
    expect(value).toBe('v')
  })

  it.each<[string, ChaincodeCollections]>([
    ['a chaincode that is not there', { other: [own] }],
    ['what is missing of those before', { probe: probeCollections }],
    ['contents that are purged after some blocks', { probe: [...probeCollections, { ...own, blockToLive: 3 }] }],
    ['a member that is no organisation', { probe: [...probeCollections, { ...own, policy: "OR('Org9MSP.member')" }] }],
    [
      'members that must be several at once',
      { probe: [...probeCollections, { ...own, policy: "AND('Org1MSP.member', 'Org2MSP.member')" }] }
    ],
    ['a policy that cannot be read', { probe: [...probeCollections, { ...own, policy: 'everybody' }] }],
    [
      'a policy that the channel has not',
      { probe: [...probeCollections, { ...own, endorsementPolicy: { channelConfigPolicy: 'Nobody' } }] }
    ],
    ['a name that Fabric refuses', { probe: [...probeCollections, own, { ...own, name: '_x' }] }]
  ])('are refused for %s, and forgotten', async (_, collections) => {
    // As the test before has left it.
    height ??= await heightWith()
    await expect(startEmbedded({ dir, chaincodes: [probe], collections })).rejects.toMatchObject({ code: 'usage' })
    expect(await heightWith()).toBe(height)
  })
})

describe('a file of collections', () => {
  it('is read as Fabric reads it', () => {
    expect(right(readCollections(probeCollections))).toEqual(probeCollections)
    expect(right(readCollections([]))).toEqual([])
  })

  it.each<[string, unknown]>([
    ['is no list', {}],
    ['holds something else', ['x']],
    ['holds one without a name', [{ policy: own.policy }]],
    ['holds one without a policy', [{ name: 'x' }]],
    ['holds a member that nobody knows', [{ ...own, memberOnly: true }]],
    ['holds a member of another type', [{ ...own, memberOnlyRead: 'true' }]],
    ['holds a count below nought', [{ ...own, blockToLive: -1 }]],
    ['holds a name twice', [own, own]],
    ['needs more copies than it tries', [{ ...own, requiredPeerCount: 2, maxPeerCount: 1 }]],
    [
      'names two endorsement policies',
      [{ ...own, endorsementPolicy: { signaturePolicy: 'a', channelConfigPolicy: 'b' } }]
    ]
  ])('is refused where it %s', (_, value) => {
    expect(left(readCollections(value)).code).toBe('usage')
  })
})
