import { deflateSync } from 'node:zlib'
import { beforeAll, describe, expect, it } from 'vitest'
import { readFileSync } from 'node:fs'
import { canonicalBytes, canonicalText, joinPage, type JsonValue, type RecordAnswer, type Submitter } from '@bims/core'
import { withRole, type TestIdentity } from '../stub/identity.ts'
import { idOfRecord, TestLedger, transactionOf, type Outcome } from '../stub/ledger.ts'
import { sampleRecord } from './records.ts'

// The layout of version 1, written by hand: page [transaction], submission [id, mspId, enrollmentId], mark.
const schemaOf = (record: JsonValue): string => (record as { schema: string }).schema
const kindOf = (record: JsonValue): string =>
  ({ 'bims.manifest/1': 'image', 'bims.macro/1': 'macro' })[schemaOf(record)] ?? 'acquisition'
const writeVersion1 = (
  ledger: TestLedger,
  transaction: string,
  { enrollmentId, mspId }: Submitter,
  records: readonly JsonValue[]
): void => {
  ledger.state.set(`\0page\0${transaction}\0`, deflateSync(joinPage(records.map(canonicalBytes))))
  for (const [at, record] of records.entries())
    ledger.state.set(
      `\0submission\0${idOfRecord(record)}\0${mspId}\0${enrollmentId}\0`,
      Buffer.from(canonicalBytes({ at, kind: kindOf(record), page: transaction, schema: schemaOf(record) }))
    )
}

let alice: TestIdentity
let bob: TestIdentity
beforeAll(async () => {
  alice = await withRole('Org1MSP', 'alice', 'scientist')
  bob = await withRole('Org2MSP', 'bob', 'scientist')
})
const asAlice = { mspId: 'Org1MSP', enrollmentId: 'alice' }
const [oldTransaction, laterTransaction] = ['1'.repeat(64), '2'.repeat(64)]
const records = [sampleRecord('macro', 'old'), sampleRecord('image', 'old')]
const id = idOfRecord(records[1]!)

const newLedger = (): TestLedger => {
  const ledger = new TestLedger()
  writeVersion1(ledger, oldTransaction, asAlice, records)
  return ledger
}
const ask = (ledger: TestLedger, transaction: string, argument: unknown): Promise<Outcome> =>
  ledger.invoke({ identity: bob, transaction, argument })
const read = async (ledger: TestLedger, more: object = {}): Promise<RecordAnswer> =>
  JSON.parse((await ask(ledger, 'Read', { id, ...more })).payload) as RecordAnswer

describe('what version 1 wrote', () => {
  it('is read and found by id', async () => {
    const answer = await read(newLedger())
    expect(answer.content).toBe(canonicalText(records[1]!))
    expect(answer.submissions).toEqual([{ ...asAlice, transaction: oldTransaction }])
    expect(answer.bookmark).toBe('')
  })

  it('stands beside what version 2 takes, also of the same submitter', async () => {
    const ledger = newLedger()
    const ofBob = transactionOf(await ledger.submit(bob, [records[1]!]))
    await ledger.submit(alice, [records[1]!])
    const { submissions } = await read(ledger)
    expect(submissions).toMatchObject([
      { ...asAlice, transaction: oldTransaction },
      { mspId: 'Org2MSP', enrollmentId: 'bob', transaction: ofBob, time: expect.any(String) as string }
    ])
  })

  it('is answered in parts, first the old, then the new', async () => {
    const ledger = newLedger()
    for (const enrollmentId of ['u1', 'u2', 'u3'])
      writeVersion1(ledger, laterTransaction, { mspId: 'Org1MSP', enrollmentId }, records)
    await ledger.submit(bob, [records[1]!])
    const seen: string[] = []
    for (const pageSize of [1, 2, 4, 100]) {
      seen.length = 0
      for (let bookmark = ''; ;) {
        const answer = await read(ledger, { pageSize, ...(bookmark && { bookmark }) })
        expect(answer.submissions.length).toBeLessThanOrEqual(pageSize)
        expect(answer.content).toBe(canonicalText(records[1]!))
        seen.push(...answer.submissions.map(({ enrollmentId }) => enrollmentId))
        bookmark = answer.bookmark
        if (bookmark === '') break
      }
      expect(seen).toEqual(['alice', 'u1', 'u2', 'u3', 'bob'])
    }
  })

  it('is attested', async () => {
    const outcome = await ask(newLedger(), 'Attest', { id, transaction: oldTransaction })
    expect(outcome.payload).toBe(`{"channel":"bims-channel","id":"${id}","type":"bims.attest/1"}`)
    expect(outcome.reads).toEqual([`\0page\0${oldTransaction}\0`])
  })

  it.each([oldTransaction, undefined])('is marked, its transaction named as %s', async target => {
    const ledger = newLedger()
    const replacement = sampleRecord('image', 'new')
    const supersede = { schema: 'bims.supersede/1', target: id, replacement: idOfRecord(replacement) }
    expect((await ledger.mark(bob, supersede, target)).error?.code).toBe('ledger-not-found')
    expect((await ledger.mark(alice, supersede, target)).message).toBe('')
    expect((await read(ledger)).marks).toMatchObject([{ submission: asAlice, kind: 'supersede' }])
    const found = await ask(ledger, 'Find', { reference: id })
    expect(JSON.parse(found.payload).records).toMatchObject([{ kind: 'supersede', content: canonicalText(supersede) }])
  })

  it('keeps the marks that version 1 made', async () => {
    const ledger = newLedger()
    const by = { ...asAlice, transaction: laterTransaction }
    ledger.state.set(
      `\0mark\0${id}\0Org1MSP\0alice\0withdraw\0sha256:${'7'.repeat(64)}\0`,
      Buffer.from(canonicalBytes({ by }))
    )
    expect((await read(ledger)).marks).toEqual([
      { submission: asAlice, kind: 'withdraw', id: `sha256:${'7'.repeat(64)}`, by }
    ])
  })

  it('is that of the golden vectors of version 1', async () => {
    const path = new URL('../../../../docs/spec/vectors/ledger.json', import.meta.url)
    const { version1 } = JSON.parse(readFileSync(path, 'utf8')) as {
      version1: {
        submissions: {
          caller: Submitter
          transaction: string
          records: string[]
          writes: { key: string; value: string }[]
        }[]
      }
    }
    const ledger = new TestLedger()
    expect(version1.submissions.length).toBeGreaterThan(3)
    for (const { writes } of version1.submissions)
      for (const { key, value } of writes) ledger.state.set(key, Buffer.from(value, 'base64'))
    for (const { caller, records: contents, transaction } of version1.submissions) {
      for (const content of contents) {
        const one = idOfRecord(JSON.parse(content) as JsonValue)
        const answer = JSON.parse((await ask(ledger, 'Read', { id: one })).payload) as RecordAnswer
        expect(answer.content).toBe(content)
        expect(answer.submissions).toContainEqual({
          mspId: caller.mspId,
          enrollmentId: caller.enrollmentId,
          transaction
        })
        expect((await ask(ledger, 'Attest', { id: one, transaction })).status).toBe(200)
      }
    }
  })
})
