import { createHash, verify, X509Certificate } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { common, gateway as gatewayProtos, ledger, msp, peer } from '@hyperledger/fabric-protos'
import type { ChaincodeEvent, Contract, SubmittedTransaction, Transaction } from '@hyperledger/fabric-gateway'
import { headerBytes, headerHash } from '../../src/embedded/block.ts'
import type { Profile } from '@bims/ledger'
import { connectAs, text } from '../client.ts'
import type { TestClient } from '../client.ts'

// No test fails on a time: a slow machine only takes longer.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 })

/**
 * What a client can observe of a network, the same for the embedded ledger and for real Fabric. Where the two differ,
 * the embedded one is wrong. The network has two or more organisations, the endorsement policy MAJORITY, LevelDB,
 * and the contract of ../fixtures as the chaincode `probe`.
 */
export interface NetworkUnderTest {
  readonly profile: Profile
  readonly profileFile: string
  readonly close: () => Promise<void>
}

const Code = peer.TxValidationCode
let counter = 0
/** A name that no other test or run uses: the suite may meet a ledger that has been used before. */
const fresh = (name: string): string => `${name}-${Date.now().toString(36)}-${counter++}`

const statusOf = async (commit: SubmittedTransaction): Promise<number> => (await commit.getStatus()).code

const take = async <A>(stream: AsyncIterable<A> & { close(): void }, count: number): Promise<A[]> => {
  const taken: A[] = []
  for await (const entry of stream) {
    taken.push(entry)
    if (taken.length === count) break
  }
  stream.close()
  return taken
}

interface GrpcFailure {
  readonly code: number
  readonly message: string
  readonly details: readonly { readonly address: string; readonly mspId: string; readonly message: string }[]
}
const failureOf = async (attempt: Promise<unknown>): Promise<GrpcFailure> => {
  try {
    await attempt
  } catch (error) {
    return error as GrpcFailure
  }
  throw new Error('it succeeded')
}

const envelopesOf = (block: common.Block): common.Envelope[] =>
  block
    .getData()!
    .getDataList_asU8()
    .map(b => common.Envelope.deserializeBinary(b))
const channelHeaderOf = (envelope: common.Envelope): common.ChannelHeader =>
  common.ChannelHeader.deserializeBinary(
    common.Payload.deserializeBinary(envelope.getPayload_asU8()).getHeader()!.getChannelHeader_asU8()
  )
const flagsOf = (block: common.Block): Uint8Array =>
  block.getMetadata()!.getMetadataList_asU8()[common.BlockMetadataIndex.TRANSACTIONS_FILTER]!

/** Declares the suite for a network; it is started once and closed at the end. */
export const conformance = (name: string, start: () => Promise<NetworkUnderTest>): void => {
  describe(`conformance of ${name}`, () => {
    let network: NetworkUnderTest
    let alice: TestClient
    let bob: TestClient
    let contract: Contract

    beforeAll(async () => {
      network = await start()
      alice = connectAs(network, 'org1/alice')
      bob = connectAs(network, 'org2/bob')
      contract = alice.gateway.getNetwork(network.profile.channel).getContract('probe')
    })
    afterAll(async () => {
      alice?.close()
      bob?.close()
      await network?.close()
    })

    const endorse = (method: string, ...args: string[]): Promise<Transaction> =>
      contract.newProposal(method, { arguments: args }).endorse()
    const blocksFrom = async (number: number, count: number): Promise<common.Block[]> =>
      take(
        await alice.gateway.getNetwork(network.profile.channel).getBlockEvents({ startBlock: BigInt(number) }),
        count
      )

    describe('submit and evaluate', () => {
      it('returns the result of a transaction and lets every organisation read what it wrote', async () => {
        const key = fresh('k')
        expect(text(await contract.submitTransaction('put', key, 'v'))).toBe(key)
        expect(text(await contract.evaluateTransaction('get', key))).toBe('v')
        const other = bob.gateway.getNetwork(network.profile.channel).getContract('probe')
        expect(text(await other.evaluateTransaction('get', key))).toBe('v')
      })

      it('says VALID and in which block', async () => {
        const commit = await contract.submitAsync('put', { arguments: [fresh('k'), 'v'] })
        const status = await commit.getStatus()
        expect(status).toMatchObject({ code: Code.VALID, successful: true, transactionId: commit.getTransactionId() })
        expect(status.blockNumber).toBeGreaterThan(0n)
      })

      it('tells the chaincode who calls: organisation, attributes, subject', async () => {
        expect(JSON.parse(text(await contract.evaluateTransaction('who')))).toMatchObject({
          mspId: alice.mspId,
          role: 'scientist'
        })
      })

      it('evaluating writes nothing', async () => {
        const key = fresh('k')
        await contract.evaluateTransaction('put', key, 'v')
        expect(text(await contract.evaluateTransaction('get', key))).toBe('')
      })

      it('shows a transaction nothing of its own writes', async () => {
        expect(text(await contract.submitTransaction('both', fresh('k')))).toBe('')
      })

      it('deletes', async () => {
        const key = fresh('k')
        await contract.submitTransaction('put', key, 'v')
        await contract.submitTransaction('del', key)
        expect(text(await contract.evaluateTransaction('get', key))).toBe('')
      })

      it('strips the transient map from what goes into the block', async () => {
        const key = fresh('k')
        const secret = fresh('content')
        const endorsed = await contract
          .newProposal('putTransient', { arguments: [key], transientData: { content: secret } })
          .endorse()
        const prepared = gatewayProtos.PreparedTransaction.deserializeBinary(endorsed.getBytes()).getEnvelope()!
        const tx = peer.Transaction.deserializeBinary(
          common.Payload.deserializeBinary(prepared.getPayload_asU8()).getData_asU8()
        )
        const action = peer.ChaincodeActionPayload.deserializeBinary(tx.getActionsList()[0]!.getPayload_asU8())
        const proposal = peer.ChaincodeProposalPayload.deserializeBinary(action.getChaincodeProposalPayload_asU8())
        expect(proposal.getTransientmapMap().getLength()).toBe(0)
        // It stands once: as what the transaction wrote.
        expect(Buffer.from(prepared.getPayload_asU8()).toString('latin1').split(secret)).toHaveLength(2)
      })
    })

    describe('errors', () => {
      it('an evaluation that the chaincode refuses is UNKNOWN, its message in the details', async () => {
        const failure = await failureOf(contract.evaluateTransaction('fail', 'because'))
        expect(failure.code).toBe(2)
        expect(failure.message).toContain('evaluate call to endorser returned error: chaincode response 500, because')
        expect(failure.details).toEqual([
          expect.objectContaining({ mspId: alice.mspId, message: 'chaincode response 500, because' })
        ])
        expect(failure.details[0]!.address).toMatch(/:[0-9]+$/)
      })

      it('an endorsement that the chaincode refuses is ABORTED, its message in the details', async () => {
        const failure = await failureOf(endorse('fail', 'because'))
        expect(failure.code).toBe(10)
        expect(failure.message).toContain('failed to endorse transaction, see attached details for more info')
        expect(failure.details).toEqual([
          expect.objectContaining({ mspId: alice.mspId, message: 'chaincode response 500, because' })
        ])
      })

      it('an unknown function and a wrong count of arguments are refused by the chaincode', async () => {
        expect((await failureOf(endorse('nothing'))).details[0]!.message).toContain(
          'asked to invoke a function that does not exist: nothing'
        )
        expect((await failureOf(endorse('put', 'one'))).details[0]!.message).toContain(
          'Expected 2 parameters, but 1 have been supplied'
        )
      })

      it('a chaincode that is not there is named', async () => {
        const other = alice.gateway.getNetwork(network.profile.channel).getContract('no-such-chaincode')
        const failure = await failureOf(other.submitTransaction('x'))
        expect([9, 10]).toContain(failure.code)
        expect(JSON.stringify([failure.message, failure.details])).toContain('no-such-chaincode')
      })

      it('a channel that is not there is refused', async () => {
        const failure = await failureOf(
          alice.gateway.getNetwork('no-such-channel').getContract('probe').evaluateTransaction('get', 'k')
        )
        expect([9, 14]).toContain(failure.code)
        expect(failure.message).toContain('no-such-channel')
      })

      it('an endorsing organisation that has no peer is UNAVAILABLE', async () => {
        const failure = await failureOf(
          contract.newProposal('put', { arguments: ['k', 'v'], endorsingOrganizations: ['NoMSP'] }).endorse()
        )
        expect(failure.code).toBe(14)
        expect(failure.message).toContain('failed to find any endorsing peers for org(s): NoMSP')
      })

      it('rich queries are refused by their name', async () => {
        expect((await failureOf(contract.evaluateTransaction('rich'))).message).toContain(
          'ExecuteQuery not supported for leveldb'
        )
      })
    })

    describe('validation', () => {
      it('a read that another transaction has overtaken is MVCC_READ_CONFLICT, and its writes do not count', async () => {
        const key = fresh('k')
        await contract.submitTransaction('put', key, '1')
        const [first, second] = [await endorse('increment', key), await endorse('increment', key)]
        expect(await statusOf(await first.submit())).toBe(Code.VALID)
        expect(await statusOf(await second.submit())).toBe(Code.MVCC_READ_CONFLICT)
        expect(text(await contract.evaluateTransaction('get', key))).toBe('2')
      })

      it('a key that was read as absent conflicts when it appears', async () => {
        const key = fresh('k')
        const stale = await endorse('increment', key)
        await contract.submitTransaction('put', key, '7')
        expect(await statusOf(await stale.submit())).toBe(Code.MVCC_READ_CONFLICT)
      })

      it('blind writes of the same key are all VALID, the last one stands', async () => {
        const key = fresh('k')
        const endorsed = await Promise.all(['a', 'b', 'c'].map(value => endorse('put', key, value)))
        const codes = []
        for (const transaction of endorsed) codes.push(await statusOf(await transaction.submit()))
        expect(codes).toEqual([Code.VALID, Code.VALID, Code.VALID])
        expect(text(await contract.evaluateTransaction('get', key))).toBe('c')
      })

      it('of many increments at once exactly one of each version is VALID', async () => {
        const key = fresh('k')
        const endorsed = await Promise.all(Array.from({ length: 12 }, () => endorse('increment', key)))
        const submitted = await Promise.all(endorsed.map(transaction => transaction.submit()))
        const codes = await Promise.all(submitted.map(statusOf))
        const valid = codes.filter(code => code === Code.VALID).length
        expect(codes.every(code => code === Code.VALID || code === Code.MVCC_READ_CONFLICT)).toBe(true)
        expect(text(await contract.evaluateTransaction('get', key))).toBe(String(valid))
        expect(valid).toBe(1)
      })

      it.each([3, 80, 250])(
        'a range of %i results that has grown is PHANTOM_READ_CONFLICT, one that has not is VALID',
        async count => {
          const prefix = fresh('r')
          await contract.submitTransaction('putMany', prefix, String(count), 'x')
          const [same, grown] = [
            await endorse('countInto', prefix, `${prefix}~`, fresh('n')),
            await endorse('countInto', prefix, `${prefix}~`, fresh('n'))
          ]
          expect(await statusOf(await same.submit())).toBe(Code.VALID)
          await contract.submitTransaction('put', `${prefix}00001a`, 'new')
          expect(await statusOf(await grown.submit())).toBe(Code.PHANTOM_READ_CONFLICT)
        }
      )

      it('a range from which a key has gone, or in which one was written, is PHANTOM_READ_CONFLICT', async () => {
        const prefix = fresh('r')
        await contract.submitTransaction('putMany', prefix, '5', 'x')
        const gone = await endorse('countInto', prefix, `${prefix}~`, fresh('n'))
        await contract.submitTransaction('del', `${prefix}00002`)
        expect(await statusOf(await gone.submit())).toBe(Code.PHANTOM_READ_CONFLICT)
        const written = await endorse('countInto', prefix, `${prefix}~`, fresh('n'))
        await contract.submitTransaction('put', `${prefix}00003`, 'y')
        expect(await statusOf(await written.submit())).toBe(Code.PHANTOM_READ_CONFLICT)
      })

      it('a key outside the range disturbs nothing', async () => {
        const prefix = fresh('r')
        await contract.submitTransaction('putMany', prefix, '5', 'x')
        const transaction = await endorse('countInto', prefix, `${prefix}~`, fresh('n'))
        await contract.submitTransaction('put', `${prefix}~~`, 'outside')
        expect(await statusOf(await transaction.submit())).toBe(Code.VALID)
      })

      it('the same signed transaction a second time is DUPLICATE_TXID, and the status is that of the first', async () => {
        const transaction = await endorse('put', fresh('k'), 'v')
        const first = await transaction.submit()
        const status = await first.getStatus()
        expect(status.code).toBe(Code.VALID)
        const again = await (await transaction.submit()).getStatus()
        expect(again).toMatchObject({ code: Code.VALID, blockNumber: status.blockNumber })
        await contract.submitTransaction('put', fresh('k'), 'after')
        const blocks = await blocksFrom(Number(status.blockNumber), 2)
        const copies = blocks.flatMap(block =>
          envelopesOf(block).flatMap((envelope, i) =>
            channelHeaderOf(envelope).getTxId() === transaction.getTransactionId() ? [flagsOf(block)[i]] : []
          )
        )
        expect(copies).toEqual([Code.VALID, Code.DUPLICATE_TXID])
      })

      it('a proposal of a transaction that is committed is refused', async () => {
        const proposal = contract.newProposal('put', { arguments: [fresh('k'), 'v'] })
        await (await (await proposal.endorse()).submit()).getStatus()
        const failure = await failureOf(proposal.endorse())
        expect(failure.code).toBe(10)
        expect(failure.details[0]!.message).toContain('duplicate transaction found')
      })

      it('too few organisations are ENDORSEMENT_POLICY_FAILURE', async () => {
        const key = fresh('k')
        const transaction = await contract
          .newProposal('put', { arguments: [key, 'v'], endorsingOrganizations: [alice.mspId] })
          .endorse()
        expect(await statusOf(await transaction.submit())).toBe(Code.ENDORSEMENT_POLICY_FAILURE)
        expect(text(await contract.evaluateTransaction('get', key))).toBe('')
      })

      it('a transaction whose writes were changed after it was endorsed is not VALID', async () => {
        const key = fresh('k')
        const transaction = await endorse('put', key, 'honest')
        const bytes = Buffer.from(transaction.getBytes())
        const at = bytes.lastIndexOf('honest')
        bytes.write('forged', at)
        const prepared = gatewayProtos.PreparedTransaction.deserializeBinary(bytes)
        const digest = prepared.getEnvelope()!.getPayload_asU8()
        prepared.getEnvelope()!.setSignature(new Uint8Array())
        const signed = alice.gateway.newTransaction(prepared.serializeBinary())
        expect(Buffer.from(signed.getDigest())).toEqual(Buffer.from(digest))
        const commit = await signed.submit()
        expect([Code.ENDORSEMENT_POLICY_FAILURE, Code.INVALID_ENDORSER_TRANSACTION]).toContain(await statusOf(commit))
        expect(text(await contract.evaluateTransaction('get', key))).toBe('')
      })
    })

    describe('queries', () => {
      it('ranges come in the order of their bytes, the end left out, over several answers', async () => {
        const prefix = fresh('q')
        await contract.submitTransaction('putMany', prefix, '230', 'x')
        const keys: string[] = JSON.parse(text(await contract.evaluateTransaction('keys', prefix, `${prefix}00229`)))
        expect(keys).toEqual(Array.from({ length: 229 }, (_, i) => `${prefix}${String(i).padStart(5, '0')}`))
      })

      it('keys sort by their UTF-8 bytes', async () => {
        const prefix = fresh('u')
        for (const end of ['z', 'é', '\u{ffff}', '\u{1f600}', 'A'])
          await contract.submitTransaction('put', prefix + end, 'x')
        const keys: string[] = JSON.parse(
          text(await contract.evaluateTransaction('keys', prefix, `${prefix}\u{10ffff}`))
        )
        expect(keys).toEqual(['A', 'z', 'é', '\u{ffff}', '\u{1f600}'].map(end => prefix + end))
      })

      it('pages go on at the bookmark, and the last one has none', async () => {
        const prefix = fresh('p')
        await contract.submitTransaction('putMany', prefix, '5', 'x')
        const page = async (bookmark: string): Promise<{ keys: string[]; bookmark: string; count: number }> =>
          JSON.parse(text(await contract.evaluateTransaction('page', prefix, `${prefix}~`, '2', bookmark)))
        const first = await page('')
        expect(first).toEqual({ keys: [`${prefix}00000`, `${prefix}00001`], bookmark: `${prefix}00002`, count: 2 })
        const second = await page(first.bookmark)
        expect(await page(second.bookmark)).toEqual({ keys: [`${prefix}00004`], bookmark: '', count: 1 })
      })

      it('composite keys are found by their first parts', async () => {
        const [type, a] = [fresh('type'), fresh('a')]
        for (const b of ['1', '2']) await contract.submitTransaction('putPair', type, a, b)
        await contract.submitTransaction('putPair', type, `${a}x`, '3')
        expect(JSON.parse(text(await contract.evaluateTransaction('pairs', type, a)))).toEqual([
          [a, '1'],
          [a, '2']
        ])
      })

      it('history tells every write, the newest first', async () => {
        const key = fresh('h')
        for (const value of ['1', '2']) await contract.submitTransaction('put', key, value)
        await contract.submitTransaction('del', key)
        const entries: { value: string; isDelete: boolean; txId: string; seconds: number }[] = JSON.parse(
          text(await contract.evaluateTransaction('history', key))
        )
        expect(entries.map(({ value, isDelete }) => ({ value, isDelete }))).toEqual([
          { value: '', isDelete: true },
          { value: '2', isDelete: false },
          { value: '1', isDelete: false }
        ])
        for (const entry of entries) {
          expect(entry.txId).toMatch(/^[0-9a-f]{64}$/)
          expect(Math.abs(entry.seconds - Date.now() / 1000)).toBeLessThan(300)
        }
      })
    })

    describe('events', () => {
      const names = (events: readonly ChaincodeEvent[]): string[] => events.map(event => event.eventName)

      it('of valid transactions only, in order, with block and transaction; resumed after a transaction', async () => {
        const channel = alice.gateway.getNetwork(network.profile.channel)
        const [a, b, c] = [fresh('a'), fresh('b'), fresh('c')]
        const first = await contract.submitAsync('emit', { arguments: [a, '1'] })
        const { blockNumber } = await first.getStatus()
        const refused = await contract
          .newProposal('emit', { arguments: [fresh('x'), '0'], endorsingOrganizations: [alice.mspId] })
          .endorse()
        await (await refused.submit()).getStatus()
        await contract.submitTransaction('emit', b, '2')
        await contract.submitTransaction('emit', c, '3')
        const all = await take(await channel.getChaincodeEvents('probe', { startBlock: blockNumber }), 3)
        expect(names(all)).toEqual([a, b, c])
        expect(all[0]).toMatchObject({ blockNumber, transactionId: first.getTransactionId(), chaincodeName: 'probe' })
        expect(text(all[0]!.payload)).toBe('1')
        const checkpoint = { getBlockNumber: () => blockNumber, getTransactionId: () => first.getTransactionId() }
        expect(names(await take(await channel.getChaincodeEvents('probe', { checkpoint }), 2))).toEqual([b, c])
      })

      it('without a start only those that come after', async () => {
        const events = await alice.gateway.getNetwork(network.profile.channel).getChaincodeEvents('probe')
        const next = take(events, 1)
        const name = fresh('live')
        await new Promise(resolve => setTimeout(resolve, 300))
        await contract.submitTransaction('emit', name, 'x')
        expect(names(await next)).toEqual([name])
      })

      it('of another chaincode are not told', async () => {
        const events = await alice.gateway
          .getNetwork(network.profile.channel)
          .getChaincodeEvents('other', { startBlock: 0n })
        const next = take(events, 1).catch(() => 'ended')
        const outcome = Promise.race([next, new Promise(resolve => setTimeout(() => resolve('none'), 300))])
        await contract.submitTransaction('emit', fresh('e'), 'x')
        expect(await outcome).toBe('none')
        events.close()
        expect(await next).toBe('ended')
      })
    })

    describe('blocks', () => {
      it('resume at a checkpoint, whole, filtered and with private data', async () => {
        const channel = alice.gateway.getNetwork(network.profile.channel)
        const commit = await contract.submitAsync('put', { arguments: [fresh('k'), 'v'] })
        const { blockNumber } = await commit.getStatus()
        const checkpoint = { getBlockNumber: () => blockNumber, getTransactionId: () => undefined }
        const [block] = await take(await channel.getBlockEvents({ checkpoint }), 1)
        expect(BigInt(block!.getHeader()!.getNumber())).toBe(blockNumber)
        const [filtered] = await take(await channel.getFilteredBlockEvents({ checkpoint }), 1)
        expect(filtered!.getChannelId()).toBe(network.profile.channel)
        const transactions = filtered!.getFilteredTransactionsList()
        expect(transactions.map(t => [t.getTxid(), t.getTxValidationCode()])).toContainEqual([
          commit.getTransactionId(),
          Code.VALID
        ])
        const [both] = await take(await channel.getBlockAndPrivateDataEvents({ checkpoint }), 1)
        expect(both!.getBlock()!.serializeBinary()).toEqual(block!.serializeBinary())
      })

      it('come live', async () => {
        const next = take(await alice.gateway.getNetwork(network.profile.channel).getBlockEvents(), 1)
        await new Promise(resolve => setTimeout(resolve, 300))
        const commit = await contract.submitAsync('put', { arguments: [fresh('k'), 'v'] })
        const [block] = await next
        expect(BigInt(block!.getHeader()!.getNumber())).toBe((await commit.getStatus()).blockNumber)
      })

      it('are chained by their hashes, hold what they say, and bear the signature of an orderer', async () => {
        for (let i = 0; i < 3; i++) await contract.submitTransaction('put', fresh('k'), 'v')
        const blocks = await blocksFrom(0, 4)
        const roots = network.profile.organizations.flatMap(o => o.mspRoots.map(pem => new X509Certificate(pem)))
        blocks.forEach((block, i) => {
          const header = block.getHeader()!
          const previous = blocks[i - 1]?.getHeader()
          if (previous !== undefined) expect(Buffer.from(header.getPreviousHash_asU8())).toEqual(headerHash(previous))
          const hash = createHash('sha256')
          for (const data of block.getData()!.getDataList_asU8()) hash.update(data)
          expect(Buffer.from(header.getDataHash_asU8())).toEqual(hash.digest())
          if (i === 0) return
          const metadata = common.Metadata.deserializeBinary(
            block.getMetadata()!.getMetadataList_asU8()[common.BlockMetadataIndex.SIGNATURES]!
          )
          expect(metadata.getSignaturesList().length).toBeGreaterThan(0)
          for (const signature of metadata.getSignaturesList()) {
            const creator = common.SignatureHeader.deserializeBinary(
              signature.getSignatureHeader_asU8()
            ).getCreator_asU8()
            const certificate = new X509Certificate(msp.SerializedIdentity.deserializeBinary(creator).getIdBytes_asU8())
            expect(roots.some(root => certificate.checkIssued(root) && certificate.verify(root.publicKey))).toBe(true)
            const signed = Buffer.concat([
              metadata.getValue_asU8(),
              signature.getSignatureHeader_asU8(),
              headerBytes(header)
            ])
            expect(verify('sha256', signed, certificate.publicKey, signature.getSignature_asU8())).toBe(true)
          }
        })
      })

      it('begin with a configuration that names the organisations and their roots', async () => {
        const [block] = await blocksFrom(0, 1)
        const payload = common.Payload.deserializeBinary(envelopesOf(block!)[0]!.getPayload_asU8())
        const config = common.ConfigEnvelope.deserializeBinary(payload.getData_asU8()).getConfig()!
        const groups = config.getChannelGroup()!.getGroupsMap().get('Application')!.getGroupsMap()
        for (const organization of network.profile.organizations) {
          const value = [...groups.entries()].map(([, group]) => group.getValuesMap().get('MSP')!.getValue_asU8())
          const found = value.map(bytes =>
            msp.FabricMSPConfig.deserializeBinary(msp.MSPConfig.deserializeBinary(bytes).getConfig_asU8())
          )
          const own = found.find(fabric => fabric.getName() === organization.mspId)
          expect(own?.getRootCertsList_asU8().map(text)).toEqual(organization.mspRoots)
        }
      })

      it('hold endorsements of the organisations and the versions of what was read', async () => {
        const key = fresh('k')
        const written = await contract.submitAsync('put', { arguments: [key, '1'] })
        const at = await written.getStatus()
        const read = await contract.submitAsync('increment', { arguments: [key] })
        const [block] = await blocksFrom(Number((await read.getStatus()).blockNumber), 1)
        const envelope = envelopesOf(block!).find(e => channelHeaderOf(e).getTxId() === read.getTransactionId())!
        const tx = peer.Transaction.deserializeBinary(
          common.Payload.deserializeBinary(envelope.getPayload_asU8()).getData_asU8()
        )
        const action = peer.ChaincodeActionPayload.deserializeBinary(
          tx.getActionsList()[0]!.getPayload_asU8()
        ).getAction()!
        const endorsers = action
          .getEndorsementsList()
          .map(e => msp.SerializedIdentity.deserializeBinary(e.getEndorser_asU8()).getMspid())
        expect(new Set(endorsers).size).toBeGreaterThan(network.profile.organizations.length / 2)
        for (const endorsement of action.getEndorsementsList()) {
          const certificate = new X509Certificate(
            msp.SerializedIdentity.deserializeBinary(endorsement.getEndorser_asU8()).getIdBytes_asU8()
          )
          const signed = Buffer.concat([action.getProposalResponsePayload_asU8(), endorsement.getEndorser_asU8()])
          expect(verify('sha256', signed, certificate.publicKey, endorsement.getSignature_asU8())).toBe(true)
        }
        const response = peer.ProposalResponsePayload.deserializeBinary(action.getProposalResponsePayload_asU8())
        const results = peer.ChaincodeAction.deserializeBinary(response.getExtension_asU8()).getResults_asU8()
        const set = ledger.rwset.TxReadWriteSet.deserializeBinary(results)
          .getNsRwsetList()
          .find(s => s.getNamespace() === 'probe')!
        const kv = ledger.rwset.kvrwset.KVRWSet.deserializeBinary(set.getRwset_asU8())
        expect(kv.getReadsList().map(r => [r.getKey(), r.getVersion()?.getBlockNum()])).toEqual([
          [key, Number(at.blockNumber)]
        ])
        expect(kv.getWritesList().map(w => [w.getKey(), text(w.getValue_asU8())])).toEqual([[key, '2']])
      })
    })
  })
}
