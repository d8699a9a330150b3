import { randomBytes } from 'node:crypto'
import { deflateSync, inflateSync } from 'node:zlib'
import { canonicalBytes, joinPage } from '@bims/core'
import type { JsonValue } from '@bims/core'
import { describe, expect, it } from 'vitest'
import { connectAs } from '../client.ts'
import type { TestClient } from '../client.ts'
import type { NetworkUnderTest } from '../conformance/context.ts'
import { take } from '../conformance/observations.ts'
import { arrived, idOfRecord, newPerson, standing, submission, submitRecords } from './person.ts'
import type { Person } from './person.ts'
import { newSalt } from './records.ts'

/** Bytes as they stand, and whatever in them is a zlib stream, inflated. */
const laidOpen = (bytes: Buffer): string => {
  const found = [bytes.toString('latin1')]
  for (let at = bytes.indexOf(0x78); at >= 0; at = bytes.indexOf(0x78, at + 1)) {
    if (![0x01, 0x5e, 0x9c, 0xda].includes(bytes[at + 1] ?? 0)) continue
    try {
      found.push(inflateSync(bytes.subarray(at)).toString('latin1'))
    } catch {
      // It only looked like one.
    }
  }
  return found.join('\n')
}

const bytesOf = (message: { serializeBinary: () => Uint8Array }): Buffer => Buffer.from(message.serializeBinary())

/** Everything on the chain up to a block, searched as a reader of that network might. */
const chainOf = async (network: NetworkUnderTest, client: TestClient, upTo: bigint): Promise<string> => {
  const channel = client.gateway.getNetwork(network.profile.channel)
  const blocks = await take(await channel.getBlockEvents({ startBlock: 0n }), Number(upTo) + 1)
  return blocks.map(block => laidOpen(bytesOf(block))).join('\n')
}

const heightAfter = async (person: Person, record: JsonValue): Promise<bigint> => {
  const { transaction } = await submitRecords(person, [record])
  const channel = person.client.gateway.getNetwork('bims')
  const events = await channel.getFilteredBlockEvents({ startBlock: 0n })
  for await (const block of events)
    if (block.getFilteredTransactionsList().some(tx => tx.getTxid() === transaction)) {
      events.close()
      return BigInt(block.getNumber())
    }
  throw new Error('the chain ended')
}

/** What becomes of a restricted record: unreadable for others by any call, in no block, shared, released, purged. */
export const secrecy = (network: () => NetworkUnderTest): void => {
  const people: Person[] = []
  const as = (identity: string, peerOf?: string): Person => {
    const options = peerOf === undefined ? {} : { peerOf }
    const person = newPerson(network(), identity.split('/')[1]!, connectAs(network(), identity, options))
    people.push(person)
    return person
  }
  const words = `secret-${randomBytes(12).toString('hex')}`
  const content = randomBytes(32).toString('hex')
  const unsalted = {
    schema: 'bims.manifest/1',
    acquisitions: [],
    sources: [],
    images: [{ content, digest: `bims-pixels-1:${content}` }],
    note: words
  }
  const secret = { ...unsalted, salt: newSalt() }
  const other = { ...unsalted, note: `${words}!`, salt: newSalt() }
  const id = idOfRecord(secret)
  const marker = (): JsonValue => ({ schema: 'bims.macro/1', note: `after ${randomBytes(4).toString('hex')}` })
  const restricted = { restricted: { owner: 'Org1MSP' } }

  const sharing = (record: JsonValue, owner: string, receiver: string) => {
    const share = { schema: 'bims.share/1', target: idOfRecord(record), owner, receiver, salt: newSalt() }
    const { records, transient } = submission([share])
    return [
      'Share',
      { records, owner, receiver },
      { transient: { ...transient, targets: deflateSync(joinPage([canonicalBytes(record)])) }, at: [receiver] }
    ] as const
  }

  describe('a restricted record', () => {
    it('is read by its organisation, and stands in no block, as it is or inflated', async () => {
      const alice = as('org1/alice')
      expect((await submitRecords(alice, [secret, other], restricted)).code).toBeUndefined()
      expect((await as('org1/audrey').ask('Read', { id, ...restricted })).all).toContain(words)
      const chain = await chainOf(network(), alice.client, await heightAfter(alice, marker()))
      expect(chain).not.toContain(words)
      expect(chain).not.toContain(content)
      // The search finds what is there.
      expect(chain).toContain('after ')
      // The id stands there; without the salt it says nothing of the content.
      expect(chain).toContain(id)
      expect(chain).not.toContain(idOfRecord(unsalted))
    })

    it('is unreadable for another organisation by any call, at any peer', async () => {
      const foreign = network().profile.organizations.filter(({ name }) => name !== 'org1')
      for (const organization of foreign)
        for (const user of Object.keys(organization.identities))
          for (const peerOf of [undefined, 'org1']) {
            const person = as(`${organization.name}/${user}`, peerOf)
            const calls = [
              person.ask('Read', { id }),
              person.ask('Read', { id, ...restricted }),
              person.ask('Read', { id, restricted: { owner: person.mspId } }),
              person.ask('Find', { image: content }),
              person.ask('Find', { kind: 'image', owner: 'Org1MSP', ...restricted }),
              person.ask('Find', { kind: 'image', owner: 'Org1MSP' }),
              person.ask('Lineage', { id, direction: 'sources', depth: 2 }),
              person.ask('ReadAttachment', { owner: 'Org1MSP', digest: id, first: 0, count: 1 }),
              person.ask('Attest', { id, transaction: '0'.repeat(64) }),
              person.submit('Read', { id, ...restricted }, { at: ['Org1MSP'] }),
              person.submit('Purge', { owner: 'Org1MSP', records: [id] }, { at: ['Org1MSP'] }),
              person.submit(...sharing(secret, 'Org1MSP', person.mspId)),
              submitRecords(person, [secret], { release: { owner: 'Org1MSP', enrollmentId: 'alice' } }),
              submitRecords(person, [secret], restricted)
            ]
            for (const [i, outcome] of (await Promise.all(calls)).entries()) {
              expect(outcome.all, `${person.name}, call ${i}`).not.toContain(words)
              // Find and Lineage answer that there is nothing; everything else is refused.
              if (![3, 5, 6].includes(i)) expect(outcome.code, `${person.name}, call ${i}`).toBeDefined()
            }
          }
    })

    it('comes with blocks and private data to its own organisation only, at every peer', async () => {
      const alice = as('org1/alice')
      const upTo = Number(await heightAfter(alice, marker())) + 1
      const { channel, organizations } = network().profile
      const delivers = async (identity: string, peerOf: string, peer: number): Promise<boolean> => {
        const client = connectAs(network(), identity, { peerOf, peer })
        const events = await client.gateway.getNetwork(channel).getBlockAndPrivateDataEvents({ startBlock: 0n })
        const blocks = await take(events, upTo)
        client.close()
        return blocks.some(block => laidOpen(bytesOf(block)).includes(words))
      }
      for (const { name, peers } of organizations)
        for (const peer of peers.keys()) {
          for (const { identities, name: whose } of organizations.filter(one => one.name !== 'org1'))
            for (const user of Object.keys(identities))
              expect(await delivers(`${whose}/${user}`, name, peer), `${whose}/${user} at ${name}`).toBe(false)
          if (name === 'org1')
            while (!(await delivers('org1/alice', name, peer))) await new Promise(resolve => setTimeout(resolve, 100))
        }
    })

    it('is read by whom it was shared with, and by nobody else, and still stands in no block', async () => {
      const alice = as('org1/alice')
      expect((await standing(() => alice.submit(...sharing(secret, 'Org1MSP', 'Org2MSP')))).code).toBeUndefined()
      const bob = as('org2/bob')
      expect((await arrived(bob, { id, restricted: { owner: 'Org2MSP' } })).all).toContain(words)
      if (network().profile.organizations.some(({ name }) => name === 'org3'))
        expect((await as('org3/carol').ask('Read', { id, restricted: { owner: 'Org3MSP' } })).code).toBe(
          'ledger-not-found'
        )
      const chain = await chainOf(network(), alice.client, await heightAfter(alice, marker()))
      expect(chain).not.toContain(words)
    })

    it('is gone after a purge, value and hash, and never stood in a block', async () => {
      const [alice, sam] = [as('org1/alice'), as('org1/sam')]
      const gone = idOfRecord(other)
      expect((await alice.ask('Read', { id: gone, ...restricted })).code).toBeUndefined()
      const purge = { owner: 'Org1MSP', records: [gone] }
      expect((await standing(() => sam.submit('Purge', purge, { at: ['Org1MSP'] }))).code).toBeUndefined()
      expect((await alice.ask('Read', { id: gone, ...restricted })).code).toBe('ledger-not-found')
      // Releasing goes by the hash alone.
      expect((await submitRecords(alice, [other], { release: { owner: 'Org1MSP' } })).code).toBe('ledger-not-found')
      const channel = alice.client.gateway.getNetwork(network().profile.channel)
      const upTo = Number(await heightAfter(alice, marker())) + 1
      const blocks = await take(await channel.getBlockAndPrivateDataEvents({ startBlock: 0n }), upTo)
      expect(blocks.map(block => laidOpen(bytesOf(block))).join('\n')).not.toContain(`${words}!`)
    })

    it('is public once it is released, with the same id', async () => {
      const alice = as('org1/alice')
      expect(
        (await standing(() => submitRecords(alice, [secret], { release: { owner: 'Org1MSP' } }))).code
      ).toBeUndefined()
      expect((await arrived(as('org2/otto'), { id })).all).toContain(words)
      const chain = await chainOf(network(), alice.client, await heightAfter(alice, marker()))
      expect(chain).toContain(words)
      for (const person of people) person.client.close()
    })
  })
}
