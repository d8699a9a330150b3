import { beforeAll, describe, expect, it } from 'vitest'
import { canonicalBytes, restrictedCollection, toBase64 } from '@bims/core'
import { withRole, type TestIdentity } from '../stub/identity.ts'
import { TestLedger, type Outcome } from '../stub/ledger.ts'
import { testSalt } from './records.ts'

let [alice, carol, sam]: TestIdentity[] = []
beforeAll(async () => {
  alice = await withRole('Org1MSP', 'alice', 'scientist')
  carol = await withRole('Org1MSP', 'carol', 'scientist')
  sam = await withRole('Org1MSP', 'sam', 'steward')
})

describe('attachments', () => {
  const size = 2 * 1024 * 1024 + 10
  const digest = `sha256:${'d'.repeat(64)}`
  const chunk = (n: number): Buffer => Buffer.alloc(n === 2 ? 10 : 1024 * 1024, n + 1)
  const header = canonicalBytes({ chunks: 3, name: 'scan.ini', salt: testSalt, size })
  const attach = (
    ledger: TestLedger,
    identity: TestIdentity,
    first: number,
    numbers: readonly number[],
    more: object = {},
    transient: Readonly<Record<string, Uint8Array>> = {},
    peer = identity.mspId
  ): Promise<Outcome> =>
    ledger.invoke({
      identity,
      peer,
      transaction: 'Attach',
      argument: { owner: 'Org1MSP', digest, size, chunks: 3, first, count: numbers.length, ...more },
      transient: {
        ...Object.fromEntries(numbers.map(n => [`chunk/${n}`, chunk(n)])),
        ...(first === 0 && { header }),
        ...transient
      }
    })
  const readChunks = (ledger: TestLedger, identity: TestIdentity, more: object): Promise<Outcome> =>
    ledger.invoke({
      identity,
      transaction: 'ReadAttachment',
      argument: { owner: 'Org1MSP', digest, first: 0, count: 16, ...more }
    })

  it('come in parts, and are read by the organisation', async () => {
    const ledger = new TestLedger()
    expect((await attach(ledger, alice!, 1, [1, 2])).message).toBe('')
    expect((await readChunks(ledger, alice!, {})).error?.code).toBe('ledger-not-found')
    const outcome = await attach(ledger, alice!, 0, [0])
    expect(outcome.privateReads).toEqual([])
    expect(outcome.writes.size).toBe(0)
    for (const identity of [alice!, carol!]) {
      const answer = JSON.parse((await readChunks(ledger, identity, {})).payload)
      expect(answer.enrollmentId).toBe('alice')
      expect(answer.header).toEqual({ chunks: 3, name: 'scan.ini', salt: testSalt, size })
      expect(answer.chunks).toEqual([0, 1, 2].map(n => toBase64(chunk(n))))
    }
    const part = JSON.parse((await readChunks(ledger, alice!, { first: 2, count: 1 })).payload)
    expect(part.chunks).toEqual([toBase64(chunk(2))])
  })

  it('stand side by side for each submitter', async () => {
    const ledger = new TestLedger()
    await attach(ledger, carol!, 0, [0, 1, 2])
    await attach(ledger, alice!, 0, [0, 1, 2])
    expect(JSON.parse((await readChunks(ledger, sam!, { count: 1 })).payload).enrollmentId).toBe('alice')
    expect(JSON.parse((await readChunks(ledger, carol!, { count: 1 })).payload).enrollmentId).toBe('carol')
    expect(
      JSON.parse((await readChunks(ledger, alice!, { count: 1, enrollmentId: 'carol' })).payload).enrollmentId
    ).toBe('carol')
  })

  it('are refused where sizes, numbers or entries are not as said', async () => {
    const ledger = new TestLedger()
    const code = async (outcome: Promise<Outcome>): Promise<string | undefined> => (await outcome).error?.code
    expect(await code(attach(ledger, alice!, 0, [0], { chunks: 2 }))).toBe('transaction-malformed')
    expect(await code(attach(ledger, alice!, 0, [0], { size: 2000 * 1024 * 1024, chunks: 2000 }))).toBe(
      'transaction-malformed'
    )
    expect(await code(attach(ledger, alice!, 0, []))).toBe('transaction-malformed')
    expect(await code(attach(ledger, alice!, 2, [2, 3]))).toBe('transaction-malformed')
    expect(await code(attach(ledger, alice!, 1, [2]))).toBe('ledger-unsupported')
    expect(await code(attach(ledger, alice!, 1, [1], {}, { header }))).toBe('ledger-unsupported')
    expect(await code(attach(ledger, alice!, 0, [0], {}, { 'chunk/0': Buffer.alloc(5) }))).toBe('transaction-malformed')
    expect(await code(attach(ledger, alice!, 0, [0], {}, { header: Buffer.from('{}') }))).toBe('transaction-malformed')
    const other = canonicalBytes({ chunks: 3, salt: testSalt, size: size + 1 })
    expect(await code(attach(ledger, alice!, 0, [0], {}, { header: other }))).toBe('transaction-malformed')
    expect(ledger.privateState.get(restrictedCollection('Org1MSP'))?.size ?? 0).toBe(0)
  })

  it('may be empty', async () => {
    const ledger = new TestLedger()
    const empty = canonicalBytes({ chunks: 0, salt: testSalt, size: 0 })
    expect((await attach(ledger, alice!, 0, [], { size: 0, chunks: 0 }, { header: empty })).message).toBe('')
    expect(JSON.parse((await readChunks(ledger, alice!, {})).payload).chunks).toEqual([])
  })

  it('are purged whole or not at all', async () => {
    const ledger = new TestLedger()
    await attach(ledger, alice!, 0, [0, 1, 2])
    const purge = (chunks: number): Promise<Outcome> =>
      ledger.invoke({
        identity: sam!,
        transaction: 'Purge',
        argument: { owner: 'Org1MSP', attachments: [{ digest, enrollmentId: 'alice', chunks }] }
      })
    expect((await purge(2)).error?.code).toBe('transaction-malformed')
    expect(JSON.parse((await purge(3)).payload).keys).toBe(4)
    expect(ledger.privateState.get(restrictedCollection('Org1MSP'))!.size).toBe(0)
    expect((await purge(3)).error?.code).toBe('ledger-not-found')
    // Chunks without a header, of a transfer that broke off.
    await attach(ledger, alice!, 1, [1, 2])
    expect(JSON.parse((await purge(3)).payload).keys).toBe(3)
    expect(ledger.privateState.get(restrictedCollection('Org1MSP'))!.size).toBe(0)
  })

  it('are shared with another organisation by whoever attached them, or a steward, byte for byte', async () => {
    const bob = await withRole('Org2MSP', 'bob', 'scientist')
    const ivan = await withRole('Org2MSP', 'ivan', 'instrument')
    const share = { receiver: 'Org2MSP' }
    const ledger = new TestLedger()
    const code = async (outcome: Promise<Outcome>): Promise<string | undefined> => (await outcome).error?.code
    expect(await code(attach(ledger, alice!, 0, [0], { share }))).toBe('ledger-not-found')
    await attach(ledger, alice!, 0, [0, 1, 2])
    expect(await code(attach(ledger, carol!, 0, [0], { share }))).toBe('ledger-not-found')
    expect(await code(attach(ledger, carol!, 0, [0], { share: { ...share, enrollmentId: 'alice' } }))).toBe(
      'role-refused'
    )
    expect(await code(attach(ledger, bob, 0, [0], { share }))).toBe('role-refused')
    expect(await code(attach(ledger, bob, 0, [0], { owner: 'Org2MSP', share: { receiver: 'Org1MSP' } }))).toBe(
      'ledger-not-found'
    )
    expect(await code(attach(ledger, alice!, 0, [0], { share: { receiver: 'Org1MSP' } }))).toBe('transaction-malformed')
    const other = Buffer.alloc(1024 * 1024, 9)
    expect(await code(attach(ledger, alice!, 1, [1], { share }, { 'chunk/1': other }))).toBe('ledger-not-found')
    expect(ledger.privateState.get(restrictedCollection('Org2MSP'))?.size ?? 0).toBe(0)
    const outcome = await attach(ledger, sam!, 0, [0, 1], { share: { ...share, enrollmentId: 'alice' } }, {}, 'Org2MSP')
    expect([outcome.message, outcome.privateReads, outcome.writes.size]).toEqual(['', [], 0])
    expect((await attach(ledger, alice!, 2, [2], { share }, {}, 'Org2MSP')).message).toBe('')
    const answer = JSON.parse((await readChunks(ledger, bob, { owner: 'Org2MSP' })).payload)
    expect(answer.enrollmentId).toBe('Org1MSP/alice')
    expect(answer.chunks).toEqual([0, 1, 2].map(n => toBase64(chunk(n))))
    expect(await code(readChunks(ledger, ivan, { owner: 'Org2MSP', enrollmentId: 'Org1MSP/alice' }))).toBe(
      'role-refused'
    )
    expect(await code(attach(ledger, bob, 0, [0], { owner: 'Org2MSP', share: { receiver: 'Org1MSP' } }))).toBe(
      'ledger-not-found'
    )
  })
})
