import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { networkDown, networkStatus, networkUp, startEmbedded } from '../../src/index.ts'
import type { EmbeddedOptions } from '../../src/index.ts'
import { connectAs, text } from '../client.ts'
import { freePort } from '../fixtures/chaincode-program.ts'
import { probe } from '../fixtures/probe.ts'

// No test fails on a time: a slow machine only takes longer.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 })

const nowhere = { name: 'elsewhere', address: '127.0.0.1:9' }

describe('what a ledger is started with', () => {
  let dir: string
  let ports: Readonly<Record<string, number>>

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'bims-settings-'))
    ports = { org1: await freePort(), org2: await freePort() }
  })
  afterAll(() => rm(dir, { recursive: true }))

  const namesAt = async (options: Partial<EmbeddedOptions> = {}): Promise<readonly string[]> => {
    const network = await startEmbedded({ dir, ...options })
    const names = network.chaincodes().map(c => c.name)
    expect(network.profile.organizations.map(o => o.peers[0]!.endpoint)).toEqual([
      `localhost:${ports.org1}`,
      `localhost:${ports.org2}`
    ])
    await network.close()
    return names
  }

  it('is kept: chaincodes and ports are the same at the next start', async () => {
    expect(await namesAt({ chaincodes: [probe], ports, channel: 'mychannel' })).toEqual(['probe'])
    expect(await namesAt()).toEqual(['probe'])
    expect(await namesAt({ moreChaincodes: [nowhere] })).toEqual(['probe', 'elsewhere'])
    expect(await namesAt({ moreChaincodes: [{ ...nowhere, address: '127.0.0.1:10' }] })).toEqual(['probe', 'elsewhere'])
    expect(JSON.parse(await readFile(join(dir, 'network.json'), 'utf8'))).toMatchObject({
      chaincodes: [{ name: 'probe' }, { name: 'elsewhere', address: '127.0.0.1:10' }],
      ports
    })
    expect(await namesAt({ chaincodes: [probe] })).toEqual(['probe'])
  })

  it('is not passed over where the ledger runs already, or has begun with something else', async () => {
    expect((await networkUp(dir, { ports })).chaincodes).toEqual([{ name: 'probe', connected: true }])
    await expect(networkUp(dir, { moreChaincodes: [nowhere] })).rejects.toMatchObject({ code: 'network-locked' })
    await expect(networkUp(dir, { channel: 'other' })).rejects.toMatchObject({ code: 'usage' })
    await expect(networkUp(dir, { endorsement: 'any' })).rejects.toMatchObject({ code: 'usage' })
    await expect(networkUp(dir, { endorsement: 'most' })).rejects.toMatchObject({ code: 'usage' })
    expect((await networkUp(dir, { channel: 'mychannel', endorsement: 'majority' })).running).toBe(true)
    expect((await networkDown(dir)).chaincodes).toEqual([])
    expect((await networkStatus(dir)).running).toBe(false)
    await expect(startEmbedded({ dir, channel: 'other' })).rejects.toMatchObject({ code: 'usage' })
    await expect(startEmbedded({ dir, endorsement: 'any' })).rejects.toMatchObject({ code: 'usage' })
    expect(await namesAt({ channel: 'mychannel', endorsement: 'majority' })).toEqual(['probe'])
  })

  it('is refused where a port that must be had is taken', async () => {
    const other = createServer().listen(ports.org2, '127.0.0.1')
    await once(other, 'listening')
    await expect(startEmbedded({ dir })).rejects.toMatchObject({ code: 'network-port-taken' })
    other.close()
    await once(other, 'close')
    expect(await namesAt()).toEqual(['probe'])
  })

  it.each<[string, Partial<EmbeddedOptions>]>([
    ['a name with a blank', { moreChaincodes: [{ name: 'two words', address: '127.0.0.1:9' }] }],
    ['a name that leads elsewhere', { moreChaincodes: [{ name: '../x', address: '127.0.0.1:9' }] }],
    ['an address without a port', { moreChaincodes: [{ name: 'x', address: 'localhost' }] }],
    ['an address with a port too high', { moreChaincodes: [{ name: 'x', address: 'localhost:65536' }] }],
    ['a port to listen at that is none', { moreChaincodes: [{ name: 'x', listen: -1 }] }],
    ['a chaincode in two places', { moreChaincodes: [{ name: 'x', listen: 1, address: 'localhost:1' }] }],
    ['a port of an organisation that is not there', { ports: { org9: 1 } }],
    [
      'a process of one that is not there',
      { moreChaincodes: [{ ...nowhere, organizations: { org9: { listen: 1 } } }] }
    ],
    ["an organisation's process that is nowhere", { moreChaincodes: [{ ...nowhere, organizations: { org2: {} } }] }],
    [
      "an organisation's process without a port",
      { moreChaincodes: [{ ...nowhere, organizations: { org2: { address: 'localhost' } } }] }
    ],
    [
      'two processes awaited at one port',
      { moreChaincodes: [{ name: 'x', listen: 1, organizations: { org2: { listen: 1 } } }] }
    ]
  ])('is refused for %s, and forgotten', async (_, options) => {
    await expect(startEmbedded({ dir, ...options })).rejects.toMatchObject({ code: 'usage' })
    expect(await namesAt()).toEqual(['probe'])
  })

  it('is refused where what was kept cannot be understood', async () => {
    const kept = await readFile(join(dir, 'network.json'), 'utf8')
    for (const garbled of [
      '{',
      '[]',
      '{"chaincodes":[{"name":1}]}',
      '{"chaincodes":[{"name":"x","listen":1,"organizations":{"org2":1}}]}',
      '{"chaincodes":[{"name":"x","listen":1,"organizations":{"org2":{"address":1}}}]}',
      '{"ports":{"org1":"x"}}',
      '{"concurrency":-1}'
    ]) {
      await writeFile(join(dir, 'network.json'), garbled)
      const outcome = startEmbedded({ dir, chaincodes: [probe], ports })
      if (garbled === '[]') await outcome.then(network => network.close())
      else await expect(outcome).rejects.toMatchObject({ code: 'network-corrupt' })
    }
    await writeFile(join(dir, 'network.json'), kept)
    expect(await namesAt()).toEqual(['probe'])
  })

  it('serves any number of calls side by side where the limit is 0, as many as it says where it is not', async () => {
    const outcomes = async (concurrency: number): Promise<readonly string[]> => {
      const network = await startEmbedded({ dir, concurrency })
      const alice = connectAs(network, 'org1/alice')
      const contract = alice.gateway.getNetwork('mychannel').getContract('probe')
      const calls = Array.from({ length: 20 }, () =>
        contract.evaluateTransaction('get', 'k').then(
          value => `answered ${text(value)}`,
          (error: unknown) => (error as { message: string }).message.replace(/ for .*/, '')
        )
      )
      const settled = await Promise.all(calls)
      alice.close()
      await network.close()
      return [...new Set(settled)].sort()
    }
    expect(await outcomes(0)).toEqual(['answered '])
    expect(await outcomes(1)).toEqual(['8 RESOURCE_EXHAUSTED: too many requests', 'answered '])
  })
})
