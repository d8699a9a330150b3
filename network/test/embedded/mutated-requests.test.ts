import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { status } from '@grpc/grpc-js'
import { msp } from '@hyperledger/fabric-protos'
import { parseProfile } from '@bims/ledger'
import type { Profile } from '@bims/ledger'
import { networkDown, networkUp } from '../../src/index.ts'
import { statusOf, rpcError } from '../../src/embedded/rpc-error.ts'
import { newMspRegistry } from '../../src/embedded/msp.ts'
import { probe } from '../fixtures/probe.ts'
import { right } from '../ledger/open.ts'
import { sendHostile } from '../soak/hostile.ts'
import { trialFolder } from '../soak/kill-points.ts'

// No test fails on a time: a slow machine only takes longer.
vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 })

describe('requests changed in every way', () => {
  let dir: string
  let network: { readonly profile: Profile; readonly profileFile: string; readonly pid: number }
  beforeAll(async () => {
    dir = await trialFolder('mutated')
    const { profile, pid = 0 } = await networkUp(join(dir, 'network'), { chaincodes: [probe] })
    network = { profile: right(parseProfile(await readFile(profile))), profileFile: profile, pid }
  })
  afterAll(async () => {
    await networkDown(join(dir, 'network'))
    await rm(dir, { recursive: true })
  })

  // The short form of `pnpm soak hostile`.
  it('are answered with a status, also where their signatures hold, and the next honest client is served', async () => {
    const report = await sendHostile({ network, count: 2000, next: Math.random, say: () => undefined })
    expect(report.wrong).toEqual([])
    expect([...report.outcomes.keys()]).toHaveLength(8)
  })

  it('leave no half characters in a status, which would end the process', () => {
    const { details, metadata } = statusOf(
      rpcError(status.INVALID_ARGUMENT, `no channel \ud800 ${'é'.repeat(9000)}`, [
        { address: 'a', mspId: 'b', message: `\udfff${'x'.repeat(100_000)}` }
      ])
    )
    expect(encodeURI(details ?? '').length).toBeLessThan(16_000)
    expect(metadata?.get('grpc-status-details-bin')[0]).toHaveProperty(
      'length',
      expect.toSatisfy((n: number) => n < 20_000)
    )
  })

  it('may hold certificates that can be read and keys that cannot', () => {
    const [organization] = network.profile.organizations
    const root = organization?.mspRoots[0] ?? ''
    const registry = newMspRegistry([{ mspId: 'Org1MSP', roots: [root] }])
    const der = Buffer.from(root.replace(/-----[^-]+-----|\s/g, ''), 'base64')
    let refused = 0
    for (let at = 0; at < der.length; at++) {
      const changed = Buffer.from(der)
      changed[at] = (changed[at] ?? 0) ^ 0x41
      const identity = new msp.SerializedIdentity()
      identity.setMspid('Org1MSP')
      const pem = `-----BEGIN CERTIFICATE-----\n${changed.toString('base64')}\n-----END CERTIFICATE-----\n`
      identity.setIdBytes(Buffer.from(pem))
      if (registry.identify(identity.serializeBinary())._tag === 'Left') refused++
    }
    expect(refused).toBe(der.length)
  })
})
