import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { auditChain } from '@bims/ledger'
import { startEmbedded } from '../../src/index.ts'
import type { EmbeddedNetwork, EmbeddedOptions } from '../../src/index.ts'
import { trustOf } from '../audit/trust.ts'
import { connectAs, text } from '../client.ts'
import type { TestClient } from '../client.ts'
import { probe } from '../fixtures/probe.ts'
import { openAs, right } from '../ledger/open.ts'

// No test fails on a time: a slow machine only takes longer.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 })

const [valid, refused] = [0, 10]

describe('endorsement policies of an embedded ledger', () => {
  let dir: string
  let network: EmbeddedNetwork | undefined
  let alice: TestClient | undefined

  const stop = async (): Promise<void> => {
    alice?.close()
    await network?.close()
    network = undefined
  }
  const start = async (options: Omit<EmbeddedOptions, 'dir'> = {}): Promise<void> => {
    await stop()
    network = await startEmbedded({ dir, ...options })
    alice = connectAs(network, 'org1/alice')
  }
  const contract = (): ReturnType<ReturnType<TestClient['gateway']['getNetwork']>['getContract']> =>
    alice!.gateway.getNetwork('bims').getContract('probe')
  const submitted = async (mspIds: readonly string[], method: string, ...args: string[]): Promise<number> => {
    const proposal = contract().newProposal(method, { arguments: args, endorsingOrganizations: [...mspIds] })
    return (await (await (await proposal.endorse()).submit()).getStatus()).code
  }

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'bims-policies-'))
  })
  afterEach(async () => {
    await stop()
    await rm(dir, { recursive: true })
  })

  it('of a chaincode are kept, may be changed, and the audit knows which one counted when', async () => {
    await start({ chaincodes: [probe], policies: { probe: "OR('Org1MSP.peer')" } })
    expect(await submitted(['Org1MSP'], 'put', 'k', '1')).toBe(valid)
    expect(await submitted(['Org2MSP'], 'put', 'k', '2')).toBe(refused)
    await start()
    expect(await submitted(['Org1MSP'], 'put', 'k', '3')).toBe(valid)
    await start({ policies: { probe: 'all' } })
    expect(await submitted(['Org1MSP'], 'put', 'k', '4')).toBe(refused)
    expect(await submitted(['Org1MSP', 'Org2MSP'], 'put', 'k', '5')).toBe(valid)
    await start({ policies: { probe: 'any' } })
    expect(await submitted(['Org2MSP'], 'put', 'k', '6')).toBe(valid)
    const ledger = await openAs(network!.profileFile, 'org1/alice')
    const trust = trustOf(network!.profile)
    const report = right(await auditChain({ source: ledger.chain(), trust, chaincode: 'bims' })())
    ledger.close()
    expect(report.problems).toEqual([])
    expect(report.invalid).toEqual({ ENDORSEMENT_POLICY_FAILURE: 2 })
  })

  it('that nobody can read or satisfy, or of no chaincode, are refused at the start', async () => {
    for (const [name, rule] of [
      ['probe', 'some'],
      ['probe', "AND('Org1MSP.peer', 'Org9MSP.peer')"],
      ['other', 'any']
    ] as const)
      await expect(startEmbedded({ dir, chaincodes: [probe], policies: { [name]: rule } })).rejects.toMatchObject({
        code: 'usage',
        what: expect.stringContaining(name)
      })
  })

  it('of keys stand again where the index is built anew from the blocks', async () => {
    await start({ chaincodes: [probe] })
    const both = ['Org1MSP', 'Org2MSP']
    expect(await submitted(both, 'putGuarded', 'k', '1', 'Org1MSP')).toBe(valid)
    expect(await submitted(['Org1MSP'], 'put', 'k', '2')).toBe(valid)
    expect(await submitted(both, 'putPrivatePlain', '_implicit_org_Org1MSP', 'p', 'v')).toBe(valid)
    expect(await submitted(['Org1MSP'], 'guardPrivate', '_implicit_org_Org1MSP', 'p', 'Org2MSP')).toBe(valid)
    await stop()
    await rm(join(dir, 'ledger', 'index'), { recursive: true })
    await start()
    expect(text(await contract().evaluateTransaction('guards', 'k'))).toBe('["Org1MSP"]')
    expect(await submitted(['Org2MSP'], 'put', 'k', '3')).toBe(refused)
    expect(await submitted(['Org1MSP'], 'put', 'k', '4')).toBe(valid)
    expect(text(await contract().evaluateTransaction('getPrivate', '_implicit_org_Org1MSP', 'p'))).toBe('v')
    expect(await submitted(['Org1MSP'], 'putPrivatePlain', '_implicit_org_Org1MSP', 'p', 'w')).toBe(refused)
    expect(await submitted(['Org2MSP'], 'putPrivatePlain', '_implicit_org_Org1MSP', 'p', 'w')).toBe(valid)
  })
})
