import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Client } from '@grpc/grpc-js'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import fc from 'fast-check'
import { gateway } from '@hyperledger/fabric-protos'
import { startEmbedded } from '../../src/index.ts'
import type { EmbeddedNetwork } from '../../src/index.ts'
import { connectAs, text } from '../client.ts'
import type { TestClient } from '../client.ts'
import { probe } from '../fixtures/probe.ts'

// No test fails on a time: a slow machine only takes longer.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 })

// Every status but OK, CANCELLED (1) and DATA_LOSS (15) is a refusal that tells the client something.
const typed = new Set([2, 3, 5, 7, 8, 9, 10, 12, 13, 14])
const raw = (bytes: Buffer): Buffer => bytes

describe('hostile requests', () => {
  let dir: string
  let network: EmbeddedNetwork
  let alice: TestClient

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'bims-hostile-'))
    network = await startEmbedded({ dir, chaincodes: [probe], concurrency: 20, executeTimeoutMs: 3000 })
    alice = connectAs(network, 'org1/alice')
  })
  afterAll(async () => {
    alice.close()
    await network.close()
    await rm(dir, { recursive: true })
  })

  const unary = (client: Client, method: string, bytes: Uint8Array): Promise<number> =>
    new Promise(resolve => {
      client.makeUnaryRequest(
        `/gateway.Gateway/${method}`,
        raw,
        raw,
        Buffer.from(bytes),
        { deadline: Date.now() + 60_000 },
        error => resolve(error?.code ?? 0)
      )
    })

  const streamed = (client: Client, path: string, bytes: Uint8Array): Promise<number> =>
    new Promise(resolve => {
      const call = client.makeBidiStreamRequest(path, raw, (response: Buffer) => response, {
        deadline: Date.now() + 60_000
      })
      // A delivery is refused by a status message: field 1, 4xx.
      call.on('data', (response: Buffer) => {
        resolve(response[0] === 0x08 ? 3 : 0)
        call.cancel()
      })
      call.on('error', (error: { code?: number }) => resolve(error.code ?? 0))
      call.on('end', () => resolve(3))
      call.write(Buffer.from(bytes))
    })

  const honest = async (): Promise<void> => {
    const contract = alice.gateway.getNetwork('bims').getContract('probe')
    await contract.submitTransaction('put', 'honest', 'v')
    expect(text(await contract.evaluateTransaction('get', 'honest'))).toBe('v')
  }

  it('random bytes to every method are refused with a status, and the next honest client is served', async () => {
    const methods = ['Endorse', 'Evaluate', 'Submit', 'CommitStatus', 'ChaincodeEvents']
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...methods), fc.uint8Array({ maxLength: 300 }), async (method, bytes) => {
        expect(typed).toContain(await unary(alice.client, method, bytes))
      }),
      { numRuns: 150 }
    )
    for (const method of ['Deliver', 'DeliverFiltered', 'DeliverWithPrivateData'])
      await fc.assert(
        fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async bytes => {
          expect(typed).toContain(await streamed(alice.client, `/protos.Deliver/${method}`, bytes))
        }),
        { numRuns: 20 }
      )
    await honest()
  })

  it('well-formed requests with flipped bytes are refused, or do what they say', async () => {
    const contract = alice.gateway.getNetwork('bims').getContract('probe')
    const proposal = contract.newProposal('put', { arguments: ['flip', 'v'] })
    const transaction = await proposal.endorse()
    const proposed = gateway.ProposedTransaction.deserializeBinary(proposal.getBytes())
    const endorse = new gateway.EndorseRequest()
    endorse.setChannelId('bims')
    endorse.setProposedTransaction(proposed.getProposal())
    const submit = new gateway.SubmitRequest()
    submit.setChannelId('bims')
    submit.setPreparedTransaction(gateway.PreparedTransaction.deserializeBinary(transaction.getBytes()).getEnvelope())
    const requests = [
      ['Endorse', endorse],
      ['Evaluate', endorse],
      ['Submit', submit]
    ] as const
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...requests),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        async ([method, request], at, flip) => {
          const bytes = Buffer.from(request.serializeBinary())
          const index = at % bytes.length
          bytes[index] = bytes[index]! ^ flip
          expect([0, ...typed]).toContain(await unary(alice.client, method, bytes))
        }
      ),
      { numRuns: 200 }
    )
    expect(text(await contract.evaluateTransaction('get', 'flip'))).toBe('')
    await honest()
  })

  it('a chaincode that never answers is given up', async () => {
    const contract = alice.gateway.getNetwork('bims').getContract('probe')
    await expect(contract.evaluateTransaction('hang')).rejects.toMatchObject({
      code: 10,
      details: [
        expect.objectContaining({ message: expect.stringContaining('timeout expired while executing transaction') })
      ]
    })
    await honest()
  })

  it('what is not part of the embedded ledger is refused by its name', async () => {
    const contract = alice.gateway.getNetwork('bims').getContract('probe')
    for (const [method, name] of [['rich', 'rich queries']] as const)
      await expect(contract.evaluateTransaction(method)).rejects.toMatchObject({
        message: expect.stringContaining(name)
      })
  })

  it('refuses calls past its limit and serves again when they are done', async () => {
    const contract = alice.gateway.getNetwork('bims').getContract('probe')
    const outcomes = await Promise.allSettled(Array.from({ length: 60 }, () => contract.evaluateTransaction('hang')))
    const codes = outcomes.map(o => (o.status === 'rejected' ? (o.reason as { code: number }).code : 0))
    expect(codes).toContain(8)
    expect(new Set(codes)).toEqual(new Set([8, 10]))
    await honest()
  })

  it('refuses a transaction over the limit of a real orderer', async () => {
    const transaction = await alice.gateway
      .getNetwork('bims')
      .getContract('probe')
      .newProposal('put', { arguments: ['k', 'v'] })
      .endorse()
    const prepared = gateway.PreparedTransaction.deserializeBinary(transaction.getBytes())
    prepared.getEnvelope()!.setPayload(new Uint8Array(103_809_024))
    prepared.getEnvelope()!.setSignature(Uint8Array.of(1))
    const submit = new gateway.SubmitRequest()
    submit.setPreparedTransaction(prepared.getEnvelope())
    const refused = await new Promise<{ code?: number; details?: string } | null>(resolve => {
      alice.client.makeUnaryRequest('/gateway.Gateway/Submit', raw, raw, Buffer.from(submit.serializeBinary()), error =>
        resolve(error)
      )
    })
    expect(refused).toMatchObject({
      code: 10,
      details: expect.stringContaining('exceeds maximum allowed 103809024 bytes')
    })
    await honest()
  })
})
