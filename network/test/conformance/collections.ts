import { createHash } from 'node:crypto'
import { peer } from '@hyperledger/fabric-protos'
import type { Contract } from '@hyperledger/fabric-gateway'
import { afterAll, describe, expect, it } from 'vitest'
import { connectAs, text } from '../client.ts'
import type { TestClient } from '../client.ts'
import type { ConformanceContext } from './context.ts'
import { failureOf, fresh, statusOf } from './observations.ts'
import { deliveredWrites } from './private-data.ts'

const Code = peer.TxValidationCode
const sha256 = (content: string): string => createHash('sha256').update(content).digest('hex')

const refusal = (access: 'read' | 'write', collection: string): string =>
  `tx creator does not have ${access} access permission on privatedata in chaincodeName:probe collectionName: ${collection}`

/**
 * Explicit private collections, those of fixtures/probe.ts. Fabric's documentation: private-data-arch and collections (members,
 * memberOnlyRead, memberOnlyWrite, endorsementPolicy); the words of refusals are those of core/chaincode/handler.go.
 */
export const collections = (on: ConformanceContext): void => {
  const [both, readByMembers, writtenByMembers] = ['both', 'read-by-members', 'written-by-members']
  const others: TestClient[] = []
  const contractOf = (client: TestClient): Contract =>
    client.gateway.getNetwork(on.network.profile.channel).getContract('probe')
  const connected = (identity: string, options: Parameters<typeof connectAs>[2] = {}): TestClient => {
    const client = connectAs(on.network, identity, options)
    others.push(client)
    return client
  }
  const at = (client: TestClient, mspId: string, method: string, ...args: string[]): Promise<string> =>
    contractOf(client)
      .evaluate(method, { arguments: args, endorsingOrganizations: [mspId] })
      .then(text)
  const put = async (
    client: TestClient,
    collection: string,
    key: string,
    content: string,
    more: { readonly method?: string; readonly at?: readonly string[] } = {}
  ): Promise<number> => {
    const endorsed = await contractOf(client)
      .newProposal(more.method ?? 'putPrivate', {
        arguments: [collection, key],
        transientData: { content },
        ...(more.at !== undefined && { endorsingOrganizations: [...more.at] })
      })
      .endorse()
    return statusOf(await endorsed.submit())
  }
  // Another organisation's peer may be some blocks behind, and have the contents later still.
  const arrives = async (read: () => Promise<string>, wanted: string): Promise<void> => {
    for (let seen = await read().catch(String); seen !== wanted; seen = await read().catch(String))
      await new Promise(resolve => setTimeout(resolve, 50))
  }

  describe('explicit collections', () => {
    afterAll(() => others.forEach(client => client.close()))

    it('are read by members, at the peer of any of them, and by others as hashes only', async () => {
      const [key, content] = [fresh('k'), fresh('content')]
      expect(await put(on.alice, both, key, content)).toBe(Code.VALID)
      expect(await at(on.alice, on.alice.mspId, 'getPrivate', both, key)).toBe(content)
      await arrives(() => at(on.bob, on.bob.mspId, 'getPrivate', both, key), content)
      expect(await put(on.alice, readByMembers, key, content, { at: [on.alice.mspId] })).toBe(Code.VALID)
      expect(await at(on.alice, on.alice.mspId, 'getPrivate', readByMembers, key)).toBe(content)
      await arrives(() => at(on.bob, on.bob.mspId, 'hashPrivate', readByMembers, key), sha256(content))
    })

    it('that only members read refuse everybody else, by every read, at every peer', async () => {
      const [key, content] = [fresh('k'), fresh('content')]
      expect(await put(on.alice, readByMembers, key, content, { at: [on.alice.mspId] })).toBe(Code.VALID)
      for (const mspId of [on.alice.mspId, on.bob.mspId])
        for (const [method, ...args] of [
          ['getPrivate', readByMembers, key],
          ['getPrivate', readByMembers, fresh('absent')],
          ['rangePrivate', readByMembers, 'a', 'z'],
          ['incrementPrivate', readByMembers, key]
        ] as const) {
          const { message } = await failureOf(at(on.bob, mspId, method, ...args))
          expect(message, `${method} at ${mspId}`).toContain(refusal('read', readByMembers))
          expect(message).not.toContain(content)
        }
      const endorsed = contractOf(on.bob)
        .newProposal('getPrivate', { arguments: [readByMembers, key], endorsingOrganizations: [on.alice.mspId] })
        .endorse()
      expect((await failureOf(endorsed)).details[0]!.message).toContain(refusal('read', readByMembers))
      expect(await at(on.bob, on.alice.mspId, 'hashPrivate', readByMembers, key)).toBe(sha256(content))
    })

    it('are written and purged by anybody whom a member endorses, unless only members write', async () => {
      const [key, content] = [fresh('k'), fresh('content')]
      const named = { at: [on.alice.mspId] }
      expect(await put(on.bob, readByMembers, key, content, named)).toBe(Code.VALID)
      await arrives(() => at(on.alice, on.alice.mspId, 'getPrivate', readByMembers, key), content)
      const purge = contractOf(on.bob).newProposal('purgePrivate', {
        arguments: [readByMembers, key],
        endorsingOrganizations: named.at
      })
      expect(await statusOf(await (await purge.endorse()).submit())).toBe(Code.VALID)
      await arrives(() => at(on.alice, on.alice.mspId, 'hashPrivate', readByMembers, key), '')

      expect(await put(on.alice, writtenByMembers, key, content, named)).toBe(Code.VALID)
      const attempts = [
        ['putPrivatePlain', writtenByMembers, key, 'other'],
        ['delPrivate', writtenByMembers, key],
        ['purgePrivate', writtenByMembers, key]
      ] as const
      for (const [method, ...args] of attempts)
        expect((await failureOf(at(on.bob, on.alice.mspId, method, ...args))).message).toContain(
          refusal('write', writtenByMembers)
        )
      expect(await at(on.bob, on.alice.mspId, 'getPrivate', writtenByMembers, key)).toBe(content)
    })

    it("with a policy of their own need that one, and the chaincode's where they have none", async () => {
      const [key, content] = [fresh('k'), fresh('content')]
      const foreign = on.network.profile.organizations.map(({ mspId }) => mspId).filter(id => id !== on.alice.mspId)
      for (const collection of [readByMembers, writtenByMembers]) {
        expect(await put(on.alice, collection, key, content, { at: foreign })).toBe(Code.ENDORSEMENT_POLICY_FAILURE)
        expect(await put(on.alice, collection, key, content, { at: [on.alice.mspId] })).toBe(Code.VALID)
        expect(await put(on.alice, collection, key, content)).toBe(Code.VALID)
      }
      expect(await put(on.alice, both, key, content, { at: [on.alice.mspId] })).toBe(Code.ENDORSEMENT_POLICY_FAILURE)
      expect(await put(on.alice, both, key, content, { at: [on.alice.mspId, on.bob.mspId] })).toBe(Code.VALID)
    })

    it('keep what comes in the transient map among their members', async () => {
      const [key, content] = [fresh('k'), fresh('content')]
      const method = 'putPrivateAndPublic'
      const failure = await failureOf(put(on.alice, readByMembers, key, content, { method }))
      expect(failure.code).toBe(9)
      expect(failure.message).toContain(
        `not in the distribution policy of the private data collection(s): [${readByMembers}]`
      )
      // Here the members are enough for the chaincode's policy too.
      expect(await put(on.alice, both, key, content, { method })).toBe(Code.VALID)
    })

    it("are delivered with blocks by their members' peers: to members where only they read, else to every reader", async () => {
      const [key, content] = [fresh('k'), fresh('content')]
      const bobAtOrg1 = connected('org2/bob', { peerOf: 'org1' })
      const delivered = async (collection: string): Promise<readonly (readonly [string, number])[]> => {
        const at1 = { arguments: [collection, key], transientData: { content } }
        const { blockNumber } = await (await contractOf(on.alice).submitAsync('putPrivate', at1)).getStatus()
        const counts: (readonly [string, number])[] = []
        for (const [who, client] of [
          ['alice', on.alice],
          ['bob at org1', bobAtOrg1],
          ['bob', on.bob]
        ] as const) {
          const writes = await deliveredWrites(on, client, blockNumber)
          counts.push([who, writes.filter(([name, , value]) => name === collection && value === content).length])
        }
        return counts
      }
      expect(await delivered(readByMembers)).toEqual([
        ['alice', 1],
        ['bob at org1', 0],
        ['bob', 0]
      ])
      expect(await delivered(writtenByMembers)).toEqual([
        ['alice', 1],
        ['bob at org1', 1],
        ['bob', 0]
      ])
      expect((await delivered(both)).slice(0, 2)).toEqual([
        ['alice', 1],
        ['bob at org1', 1]
      ])
    })
  })
}
