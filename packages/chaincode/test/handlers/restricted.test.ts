import { deflateSync, inflateSync } from 'node:zlib'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  canonicalBytes,
  canonicalText,
  restrictedCollection,
  joinPage,
  type FindAnswer,
  type JsonValue,
  type RecordAnswer
} from '@bims/core'
import { withRole, type TestIdentity } from '../stub/identity.ts'
import { idOfRecord, submission, TestLedger, transactionOf, type Outcome } from '../stub/ledger.ts'
import { restrictedRecord, sampleRecord, testSalt } from './records.ts'

let [alice, bob, carol, sam, bobsSteward]: TestIdentity[] = []
beforeAll(async () => {
  alice = await withRole('Org1MSP', 'alice', 'scientist')
  carol = await withRole('Org1MSP', 'carol', 'scientist')
  sam = await withRole('Org1MSP', 'sam', 'steward')
  bob = await withRole('Org2MSP', 'bob', 'scientist')
  bobsSteward = await withRole('Org2MSP', 'bea', 'steward')
})

const secretText = 'a text that must stand nowhere'
const secret = { ...(restrictedRecord('image') as object), note: secretText } as JsonValue
const id = idOfRecord(secret)
const ofOrg1 = { restricted: { owner: 'Org1MSP' } }
const ofOrg2 = { restricted: { owner: 'Org2MSP' } }

const ask = (ledger: TestLedger, identity: TestIdentity, transaction: string, argument: object, peer?: string) =>
  ledger.invoke({ identity, transaction, argument, ...(peer !== undefined && { peer }) })
const read = async (ledger: TestLedger, identity: TestIdentity, more: object): Promise<Outcome> =>
  ask(ledger, identity, 'Read', { id, ...more })
const share = (
  ledger: TestLedger,
  identity: TestIdentity,
  more: { readonly targets?: readonly JsonValue[]; readonly record?: object; readonly argument?: object } = {}
): Promise<Outcome> => {
  const record = { schema: 'bims.share/1', target: id, owner: 'Org1MSP', receiver: 'Org2MSP', salt: testSalt }
  const { argument, transient } = submission([{ ...record, ...more.record }])
  return ledger.invoke({
    identity,
    peer: 'Org2MSP',
    transaction: 'Share',
    argument: { ...(argument as object), owner: 'Org1MSP', receiver: 'Org2MSP', ...more.argument },
    transient: { ...transient, targets: deflateSync(joinPage((more.targets ?? [secret]).map(canonicalBytes))) }
  })
}

/** All that goes into blocks: keys and values of public writes, also inflated, and hashes of private ones. */
const publicBytes = ({ privateWrites, writes }: Outcome): string =>
  [...writes]
    .map(([key, value]) => {
      const bytes = value ?? Buffer.alloc(0)
      return key + bytes.toString('latin1') + (key.startsWith('\0page') ? inflateSync(bytes).toString('latin1') : '')
    })
    .join('') + [...privateWrites.keys()].join('')

describe('a restricted record', () => {
  it('stands in its owner’s collection alone, each under its own id', async () => {
    const ledger = new TestLedger()
    const outcome = await ledger.submit(alice!, [secret, restrictedRecord('macro')], ofOrg1)
    expect(outcome.message).toBe('')
    expect(outcome.reads).toEqual([])
    expect(outcome.privateReads).toEqual([])
    expect(publicBytes(outcome)).not.toContain(secretText)
    expect(ledger.state.size).toBe(0)
    const held = ledger.privateState.get(restrictedCollection('Org1MSP'))!
    expect([...held.keys()].map(key => key.split('\0')[1]).sort()).toEqual([
      'log',
      'log',
      'record',
      'record',
      'submission',
      'submission'
    ])
    expect(held.get(`\0record\0${id}\0`)?.toString()).toBe(canonicalText(secret))
    const answer = JSON.parse((await read(ledger, carol!, ofOrg1)).payload) as RecordAnswer
    expect(answer.content).toBe(canonicalText(secret))
    expect(answer.submissions).toMatchObject([{ mspId: 'Org1MSP', enrollmentId: 'alice' }])
  })

  it('is not found by any public question, nor by an identity or at a peer of another organisation', async () => {
    const ledger = new TestLedger()
    await ledger.submit(alice!, [secret], ofOrg1)
    expect((await read(ledger, alice!, {})).error?.code).toBe('ledger-not-found')
    for (const question of [{ image: '8'.repeat(64) }, { kind: 'image', owner: 'Org1MSP' }, { source: '4'.repeat(64) }])
      expect(JSON.parse((await ask(ledger, alice!, 'Find', question)).payload)).toEqual({ records: [], bookmark: '' })
    for (const peer of ['Org1MSP', 'Org2MSP'])
      for (const [transaction, argument] of [
        ['Read', { id, ...ofOrg1 }],
        ['Find', { kind: 'image', owner: 'Org1MSP', ...ofOrg1 }],
        ['Purge', { owner: 'Org1MSP', records: [id] }],
        ['ReadAttachment', { owner: 'Org1MSP', digest: id, first: 0, count: 1 }]
      ] as const)
        for (const identity of [bob!, bobsSteward!])
          expect((await ask(ledger, identity, transaction, argument, peer)).error?.code).toBe('role-refused')
    // Asked for in the own collection, it is not there.
    expect((await read(ledger, bob!, ofOrg2)).error?.code).toBe('ledger-not-found')
    const attest = await ask(ledger, bob!, 'Attest', { id, transaction: '0'.repeat(64) })
    expect(attest.error?.code).toBe('ledger-not-found')
  })

  it('cannot be read at a peer that does not hold it, and the error arrives whole', async () => {
    const ledger = new TestLedger()
    await ledger.submit(alice!, [secret], ofOrg1)
    const outcome = await ask(ledger, alice!, 'Read', { id, ...ofOrg1 }, 'Org2MSP')
    expect(outcome.error?.code).toBe('unexpected')
    expect(outcome.message).not.toContain(secretText)
  })

  it.each([
    ['no salt', { ...(sampleRecord('image') as object) }],
    ['a short salt', { ...(sampleRecord('image') as object), salt: 'AAAA' }],
    ['a salt that is no text', { ...(sampleRecord('image') as object), salt: 7 }],
    ['a salt in another form', { ...(sampleRecord('image') as object), salt: `${'A'.repeat(21)}R==` }]
  ])('is refused with %s', async (_, record) => {
    const ledger = new TestLedger()
    const outcome = await ledger.submit(alice!, [secret, record], ofOrg1)
    expect(outcome.error?.code).toBe('record-schema')
    expect(outcome.error?.issues).toMatchObject([{ at: 'records/1' }])
    expect(outcome.privateWrites.size).toBe(0)
  })

  it('is never both restricted and released', async () => {
    const outcome = await new TestLedger().submit(alice!, [secret], { ...ofOrg1, release: { owner: 'Org1MSP' } })
    expect(outcome.error?.code).toBe('transaction-malformed')
  })

  it('is found by kind, owner and time, in parts, as far as the role reaches', async () => {
    const ledger = new TestLedger()
    const instrument = await withRole('Org1MSP', 'scope', 'instrument')
    const made: string[] = []
    for (let i = 0; i < 5; i++) {
      const records = [0, 1].map(n => restrictedRecord('acquisition', `${i}/${n}`))
      await ledger.submit(i === 2 ? instrument : alice!, records, ofOrg1)
      made.push(...records.map(idOfRecord))
    }
    const find = async (identity: TestIdentity, pageSize: number, more: object = {}): Promise<readonly string[]> => {
      const found: string[] = []
      for (let bookmark = ''; ;) {
        const question = { kind: 'acquisition', owner: 'Org1MSP', pageSize, ...ofOrg1, ...more }
        const outcome = await ask(ledger, identity, 'Find', { ...question, ...(bookmark && { bookmark }) })
        const answer = JSON.parse(outcome.payload) as FindAnswer
        expect(answer.records.length).toBeLessThanOrEqual(pageSize)
        found.push(...answer.records.map(record => record.id))
        bookmark = answer.bookmark
        if (bookmark === '') return found
      }
    }
    for (const pageSize of [1, 3, 100]) {
      expect(await find(carol!, pageSize)).toEqual(made)
      expect(await find(instrument, pageSize)).toEqual(made.slice(4, 6))
      expect(await find(carol!, pageSize, { from: '2026-01-01T00:00:01Z', to: '2026-01-01T00:00:03Z' })).toEqual(
        made.slice(2, 6)
      )
    }
    await ask(ledger, sam!, 'Purge', { owner: 'Org1MSP', records: [made[0]!] })
    expect(await find(carol!, 1)).toEqual(made.slice(1))
    expect((await ask(ledger, carol!, 'Find', { reference: id, ...ofOrg1 })).error?.code).toBe('transaction-malformed')
  })

  it('tells everyone who submitted it', async () => {
    const ledger = new TestLedger()
    await ledger.submit(alice!, [secret], ofOrg1)
    await ledger.submit(carol!, [secret], ofOrg1)
    const seen: string[] = []
    for (let bookmark = ''; ;) {
      const answer = JSON.parse(
        (await read(ledger, sam!, { ...ofOrg1, pageSize: 1, ...(bookmark && { bookmark }) })).payload
      ) as RecordAnswer
      seen.push(...answer.submissions.map(({ enrollmentId }) => enrollmentId))
      bookmark = answer.bookmark
      if (bookmark === '') break
    }
    expect(seen).toEqual(['alice', 'carol'])
  })
})

describe('sharing', () => {
  it('lets the receiver read, and nobody else, without a word in any block', async () => {
    const ledger = new TestLedger()
    await ledger.submit(alice!, [secret], ofOrg1)
    const outcome = await share(ledger, alice!)
    expect(outcome.message).toBe('')
    expect(outcome.privateReads).toEqual([])
    expect(outcome.writes.size).toBe(0)
    expect([...outcome.privateWrites.keys()]).toEqual([restrictedCollection('Org2MSP')])
    const answer = JSON.parse((await read(ledger, bob!, ofOrg2)).payload) as RecordAnswer
    expect(answer.content).toBe(canonicalText(secret))
    expect(answer.submissions).toMatchObject([{ mspId: 'Org1MSP', enrollmentId: 'alice', shared: true }])
    const shares = await ask(ledger, bob!, 'Find', { kind: 'share', owner: 'Org1MSP', ...ofOrg2 })
    expect((JSON.parse(shares.payload) as FindAnswer).records).toMatchObject([
      { kind: 'share', submission: { mspId: 'Org1MSP', shared: true } }
    ])
    expect((await read(ledger, alice!, ofOrg2)).error?.code).toBe('role-refused')
    // An instrument reads its own alone.
    const scope = await withRole('Org2MSP', 'scope', 'instrument')
    expect((await read(ledger, scope, ofOrg2)).error?.code).toBe('role-refused')
  })

  it('needs the record in the owner’s collection, submitted by whom is said, and its very bytes', async () => {
    const ledger = new TestLedger()
    const code = async (outcome: Promise<Outcome>): Promise<string | undefined> => (await outcome).error?.code
    expect(await code(share(ledger, alice!))).toBe('ledger-not-found')
    await ledger.submit(alice!, [secret], ofOrg1)
    expect(await code(share(ledger, carol!))).toBe('ledger-not-found')
    expect(await code(share(ledger, carol!, { argument: { enrollmentId: 'alice' } }))).toBe('role-refused')
    expect(await code(share(ledger, alice!, { targets: [restrictedRecord('macro')] }))).toBe('record-schema')
    expect(await code(share(ledger, alice!, { targets: [] }))).toBe('transaction-malformed')
    expect(await code(share(ledger, alice!, { record: { receiver: 'Org3MSP' } }))).toBe('record-schema')
    expect(await code(share(ledger, alice!, { record: { owner: 'Org2MSP' } }))).toBe('record-schema')
    expect(await code(share(ledger, alice!, { record: { salt: 'x' } }))).toBe('record-schema')
    expect(
      await code(share(ledger, alice!, { argument: { receiver: 'Org1MSP' }, record: { receiver: 'Org1MSP' } }))
    ).toBe('transaction-malformed')
    expect(await code(share(ledger, bob!))).toBe('role-refused')
    expect((await read(ledger, bob!, ofOrg2)).error?.code).toBe('ledger-not-found')
    expect((await share(ledger, sam!, { argument: { enrollmentId: 'alice' } })).message).toBe('')
  })

  it('is not passed on by the receiver', async () => {
    const ledger = new TestLedger()
    await ledger.submit(alice!, [secret], ofOrg1)
    await share(ledger, alice!)
    for (const [identity, enrollmentId] of [
      [bob!, 'bob'],
      [bobsSteward!, 'alice']
    ] as const) {
      const record = { schema: 'bims.share/1', target: id, owner: 'Org2MSP', receiver: 'Org3MSP', salt: testSalt }
      const { argument, transient } = submission([record])
      const outcome = await ledger.invoke({
        identity,
        peer: 'Org3MSP',
        transaction: 'Share',
        argument: { ...(argument as object), owner: 'Org2MSP', receiver: 'Org3MSP', enrollmentId },
        transient: { ...transient, targets: deflateSync(joinPage([canonicalBytes(secret)])) }
      })
      expect(outcome.error?.code).toBe('ledger-not-found')
      const release = await ledger.submit(identity, [secret], { release: { owner: 'Org2MSP', enrollmentId } })
      expect(release.error?.code).toBe('ledger-not-found')
    }
  })

  it('takes what has content alone', async () => {
    const ledger = new TestLedger()
    await ledger.submit(alice!, [secret], ofOrg1)
    const withdraw = { schema: 'bims.withdraw/1', target: id, salt: testSalt }
    await ledger.submit(alice!, [withdraw], ofOrg1)
    const outcome = await share(ledger, alice!, { record: { target: idOfRecord(withdraw) }, targets: [withdraw] })
    expect(outcome.error?.code).toBe('record-schema')
  })
})

describe('releasing', () => {
  it('makes the same bytes public, at every peer', async () => {
    const ledger = new TestLedger()
    await ledger.submit(alice!, [secret], ofOrg1)
    const { argument, transient } = submission([secret])
    const outcome = await ledger.invoke({
      identity: alice!,
      peer: 'Org2MSP',
      transaction: 'Submit',
      argument: { ...(argument as object), release: { owner: 'Org1MSP' } },
      transient: transient!
    })
    expect(outcome.message).toBe('')
    expect(outcome.privateReads).toEqual([])
    const answer = JSON.parse((await read(ledger, bob!, {})).payload) as RecordAnswer
    expect(answer.content).toBe(canonicalText(secret))
    expect(answer.submissions).toMatchObject([{ mspId: 'Org1MSP', enrollmentId: 'alice' }])
  })

  it('needs other roles than submitting, and no marks', async () => {
    const ledger = new TestLedger()
    await ledger.submit(alice!, [secret], ofOrg1)
    // A steward may not submit an image, but release one of its organisation.
    expect((await ledger.submit(sam!, [secret])).error?.code).toBe('role-refused')
    const released = await ledger.submit(sam!, [secret], { release: { owner: 'Org1MSP', enrollmentId: 'alice' } })
    expect(released.message).toBe('')
    const withdraw = { schema: 'bims.withdraw/1', target: id, salt: testSalt }
    await ledger.submit(alice!, [withdraw], ofOrg1)
    const outcome = await ledger.submit(alice!, [withdraw], { release: { owner: 'Org1MSP' } })
    expect(outcome.error?.code).toBe('transaction-malformed')
  })
})

describe('purging', () => {
  it('leaves nothing to read, and its hash is gone', async () => {
    const ledger = new TestLedger()
    await ledger.submit(alice!, [secret], ofOrg1)
    const submissions = [{ id, mspId: 'Org1MSP', enrollmentId: 'alice' }]
    const outcome = await ask(ledger, sam!, 'Purge', { owner: 'Org1MSP', records: [id], submissions })
    expect(JSON.parse(outcome.payload)).toEqual({ keys: 2, transaction: transactionOf(outcome) })
    expect((await read(ledger, alice!, ofOrg1)).error?.code).toBe('ledger-not-found')
    expect((await share(ledger, alice!)).error?.code).toBe('ledger-not-found')
    const again = await ask(ledger, sam!, 'Purge', { owner: 'Org1MSP', records: [id] })
    expect(again.error?.code).toBe('ledger-not-found')
  })

  it('names what stands there, and not nothing', async () => {
    const ledger = new TestLedger()
    await ledger.submit(alice!, [secret], ofOrg1)
    const code = async (argument: object): Promise<string | undefined> =>
      (await ask(ledger, sam!, 'Purge', { owner: 'Org1MSP', ...argument })).error?.code
    expect(await code({})).toBe('transaction-malformed')
    expect(await code({ records: [id, `sha256:${'0'.repeat(64)}`] })).toBe('ledger-not-found')
    expect(await code({ submissions: [{ id, mspId: 'Org1MSP', enrollmentId: 'carol' }] })).toBe('ledger-not-found')
    expect(await code({ submissions: [{ id, mspId: 'Org1MSP\0', enrollmentId: 'alice' }] })).toBe(
      'transaction-malformed'
    )
    expect(await code({ attachments: [{ digest: id, enrollmentId: 'alice', chunks: 3000 }] })).toBe(
      'transaction-malformed'
    )
    expect(await code({ everything: true })).toBe('ledger-unsupported')
    expect((await read(ledger, alice!, ofOrg1)).status).toBe(200)
  })
})

describe('an organisation for which the definition of the chaincode has no collection', () => {
  it('is told so: its restricted records are refused, and so is sharing with it', async () => {
    const ledger = new TestLedger()
    const late = await withRole('Org4MSP', 'dora', 'scientist')
    const steward = await withRole('Org4MSP', 'stan', 'steward')
    const ofOrg4 = { restricted: { owner: 'Org4MSP' } }
    const submitted = await ledger.submit(late, [secret], ofOrg4)
    expect(submitted.error?.code).toBe('collection-missing')
    expect(submitted.error?.what).toContain('no collection restricted_Org4MSP')
    expect(submitted.error?.advice).toContain('next sequence')
    expect((await read(ledger, late, ofOrg4)).error?.code).toBe('collection-missing')
    const purge = { identity: steward, transaction: 'Purge', argument: { owner: 'Org4MSP', records: [id] } }
    expect((await ledger.invoke(purge)).error?.code).toBe('collection-missing')
    await ledger.submit(alice!, [secret], ofOrg1)
    const toOrg4 = { receiver: 'Org4MSP' }
    expect((await share(ledger, alice!, { record: toOrg4, argument: toOrg4 })).error?.code).toBe('collection-missing')
    // What is public is none of a collection's business.
    expect((await ledger.submit(late, [sampleRecord('image')])).message).toBe('')
  })
})
