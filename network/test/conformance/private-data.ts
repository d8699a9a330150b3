import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { common, ledger, peer } from '@hyperledger/fabric-protos'
import type { SubmittedTransaction, Contract } from '@hyperledger/fabric-gateway'
import { connectAs, text } from '../client.ts'
import type { TestClient } from '../client.ts'
import { fresh, failureOf, statusOf, take } from './observations.ts'
import type { ConformanceContext } from './context.ts'

const Code = peer.TxValidationCode
const collectionOf = (mspId: string): string => `_implicit_org_${mspId}`
const sha256 = (content: string): string => createHash('sha256').update(content).digest('hex')

/**
 * Implicit private collections. Fabric's documentation: private-data-arch (collections of organisations, hashes, purge);
 * who may read and write them was observed on real peers.
 */
export const privateData = (on: ConformanceContext): void => {
  const org1 = (): string => collectionOf(on.alice.mspId)
  const org2 = (): string => collectionOf(on.bob.mspId)
  const contractOf = (who: 'alice' | 'bob'): Contract =>
    on[who].gateway.getNetwork(on.network.profile.channel).getContract('probe')

  const put = async (
    key: string,
    content: string,
    more: { readonly method?: string; readonly collection?: string; readonly endorsers?: readonly string[] } = {}
  ): Promise<SubmittedTransaction> => {
    const endorsed = await on.contract
      .newProposal(more.method ?? 'putPrivate', {
        arguments: [more.collection ?? org1(), key],
        transientData: { content },
        endorsingOrganizations: [...(more.endorsers ?? [on.alice.mspId])]
      })
      .endorse()
    return endorsed.submit()
  }
  const at = (who: 'alice' | 'bob', method: string, ...args: string[]): Promise<string> =>
    contractOf(who)
      .evaluate(method, { arguments: args, endorsingOrganizations: [on[who].mspId] })
      .then(text)

  // Another organisation's peer may be some blocks behind.
  const hashAt = async (who: 'alice' | 'bob', collection: string, key: string, hash: string): Promise<void> => {
    for (let seen = await at(who, 'hashPrivate', collection, key); seen !== hash;) {
      await new Promise(resolve => setTimeout(resolve, 50))
      seen = await at(who, 'hashPrivate', collection, key)
    }
  }

  describe('private data', () => {
    it('is read by its owner, and by others as its hash only', async () => {
      const [key, content] = [fresh('k'), fresh('content')]
      expect(await statusOf(await put(key, content))).toBe(Code.VALID)
      expect(await at('alice', 'getPrivate', org1(), key)).toBe(content)
      await hashAt('alice', org1(), key, sha256(content))
      await hashAt('bob', org1(), key, sha256(content))
      const failure = await failureOf(at('bob', 'getPrivate', org1(), key))
      expect(failure.code).toBe(2)
      expect(failure.message).toMatch(
        /GET_STATE failed: transaction ID: [0-9a-f]{64}: private data matching public hash version is not available\. Public hash version = \{BlockNum: [0-9]+, TxNum: [0-9]+\}, Private data version = <nil>/
      )
    })

    it('that is not there reads as empty, everywhere', async () => {
      const key = fresh('k')
      for (const who of ['alice', 'bob'] as const) {
        expect(await at(who, 'getPrivate', org1(), key)).toBe('')
        expect(await at(who, 'hashPrivate', org1(), key)).toBe('')
      }
    })

    it('is protected by nothing but the chaincode: who names the owner as endorser reads and writes it', async () => {
      const [key, content] = [fresh('k'), fresh('content')]
      await statusOf(await put(key, content))
      const read = await contractOf('bob').evaluate('getPrivate', {
        arguments: [org1(), key],
        endorsingOrganizations: [on.alice.mspId]
      })
      expect(text(read)).toBe(content)
      const endorsed = await contractOf('bob')
        .newProposal('putPrivate', {
          arguments: [org1(), key],
          transientData: { content: 'of bob' },
          endorsingOrganizations: [on.alice.mspId]
        })
        .endorse()
      expect(await statusOf(await endorsed.submit())).toBe(Code.VALID)
      // Another peer of the organisation than the one that alice asks may have endorsed it.
      for (let seen = ''; seen !== 'of bob'; seen = await at('alice', 'getPrivate', org1(), key).catch(String))
        await new Promise(resolve => setTimeout(resolve, 50))
    })

    it('needs the endorsement of its owner, whatever the policy of the chaincode', async () => {
      const [key, content] = [fresh('k'), fresh('content')]
      const others = on.network.profile.organizations.map(({ mspId }) => mspId).filter(id => id !== on.alice.mspId)
      expect(await statusOf(await put(key, content, { endorsers: others }))).toBe(Code.ENDORSEMENT_POLICY_FAILURE)
      expect(await at('alice', 'getPrivate', org1(), key)).toBe('')
      expect(await statusOf(await put(key, content))).toBe(Code.VALID)
    })

    it('written together with public state needs both policies', async () => {
      const [key, content] = [fresh('k'), fresh('content')]
      const method = 'putPrivateAndPublic'
      expect(await statusOf(await put(key, content, { method }))).toBe(Code.ENDORSEMENT_POLICY_FAILURE)
      expect(await at('alice', 'getPrivate', org1(), key)).toBe('')
      const endorsers = on.network.profile.organizations.map(({ mspId }) => mspId)
      expect(await statusOf(await put(key, content, { method, endorsers }))).toBe(Code.VALID)
      expect(await at('alice', 'getPrivate', org1(), key)).toBe(content)
    })

    it('goes by itself to its owner, also from the transient map', async () => {
      const [key, content] = [fresh('k'), fresh('content')]
      const own = { arguments: [org1(), key], transientData: { content } }
      expect(await statusOf(await on.contract.submitAsync('putPrivate', own))).toBe(Code.VALID)
      const foreign = { arguments: [org2(), key], transientData: { content } }
      expect(await statusOf(await on.contract.submitAsync('putPrivate', foreign))).toBe(Code.VALID)
      await hashAt('alice', org2(), key, sha256(content))
      const failure = await failureOf(at('alice', 'getPrivate', org2(), key))
      expect(failure.message).toContain('private data matching public hash version is not available')
    })

    it('from the transient map goes to no organisation outside the collection unless it is named', async () => {
      const [key, content] = [fresh('k'), fresh('content')]
      const given = { arguments: [org1(), key], transientData: { content } }
      const failure = await failureOf(on.contract.newProposal('putPrivateAndPublic', given).endorse())
      expect(failure.code).toBe(9)
      expect(failure.message).toContain(
        `requires endorsement from organisation(s) that are not in the distribution policy of the private data collection(s): [${org1()}]; retry specifying trusted endorsing organizations to protect transient data`
      )
    })

    it('from arguments is endorsed by whoever the policies need', async () => {
      const key = fresh('k')
      const more = { arguments: [org1(), key, 'plain'] }
      expect(await statusOf(await on.contract.submitAsync('putPrivatePlainAndPublic', more))).toBe(Code.VALID)
      expect(await at('alice', 'getPrivate', org1(), key)).toBe('plain')
    })

    it('of two organisations in one transaction needs both, and is refused with a transient map', async () => {
      const [key, content] = [fresh('k'), fresh('content')]
      const given = { arguments: [org1(), org2(), key], transientData: { content } }
      const failure = await failureOf(on.contract.newProposal('putPrivateTwice', given).endorse())
      expect(failure.code).toBe(9)
      expect(failure.message).toContain(
        'requires endorsement from organisation(s) that are not in the distribution policy'
      )
      const endorsed = await on.contract
        .newProposal('putPrivateTwice', { ...given, endorsingOrganizations: [on.alice.mspId, on.bob.mspId] })
        .endorse()
      expect(await statusOf(await endorsed.submit())).toBe(Code.VALID)
      await hashAt('bob', org2(), key, sha256(content))
      expect(await at('alice', 'getPrivate', org1(), key)).toBe(content)
    })

    it('that was read cannot be endorsed by an organisation that does not have it', async () => {
      const [key, content] = [fresh('k'), fresh('content')]
      await statusOf(await put(key, content))
      await hashAt('bob', org1(), key, sha256(content))
      const alone = await failureOf(on.endorse('getPrivate', org1(), key))
      expect(alone.code).toBe(9)
      expect(alone.message).toContain('no combination of peers can be derived which satisfy the endorsement policy')
      const both = await failureOf(
        on.contract
          .newProposal('getPrivate', {
            arguments: [org1(), key],
            endorsingOrganizations: [on.alice.mspId, on.bob.mspId]
          })
          .endorse()
      )
      expect(both.code).toBe(10)
      expect(both.message).toContain('failed to collect enough transaction endorsements')
      expect(both.details.map(({ mspId }) => mspId)).toContain(on.bob.mspId)
      expect(both.details.map(({ mspId }) => mspId)).not.toContain(on.alice.mspId)
      expect(both.details[0]!.message).toContain('private data matching public hash version is not available')
    })

    it('whose hash was read before it changed is MVCC_READ_CONFLICT', async () => {
      const key = fresh('k')
      const more = { arguments: [org1(), key], endorsingOrganizations: [on.alice.mspId] }
      await statusOf(await put(key, '1'))
      const endorsed = await Promise.all([1, 2].map(() => on.contract.newProposal('incrementPrivate', more).endorse()))
      const commits = await Promise.all(endorsed.map(one => one.submit()))
      const codes = await Promise.all(commits.map(statusOf))
      expect(codes.sort()).toEqual([Code.VALID, Code.MVCC_READ_CONFLICT].sort())
      expect(await at('alice', 'getPrivate', org1(), key)).toBe('2')
      const target = fresh('target')
      const hashed = await on.endorse('copyPrivateHash', org1(), key, target)
      await statusOf(await put(key, 'other'))
      expect(await statusOf(await hashed.submit())).toBe(Code.MVCC_READ_CONFLICT)
    })

    it('is deleted: value and hash', async () => {
      const [key, content] = [fresh('k'), fresh('content')]
      await statusOf(await put(key, content))
      const more = { arguments: [org1(), key], endorsingOrganizations: [on.alice.mspId] }
      expect(await statusOf(await on.contract.submitAsync('delPrivate', more))).toBe(Code.VALID)
      expect(await at('alice', 'getPrivate', org1(), key)).toBe('')
      await hashAt('bob', org1(), key, '')
    })

    it('is purged: value and hash, and may be written again', async () => {
      const [key, content] = [fresh('k'), fresh('content')]
      await statusOf(await put(key, content))
      const more = { arguments: [org1(), key], endorsingOrganizations: [on.alice.mspId] }
      expect(await statusOf(await on.contract.submitAsync('purgePrivate', more))).toBe(Code.VALID)
      expect(await at('alice', 'getPrivate', org1(), key)).toBe('')
      await hashAt('bob', org1(), key, '')
      expect(await statusOf(await put(key, 'again'))).toBe(Code.VALID)
      expect(await at('alice', 'getPrivate', org1(), key)).toBe('again')
    })

    it('is listed by ranges at its owner, in the order of the keys; nowhere else', async () => {
      const prefix = fresh('range')
      for (const name of ['b', 'a', 'c', 'd']) await statusOf(await put(`${prefix}${name}`, name))
      const more = { arguments: [org1(), `${prefix}c`], endorsingOrganizations: [on.alice.mspId] }
      await statusOf(await on.contract.submitAsync('delPrivate', more))
      expect(JSON.parse(await at('alice', 'rangePrivate', org1(), prefix, `${prefix}d`))).toEqual([
        [`${prefix}a`, 'a'],
        [`${prefix}b`, 'b']
      ])
      await hashAt('bob', org1(), `${prefix}c`, '')
      expect(await at('bob', 'rangePrivate', org1(), prefix, `${prefix}z`)).toBe('[]')
    })

    it('is queried by ranges in transactions that write nothing only', async () => {
      const after = await failureOf(on.endorse('rangePrivateInto', org1(), 'a', 'b', fresh('k')))
      expect(after.details[0]!.message).toContain(
        'Transaction has already performed queries on pvt data. Writes are not allowed'
      )
      const before = await failureOf(on.endorse('putThenRangePrivate', org1(), 'a', 'b', fresh('k')))
      expect(before.details[0]!.message).toContain('Queries on pvt data is supported only in a read-only transaction')
    })

    it('of a collection that is not there is refused, each request in its words', async () => {
      const attempt = async (method: string, ...args: string[]): Promise<string> =>
        (await failureOf(on.contract.evaluateTransaction(method, ...args))).message
      const missing = `collection ${on.network.profile.channel}/probe/nothing could not be found`
      expect(await attempt('getPrivate', 'nothing', 'k')).toContain(missing)
      expect(await attempt('putPrivatePlain', 'nothing', 'k', 'v')).toContain(missing)
      expect(await attempt('purgePrivate', 'nothing', 'k')).toContain(missing)
      expect(await attempt('rangePrivate', 'nothing', 'a', 'b')).toContain(missing)
      const undefinedOne = (name: string): string =>
        `collection [${name}] not defined in the collection config for chaincode [probe]`
      expect(await attempt('hashPrivate', 'nothing', 'k')).toContain(undefinedOne('nothing'))
      const stranger = collectionOf('NoMSP')
      expect(await attempt('hashPrivate', stranger, 'k')).toContain(undefinedOne(stranger))
      expect(await attempt('getPrivate', stranger, 'k')).toContain(undefinedOne(stranger))
      expect(await attempt('putPrivatePlain', stranger, 'k', 'v')).toContain(undefinedOne(stranger))
    })

    it('stands in blocks by hashes: of keys, of values, of the whole', async () => {
      const [key, content] = [fresh('k'), fresh('content')]
      const { blockNumber } = await (await put(key, content)).getStatus()
      const [block] = await on.blocksFrom(Number(blockNumber), 1)
      expect(Buffer.from(block!.serializeBinary()).includes(content)).toBe(false)
      const sets = block!
        .getData()!
        .getDataList_asU8()
        .flatMap(bytes => hashedSetsOf(bytes))
      expect(sets.map(({ collection }) => collection)).toContain(org1())
      const set = sets.find(one => one.writes.has(sha256(key)))!
      expect(set.writes.get(sha256(key))).toBe(sha256(content))
      const write = new ledger.rwset.kvrwset.KVWrite()
      write.setKey(key)
      write.setValue(Buffer.from(content))
      const written = new ledger.rwset.kvrwset.KVRWSet()
      written.addWrites(write)
      expect(set.hash).toBe(createHash('sha256').update(written.serializeBinary()).digest('hex'))
    })

    it('is delivered with its block by the peers of its owner only, to whoever may read the channel', async () => {
      const [key, other, content] = [fresh('k'), fresh('k'), fresh('content')]
      const delivered = (who: 'alice' | 'bob', startBlock: bigint): ReturnType<typeof deliveredWrites> =>
        deliveredWrites(on, on[who], startBlock)
      const first = await (await put(key, content)).getStatus()
      await hashAt('bob', org1(), key, sha256(content))
      expect(await delivered('alice', first.blockNumber)).toEqual([[org1(), key, content]])
      expect(await delivered('bob', first.blockNumber)).toEqual([])
      const bobAtOwner = connectAs(on.network, 'org2/bob', { peerOf: 'org1' })
      expect(await deliveredWrites(on, bobAtOwner, first.blockNumber)).toEqual([[org1(), key, content]])
      bobAtOwner.close()
      const invalid = await (await put(other, content, { method: 'putPrivateAndPublic' })).getStatus()
      expect(await delivered('alice', invalid.blockNumber)).toEqual([[org1(), other, content]])
      const more = { arguments: [org1(), key], endorsingOrganizations: [on.alice.mspId] }
      const deleted = await (await on.contract.submitAsync('delPrivate', more)).getStatus()
      expect(await delivered('alice', deleted.blockNumber)).toEqual([[org1(), key, '']])
      await (await put(other, content)).getStatus()
      const again = await (await put(key, 'again')).getStatus()
      const purged = await (await on.contract.submitAsync('purgePrivate', more)).getStatus()
      for (const { blockNumber } of [first, deleted, again, purged])
        expect(await delivered('alice', blockNumber)).toEqual([])
    })
  })
}

const readWriteSetOf = (envelope: Uint8Array): ledger.rwset.TxReadWriteSet => {
  const payload = common.Payload.deserializeBinary(common.Envelope.deserializeBinary(envelope).getPayload_asU8())
  const [action] = peer.Transaction.deserializeBinary(payload.getData_asU8()).getActionsList()
  const endorsed = peer.ChaincodeActionPayload.deserializeBinary(action!.getPayload_asU8()).getAction()!
  const response = peer.ProposalResponsePayload.deserializeBinary(endorsed.getProposalResponsePayload_asU8())
  const results = peer.ChaincodeAction.deserializeBinary(response.getExtension_asU8()).getResults_asU8()
  return ledger.rwset.TxReadWriteSet.deserializeBinary(results)
}

interface HashedSet {
  readonly collection: string
  readonly hash: string
  readonly writes: ReadonlyMap<string, string>
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

const hashedSetsOf = (envelope: Uint8Array): readonly HashedSet[] =>
  readWriteSetOf(envelope)
    .getNsRwsetList()
    .flatMap(set => set.getCollectionHashedRwsetList())
    .map(set => ({
      collection: set.getCollectionName(),
      hash: hex(set.getPvtRwsetHash_asU8()),
      writes: new Map(
        ledger.rwset.kvrwset.HashedRWSet.deserializeBinary(set.getHashedRwset_asU8())
          .getHashedWritesList()
          .map(write => [hex(write.getKeyHash_asU8()), hex(write.getValueHash_asU8())] as const)
      )
    }))

const writesOf = (set: ledger.rwset.TxPvtReadWriteSet): [string, string, string][] =>
  set.getNsPvtRwsetList().flatMap(namespace =>
    namespace.getCollectionPvtRwsetList().flatMap(collection =>
      ledger.rwset.kvrwset.KVRWSet.deserializeBinary(collection.getRwset_asU8())
        .getWritesList()
        .map((write): [string, string, string] => [
          collection.getCollectionName(),
          write.getKey(),
          text(write.getValue_asU8())
        ])
    )
  )

/** What a peer delivers with a block of private data: collection, key, value. */
export const deliveredWrites = async (
  on: ConformanceContext,
  client: TestClient,
  startBlock: bigint
): Promise<readonly [string, string, string][]> => {
  const channel = client.gateway.getNetwork(on.network.profile.channel)
  const [block] = await take(await channel.getBlockAndPrivateDataEvents({ startBlock }), 1)
  return [...block!.getPrivateDataMapMap().entries()].flatMap(([, set]) => writesOf(set))
}
