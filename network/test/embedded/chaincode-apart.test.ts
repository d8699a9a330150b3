import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { startEmbedded } from '../../src/index.ts'
import type { EmbeddedNetwork } from '../../src/index.ts'
import { connectAs, text } from '../client.ts'
import type { TestClient } from '../client.ts'
import { dialling, freePort } from '../fixtures/chaincode-program.ts'
import type { ChaincodeProgram } from '../fixtures/chaincode-program.ts'

// No test fails on a time: a slow machine only takes longer.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 })

// On a network of several machines every organisation's peer has a process of its own, started with the organisation's
// MSP id in CORE_PEER_LOCALMSPID (docs/source/cc_service.md): chaincode of fabric-samples compares the caller with it.
describe('a chaincode of which organisations have processes of their own', () => {
  let dir: string
  let network: EmbeddedNetwork
  let alice: TestClient
  let bob: TestClient
  let ports: readonly number[]
  const programs: ChaincodeProgram[] = []

  const contractOf = (client: TestClient): ReturnType<ReturnType<TestClient['gateway']['getNetwork']>['getContract']> =>
    client.gateway.getNetwork('bims').getContract('apart')
  const until = async (holds: () => boolean): Promise<void> => {
    while (!holds()) await delay(20)
  }
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'bims-apart-'))
    ports = [await freePort(), await freePort()]
    network = await startEmbedded({
      dir,
      chaincodes: [{ name: 'apart', listen: ports[0], organizations: { org2: { listen: ports[1] } } }]
    })
    alice = connectAs(network, 'org1/alice')
    bob = connectAs(network, 'org2/bob')
    const mspIds = ['Org1MSP', 'Org2MSP'] as const
    programs.push(...mspIds.map((id, i) => dialling('apart', ports[i]!, { CORE_PEER_LOCALMSPID: id })))
    await until(() => network.chaincodes().every(({ connected }) => connected))
  })
  afterAll(async () => {
    alice.close()
    bob.close()
    await network.close()
    await Promise.all(programs.map(program => program.end()))
    await rm(dir, { recursive: true })
  })

  it('is told of with the organisation, and kept', async () => {
    expect(network.chaincodes()).toEqual([
      { name: 'apart', address: `listen:${ports[0]}`, connected: true },
      { name: 'apart', address: `listen:${ports[1]}`, organization: 'org2', connected: true }
    ])
    expect(JSON.parse(await readFile(join(dir, 'network.json'), 'utf8'))).toMatchObject({
      chaincodes: [{ name: 'apart', listen: ports[0], organizations: { org2: { listen: ports[1] } } }]
    })
  })

  it("is called by an organisation's peer in its own process, by the others in the shared one", async () => {
    expect(text(await contractOf(alice).evaluateTransaction('environment'))).toBe('Org1MSP')
    expect(text(await contractOf(bob).evaluateTransaction('environment'))).toBe('Org2MSP')
    const atOrg2 = { endorsingOrganizations: ['Org2MSP'] }
    expect(text(await contractOf(alice).evaluate('environment', atOrg2))).toBe('Org2MSP')
  })

  it('is endorsed where all processes come to the same, and only there', async () => {
    await contractOf(alice).submitTransaction('put', 'k', 'of both')
    expect(text(await contractOf(bob).evaluateTransaction('get', 'k'))).toBe('of both')
    // The policy asks for both organisations, and each one's process tells its own name.
    for (const options of [{}, { endorsingOrganizations: ['Org1MSP', 'Org2MSP'] }])
      await expect(contractOf(alice).submit('environment', options)).rejects.toMatchObject({
        code: 10,
        details: [expect.objectContaining({ mspId: 'Org2MSP', message: 'ProposalResponsePayloads do not match' })]
      })
  })

  it('is not called in the shared process while its own is gone', async () => {
    await programs.pop()?.end()
    await until(() => network.chaincodes().some(({ connected }) => !connected))
    const message: unknown = expect.stringMatching(/could not launch chaincode: .*apart/)
    const details = [expect.objectContaining({ mspId: 'Org2MSP', message })]
    await expect(contractOf(bob).evaluateTransaction('get', 'k')).rejects.toMatchObject({ code: 10, details })
    await expect(contractOf(alice).submitTransaction('put', 'k', 'of one')).rejects.toMatchObject({ code: 10, details })
    expect(text(await contractOf(alice).evaluateTransaction('get', 'k'))).toBe('of both')
  })
})
