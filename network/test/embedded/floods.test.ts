import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { common, gateway, msp } from '@hyperledger/fabric-protos'
import { parseProfile } from '@bims/ledger'
import type { Profile } from '@bims/ledger'
import { networkDown, networkUp } from '../../src/index.ts'
import { newAdmission } from '../../src/embedded/admission.ts'
import { newPacedWriter } from '../../src/embedded/paced-writer.ts'
import { connectAs, text, type TestClient } from '../client.ts'
import { probe } from '../fixtures/probe.ts'
import { right } from '../ledger/open.ts'
import { trialFolder } from '../soak/kill-points.ts'
import { residentMegabytes } from '../soak/resident.ts'
import { seekPayload, signAs } from '../soak/requests.ts'

// No test fails on a time: a slow machine only takes longer.
vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 })

const raw = (bytes: Buffer): Buffer => bytes
const ignored = (): void => undefined

const identityOf = (client: TestClient): Buffer => {
  const identity = new msp.SerializedIdentity()
  identity.setMspid(client.mspId)
  identity.setIdBytes(Buffer.from(client.credential.certificate))
  return Buffer.from(identity.serializeBinary())
}

describe('newAdmission', () => {
  it('gives a connection half of the places, and takes each back once', () => {
    const admission = newAdmission(5)
    const held = [1, 2, 3].map(() => admission.enter('a'))
    expect(held).not.toContain(undefined)
    expect(admission.enter('a')).toBeUndefined()
    expect(admission.enter('b')).toBeDefined()
    expect(admission.enter('c')).toBeDefined()
    expect(admission.enter('d')).toBeUndefined()
    held[0]?.()
    held[0]?.()
    expect(admission.enter('d')).toBeDefined()
    expect(admission.enter('e')).toBeUndefined()
  })
})

describe('newPacedWriter', () => {
  it('has no more than a quarter of a megabyte and one message under way, and ends with its stream', async () => {
    const written: (() => void)[] = []
    const ended = new AbortController()
    const writer = newPacedWriter({ write: (_: string, done) => written.push(done) }, ended.signal)
    for (let i = 0; i < 3; i++) await writer.write('small', 80_000)
    let went = false
    const waiting = writer.write('large', 2_000_000).then(() => (went = true))
    await Promise.resolve()
    expect([written.length, went]).toEqual([4, false])
    for (const done of written.splice(0)) done()
    await waiting
    const last = writer.write('large', 2_000_000)
    ended.abort()
    await last
    await writer.write('after the end', 1)
    expect(written).toHaveLength(1)
  })
})

describe('many clients and rude ones', () => {
  let dir: string
  let network: { readonly profile: Profile; readonly profileFile: string; readonly pid: number }
  beforeAll(async () => {
    dir = await trialFolder('floods')
    const { profile, pid = 0 } = await networkUp(join(dir, 'network'), { chaincodes: [probe] })
    network = { profile: right(parseProfile(await readFile(profile))), profileFile: profile, pid }
  })
  afterAll(async () => {
    await networkDown(join(dir, 'network'))
    await rm(dir, { recursive: true })
  })
  const honest = async (value: string): Promise<void> => {
    const bob = connectAs(network, 'org2/bob')
    try {
      const contract = bob.gateway.getNetwork('bims').getContract('probe')
      await contract.submitTransaction('put', 'honest', value)
      expect(text(await contract.evaluateTransaction('get', 'honest'))).toBe(value)
    } finally {
      bob.close()
    }
  }

  it('serves 200 clients at once, each with a connection of its own', async () => {
    const clients = Array.from({ length: 200 }, (_, i) => connectAs(network, i % 2 === 0 ? 'org1/alice' : 'org2/bob'))
    const written = await Promise.all(
      clients.map(async ({ gateway: own }, i) => {
        const contract = own.getNetwork('bims').getContract('probe')
        await contract.submitTransaction('put', `client ${i}`, String(i))
        return text(await contract.evaluateTransaction('get', `client ${i}`))
      })
    )
    for (const client of clients) client.close()
    expect(written).toEqual(clients.map((_, i) => String(i)))
  })

  it('serves an honest client while another holds all the calls that it can', async () => {
    const mallory = connectAs(network, 'org2/bob')
    const inner = new gateway.CommitStatusRequest()
    inner.setChannelId('bims')
    inner.setIdentity(identityOf(mallory))
    inner.setTransactionId('e'.repeat(64))
    const request = new gateway.SignedCommitStatusRequest()
    request.setRequest(inner.serializeBinary())
    request.setSignature(await signAs(mallory)(inner.serializeBinary()))
    const bytes = Buffer.from(request.serializeBinary())
    const codes: number[] = []
    const calls = Array.from({ length: 700 }, () =>
      mallory.client.makeUnaryRequest('/gateway.Gateway/CommitStatus', raw, raw, bytes, error =>
        codes.push(error?.code ?? 0)
      )
    )
    await vi.waitFor(() => expect(codes.filter(code => code === 8)).toHaveLength(450), { timeout: 120_000 })
    await honest('in a flood')
    for (const call of calls) call.cancel()
    mallory.close()
    await honest('after a flood')
  })

  it('keeps little for clients that ask for blocks and never read', async () => {
    const alice = connectAs(network, 'org1/alice')
    const contract = alice.gateway.getNetwork('bims').getContract('probe')
    for (let i = 0; i < 15; i++) await contract.submitTransaction('put', `big ${i}`, 'x'.repeat(1_000_000))
    const before = (await residentMegabytes(network.pid)) ?? 0
    const payload = seekPayload('bims', identityOf(alice), true)
    const envelope = new common.Envelope()
    envelope.setPayload(payload)
    envelope.setSignature(await signAs(alice)(payload))
    const bytes = Buffer.from(envelope.serializeBinary())
    const streams = Array.from({ length: 60 }, () => {
      const stream = alice.client.makeBidiStreamRequest('/protos.Deliver/Deliver', raw, raw)
      stream.on('error', ignored)
      stream.write(bytes)
      return stream
    })
    // Long enough for a server that does not wait for its readers to have read the chain for all of them.
    for (let i = 0; i < 3; i++) await honest(`beside readers ${i}`)
    const during = (await residentMegabytes(network.pid)) ?? 0
    for (const stream of streams) stream.cancel()
    alice.close()
    // 60 readers of 15 MB: 900 MB, where it all were kept.
    expect(during - before).toBeLessThan(500)
    await honest('after readers')
  })
})
