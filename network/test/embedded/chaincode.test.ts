import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { startEmbedded } from '../../src/index.ts'
import type { EmbeddedNetwork } from '../../src/index.ts'
import { connectAs, text } from '../client.ts'
import type { TestClient } from '../client.ts'
import { freePort, servingProbe } from '../fixtures/chaincode-program.ts'
import type { ChaincodeProgram } from '../fixtures/chaincode-program.ts'
import { probe } from '../fixtures/probe.ts'

// No test fails on a time: a slow machine only takes longer.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 })

describe('chaincode', () => {
  let dir: string
  let elsewhere: ChaincodeProgram
  let network: EmbeddedNetwork
  let alice: TestClient

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'bims-chaincode-'))
    const port = await freePort()
    elsewhere = servingProbe('service', port)
    network = await startEmbedded({
      dir,
      chaincodes: [probe, { name: 'service', version: '2', address: `127.0.0.1:${port}` }]
    })
    alice = connectAs(network, 'org1/alice')
  })
  afterAll(async () => {
    alice.close()
    await network.close()
    await elsewhere.end()
    await rm(dir, { recursive: true })
  })

  it('that runs as a service elsewhere is called by its address, and has a state of its own', async () => {
    const channel = alice.gateway.getNetwork('bims')
    await channel.getContract('service').submitTransaction('put', 'k', 'of service')
    expect(text(await channel.getContract('service').evaluateTransaction('get', 'k'))).toBe('of service')
    expect(text(await channel.getContract('probe').evaluateTransaction('get', 'k'))).toBe('')
  })

  it('calls another one in the same transaction, each with a state of its own', async () => {
    const channel = alice.gateway.getNetwork('bims')
    const [here, there] = [channel.getContract('probe'), channel.getContract('service')]
    const commit = await here.submitAsync('putThere', { arguments: ['service', 'both', 'there'] })
    expect((await commit.getStatus()).successful).toBe(true)
    expect(text(await here.evaluateTransaction('get', 'both'))).toBe('here')
    expect(text(await there.evaluateTransaction('get', 'both'))).toBe('there')
    expect(JSON.parse(text(await here.evaluateTransaction('call', 'service:2', 'get', 'both')))).toMatchObject({
      status: 200,
      payload: 'there'
    })
    // What was read of the other's state is validated as one's own.
    const [stale, fresh] = [
      await here.newProposal('call', { arguments: ['service', 'increment', 'n'] }).endorse(),
      await there.newProposal('increment', { arguments: ['n'] }).endorse()
    ]
    expect((await (await fresh.submit()).getStatus()).successful).toBe(true)
    expect((await (await stale.submit()).getStatus()).code).toBe(11)
  })

  it('that calls what is not there, another channel, or itself is told why', async () => {
    const contract = alice.gateway.getNetwork('bims').getContract('probe')
    const why = async (chaincode: string): Promise<string> =>
      contract.evaluateTransaction('call', chaincode, 'get', 'k').then(
        () => 'answered',
        (error: unknown) => JSON.stringify(error)
      )
    expect(await why('nobody')).toContain('chaincode nobody not found')
    expect(await why('service/elsewhere')).toContain('failed to find ledger for channel: elsewhere')
    expect(await why('probe')).toContain('exists')
  })

  it('that ends by itself fails the calls under way and is started again', async () => {
    const contract = alice.gateway.getNetwork('bims').getContract('probe')
    await contract.submitTransaction('put', 'before', 'v')
    await expect(contract.evaluateTransaction('crash')).rejects.toMatchObject({
      code: 10,
      details: [expect.objectContaining({ message: expect.stringContaining('chaincode stream terminated') })]
    })
    let value = ''
    for (let i = 0; i < 200 && value === ''; i++) {
      await new Promise(resolve => setTimeout(resolve, 50))
      value = text(await contract.evaluateTransaction('get', 'before').catch(() => Buffer.alloc(0)))
    }
    expect(value).toBe('v')
  })

  it('that cannot be loaded is told with its reason, and nothing is left running', async () => {
    const other = join(dir, 'other')
    await expect(
      startEmbedded({ dir: other, chaincodes: [{ name: 'none', module: 'no-such-module-here' }] })
    ).rejects.toMatchObject({
      code: 'unexpected',
      what: expect.stringContaining('no-such-module-here')
    })
    const again = await startEmbedded({ dir: other, chaincodes: [probe] })
    await again.close()
  })

  it('and every stream end when the ledger stops', async () => {
    const other = await startEmbedded({ dir: join(dir, 'stopping'), chaincodes: [probe] })
    const bob = connectAs(other, 'org2/bob')
    const channel = bob.gateway.getNetwork('bims')
    const events = await channel.getChaincodeEvents('probe')
    const blocks = await channel.getBlockEvents()
    const ends = [events, blocks].map(stream =>
      expect(stream[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 14 })
    )
    await new Promise(resolve => setTimeout(resolve, 200))
    await other.close()
    await Promise.all(ends)
    bob.close()
  })
})
