import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { beforeAll, describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { canonicalBytes, canonicalText, idOf, joinPage, ledgerLimits, utf8, type JsonValue } from '@bims/core'
import { newIdentity, withRole, type TestIdentity } from '../stub/identity.ts'
import { idOfRecord, submission, TestLedger, transactionOf, type Outcome } from '../stub/ledger.ts'
import { sampleRecord } from './records.ts'

let alice: TestIdentity
let bob: TestIdentity
beforeAll(async () => {
  alice = await withRole('Org1MSP', 'alice', 'scientist')
  bob = await withRole('Org2MSP', 'bob', 'scientist')
})
const read = async (ledger: TestLedger, argument: unknown): Promise<Outcome> =>
  ledger.invoke({ identity: bob, transaction: 'Read', argument })
const refused = async (argument: unknown, transient: Readonly<Record<string, Uint8Array>>): Promise<string> => {
  const ledger = new TestLedger()
  const outcome = await ledger.invoke({ identity: alice, transaction: 'Submit', argument, transient })
  expect(ledger.state.size).toBe(0)
  expect(outcome.status).toBe(500)
  return outcome.error?.code ?? `not ours: ${outcome.message}`
}

describe('Submit', () => {
  it('keeps contents in one page and writes few keys to find them by, without reading', async () => {
    const ledger = new TestLedger()
    const records = [sampleRecord('acquisition'), sampleRecord('macro'), sampleRecord('image')]
    const outcome = await ledger.submit(alice, records)
    expect(outcome.reads).toEqual([])
    const transaction = transactionOf(outcome)
    const time = '2026-01-01T00:00:00.000Z'
    const entry = (type: string, term: string): string => `\0entry\0${type}\0${term}\0${transaction}\0`
    const hash = (digit: string): string => `sha256:${digit.repeat(64)}`
    expect([...ledger.state.keys()].sort()).toEqual(
      [
        `\0page\0${transaction}\0`,
        `\0transaction\0${transaction}\0`,
        ...['acquisition', 'macro', 'image'].map(kind => `\0log\0${kind}\0Org1MSP\0${time}\0${transaction}\0`),
        `\0acquired\0${hash('1')}\0${time}\0${transaction}\0`,
        ...records.map(record => entry('id', idOfRecord(record))),
        ...['2', '3'].map(digit => entry('reference', hash(digit))),
        ...[hash('4'), '4'.repeat(64)].map(term => entry('source', term)),
        ...['8'.repeat(64), `bims-pixels-1:${'9'.repeat(64)}`].map(term => entry('image', term))
      ].sort()
    )
    for (const record of records) {
      const answer = JSON.parse((await read(ledger, { id: idOfRecord(record) })).payload)
      expect(answer.content).toBe(canonicalText(record))
      expect(answer.submissions).toEqual([{ mspId: 'Org1MSP', enrollmentId: 'alice', transaction, time }])
      expect(answer.bookmark).toBe('')
    }
  })

  it('packs the index of many records into at most 16 runs', async () => {
    const ledger = new TestLedger()
    const records = Array.from({ length: 500 }, (_, i) => sampleRecord('image', String(i)))
    const outcome = await ledger.submit(alice, records)
    expect(outcome.reads).toEqual([])
    const types = [...ledger.state.keys()].map(key => key.split('\0')[1])
    expect(types.filter(type => type !== 'run').sort()).toEqual(['log', 'page', 'transaction'])
    expect(types.length).toBe(19)
    for (const record of [records[0]!, records[250]!, records[499]!])
      expect(JSON.parse((await read(ledger, { id: idOfRecord(record) })).payload).content).toBe(canonicalText(record))
  })

  it('tells each submitter once, with the first of its submissions', async () => {
    const ledger = new TestLedger()
    const record = sampleRecord('image')
    const made: { transaction: string; time: string }[] = []
    for (const who of [bob, alice, bob, alice]) {
      const outcome = await ledger.submit(who, [sampleRecord('macro'), record])
      made.push({ transaction: transactionOf(outcome), time: `2026-01-01T00:00:0${made.length}.000Z` })
    }
    const answer = JSON.parse((await read(ledger, { id: idOfRecord(record) })).payload)
    expect(answer.submissions).toEqual([
      { mspId: 'Org1MSP', enrollmentId: 'alice', ...made[1] },
      { mspId: 'Org2MSP', enrollmentId: 'bob', ...made[0] }
    ])
  })

  it('answers many submissions in parts', async () => {
    const ledger = new TestLedger()
    const record = sampleRecord('image')
    const names = Array.from({ length: 7 }, (_, i) => `user${i}`)
    for (const name of names) await ledger.submit(await withRole('Org1MSP', name, 'scientist'), [record])
    const seen: string[] = []
    let bookmark = ''
    do {
      const answer = JSON.parse((await read(ledger, { id: idOfRecord(record), pageSize: 3, bookmark })).payload) as {
        content: string
        submissions: { enrollmentId: string }[]
        bookmark: string
      }
      expect(answer.content).toBe(canonicalText(record))
      expect(answer.submissions.length).toBeLessThanOrEqual(3)
      seen.push(...answer.submissions.map(s => s.enrollmentId))
      bookmark = answer.bookmark
    } while (bookmark !== '')
    expect(seen.sort()).toEqual(names)
  })

  it('takes a record that is named twice once', async () => {
    const ledger = new TestLedger()
    await ledger.submit(alice, [sampleRecord('macro'), sampleRecord('macro')])
    expect([...ledger.state.keys()].map(key => key.split('\0')[1]).sort()).toEqual([
      'entry',
      'log',
      'page',
      'transaction'
    ])
    const [value] = [...ledger.state].flatMap(([key, held]) => (key.startsWith('\0entry') ? [held.toString()] : []))
    expect(value).toBe('{"at":[0]}')
  })

  it('refuses a proposal whose header holds no time', async () => {
    for (const time of ['nonsense', '+012026-01-01T00:00:00Z']) {
      const call = { identity: alice, transaction: 'Submit', ...submission([sampleRecord('image')]), time }
      expect((await new TestLedger().invoke(call)).error?.code).toBe('transaction-malformed')
    }
  })

  it('does the same on every endorser', async () => {
    const call = {
      identity: alice,
      transaction: 'Submit',
      ...submission([sampleRecord('image'), sampleRecord('macro')])
    }
    const [one, two] = [await new TestLedger().simulate(call), await new TestLedger().simulate(call)]
    expect([...one.writes]).toEqual([...two.writes])
    expect(one.payload).toBe(two.payload)
  })

  it('takes as many and as large records as the limits say, and no more', async () => {
    const many = Array.from({ length: ledgerLimits.recordsPerTransaction }, (_, i) => sampleRecord('macro', String(i)))
    expect((await new TestLedger().submit(alice, many)).error).toBeUndefined()
    const tooMany = submission([...many, sampleRecord('image')])
    expect(await refused(tooMany.argument, tooMany.transient!)).toBe('transaction-malformed')
    const padded = (bytes: number): JsonValue => {
      const empty = canonicalBytes({ note: '', schema: 'bims.macro/1' }).length
      return { note: 'x'.repeat(bytes - empty), schema: 'bims.macro/1' }
    }
    expect((await new TestLedger().submit(alice, [padded(ledgerLimits.recordBytes)])).error).toBeUndefined()
    const tooLarge = submission([padded(ledgerLimits.recordBytes + 1)])
    expect(await refused(tooLarge.argument, tooLarge.transient!)).toBe('record-too-large')
    const bomb = { page: deflateSync(Buffer.alloc(64 * 1024 * 1024, 0x20)) }
    expect(await refused(submission([sampleRecord('image')]).argument, bomb)).toBe('transaction-malformed')
  })

  it('refuses contents that are not what the argument claims', async () => {
    const { argument, transient } = submission([sampleRecord('image')])
    const ref = (argument as { records: Record<string, string>[] }).records[0]!
    const page = transient!['page']!
    expect(await refused({ records: [{ ...ref, id: `sha256:${'0'.repeat(64)}` }] }, { page })).toBe('record-id')
    expect(await refused({ records: [{ ...ref, kind: 'macro' }] }, { page })).toBe('record-schema')
    expect(await refused({ records: [{ ...ref, schema: 'bims.macro/1' }] }, { page })).toBe('record-schema')
    expect(await refused({ records: [ref, ref] }, { page })).toBe('transaction-malformed')
    expect(await refused({ records: [] }, { page })).toBe('transaction-malformed')
    expect(await refused({ records: [{ ...ref, kind: 'nothing' }] }, { page })).toBe('transaction-malformed')
  })

  it.each([
    ['not canonical', utf8('{"schema":"bims.macro/1", "a":1}'), 'json-not-canonical'],
    ['not JSON', utf8('{"schema":'), 'json-syntax'],
    ['not UTF-8', Uint8Array.of(0x22, 0xff, 0x22), 'json-syntax'],
    ['too deep', utf8('['.repeat(80) + ']'.repeat(80)), 'json-bounds'],
    ['no schema', utf8('{"a":1}'), 'record-schema'],
    ['another major', utf8('{"schema":"bims.macro/2"}'), 'record-major'],
    ['no object', utf8('7'), 'record-schema'],
    ['empty', utf8(''), 'json-syntax'],
    ['a reference that is no id', utf8('{"acquisitions":["sha256:12"],"schema":"bims.manifest/1"}'), 'record-schema'],
    ['reserved member', utf8('{"$x":1,"schema":"bims.macro/1"}'), 'json-value']
  ])('refuses a record that is %s', async (_, content, code) => {
    const records = [
      { kind: code === 'record-schema' ? 'image' : 'macro', id: idOf(content), schema: 'bims.manifest/1' }
    ]
    expect(await refused({ records }, { page: deflateSync(joinPage([content])) })).toBe(code)
  })

  it('tells of every record that is wrong', async () => {
    const good = sampleRecord('macro')
    const { argument } = submission([good, good, good])
    const page = deflateSync(joinPage([canonicalBytes(good), utf8('x'), utf8('{"schema":"bims.macro/1", "a":1}')]))
    const outcome = await new TestLedger().invoke({
      identity: alice,
      transaction: 'Submit',
      argument,
      transient: { page }
    })
    expect(outcome.error?.issues?.map(issue => issue.at)).toEqual(['records/1', 'records/2'])
    expect(outcome.message.length).toBeLessThan(3000)
  })

  it('refuses a page that is not exactly one zlib stream', async () => {
    const { argument, transient } = submission([sampleRecord('image')])
    const page = transient!['page']!
    const plain = joinPage([canonicalBytes(sampleRecord('image'))])
    for (const wrong of [
      plain,
      gzipSync(plain),
      deflateRawSync(plain),
      page.subarray(0, -3),
      Buffer.concat([page, Buffer.of(1)]),
      new Uint8Array(),
      deflateSync(plain.subarray(0, -1))
    ])
      expect(await refused(argument, { page: wrong })).toBe('transaction-malformed')
    expect(await refused(argument, {})).toBe('transaction-malformed')
  })

  it('refuses whatever else it does not know, however deep', async () => {
    const { argument, transient } = submission([sampleRecord('image')])
    const { records } = argument as { records: object[] }
    expect(await refused({ ...(argument as object), attachments: [] }, transient!)).toBe('ledger-unsupported')
    expect(await refused({ ...(argument as object), toString: 1 }, transient!)).toBe('ledger-unsupported')
    expect(await refused({ records: [{ ...records[0], private: true }] }, transient!)).toBe('ledger-unsupported')
    expect(await refused({ records, restricted: { owner: 'Org1MSP', until: 1 } }, transient!)).toBe(
      'ledger-unsupported'
    )
    expect(await refused(argument, { ...transient!, 'chunk/0': Uint8Array.of(1) })).toBe('ledger-unsupported')
  })

  it('never throws anything but its own errors, whatever the argument and the page', async () => {
    const ledger = new TestLedger()
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.string(), fc.json()),
        fc.oneof(
          fc.uint8Array(),
          fc.uint8Array().map(b => deflateSync(b))
        ),
        async (argument, page) => {
          for (const transaction of ['Submit', 'Read', 'Attest']) {
            const { status, error } = await ledger.invoke({
              identity: alice,
              transaction,
              argument,
              transient: { page }
            })
            expect(status).toBe(500)
            expect(['transaction-malformed', 'ledger-unsupported', 'ledger-not-found']).toContain(error?.code)
          }
        }
      )
    )
    expect(ledger.state.size).toBe(0)
  })

  it('has no transactions but its own', async () => {
    const ledger = new TestLedger()
    for (const transaction of [
      'constructor',
      'submit',
      '_x',
      'withCaller',
      'toString',
      'createContext',
      'beforeTransaction'
    ])
      expect((await ledger.invoke({ identity: alice, transaction, argument: {} })).status).toBe(500)
  })
})

describe('marks', () => {
  it('need a target that was submitted before, by whom and in which transaction they say', async () => {
    const ledger = new TestLedger()
    const target = sampleRecord('image')
    const withdraw = { schema: 'bims.withdraw/1', target: idOfRecord(target) }
    expect((await ledger.submit(alice, [target, withdraw])).error?.code).toBe('ledger-not-found')
    const transaction = transactionOf(await ledger.submit(alice, [target]))
    const other = transactionOf(await ledger.submit(alice, [sampleRecord('macro')]))
    const ofBob = transactionOf(await ledger.submit(bob, [target]))
    const ofCarol = transactionOf(await ledger.submit(await withRole('Org1MSP', 'carol', 'scientist'), [target]))
    for (const wrong of [undefined, other, ofBob, ofCarol, 'f'.repeat(64), 'x', transaction.toUpperCase()])
      expect((await ledger.mark(alice, withdraw, wrong)).error?.code).toBe('ledger-not-found')
    const outcome = await ledger.mark(alice, withdraw, transaction)
    expect(outcome.error).toBeUndefined()
    expect(outcome.reads).toEqual([`\0transaction\0${transaction}\0`, `\0page\0${transaction}\0`])
    const answer = JSON.parse((await read(ledger, { id: idOfRecord(target) })).payload)
    expect(answer.marks).toMatchObject([{ submission: { mspId: 'Org1MSP', enrollmentId: 'alice' }, kind: 'withdraw' }])
  })

  it('refuse names that could not be told apart in a key', async () => {
    const record = {
      schema: 'bims.withdraw/1',
      target: idOfRecord(sampleRecord('image')),
      submission: { mspId: 'Org1MSP\0alice', enrollmentId: 'x' }
    }
    expect((await new TestLedger().submit(alice, [record])).error?.code).toBe('record-schema')
  })
})

describe('Read', () => {
  it('says when there is no such record, and takes no bookmark of another range', async () => {
    const ledger = new TestLedger()
    await ledger.submit(alice, [sampleRecord('image')])
    const id = idOfRecord(sampleRecord('image'))
    expect((await read(ledger, { id: `sha256:${'a'.repeat(64)}` })).error?.code).toBe('ledger-not-found')
    expect((await read(ledger, { id, bookmark: '\0page\0' })).error?.code).toBe('transaction-malformed')
    expect((await read(ledger, { id: 'x' })).error?.code).toBe('transaction-malformed')
  })
})

describe('Attest', () => {
  it('endorses nothing that does not stand there', async () => {
    const ledger = new TestLedger()
    await ledger.submit(alice, [sampleRecord('image')])
    const id = idOfRecord(sampleRecord('image'))
    const attest = async (argument: unknown): Promise<Outcome> =>
      ledger.invoke({ identity: bob, transaction: 'Attest', argument })
    expect((await attest({ id, transaction: 'f'.repeat(64) })).error?.code).toBe('ledger-not-found')
    expect((await attest({ id, transaction: 'F'.repeat(64) })).error?.code).toBe('transaction-malformed')
  })
})

describe('the caller', () => {
  const key = (ledger: TestLedger): string =>
    JSON.parse([...ledger.state].find(([k]) => k.startsWith('\0transaction'))![1].toString()).enrollmentId
  it.each([
    [
      'the attribute hf.EnrollmentID first',
      'CN=name',
      { attrs: { 'bims.role': 'scientist', 'hf.EnrollmentID': 'enrolled' } },
      'enrolled'
    ],
    ['else the common name', 'CN=näme/with slash, O=lab', { attrs: { 'bims.role': 'scientist' } }, 'näme/with slash']
  ])('is known by %s', async (_, subject, attributes, name) => {
    const ledger = new TestLedger()
    expect(
      (await ledger.submit(await newIdentity('Org1MSP', subject, attributes), [sampleRecord('image')])).error
    ).toBeUndefined()
    expect(key(ledger)).toBe(name)
  })

  it.each([
    ['no common name', 'O=lab', { attrs: { 'bims.role': 'scientist' } }],
    ['two common names', 'CN=a, CN=b', { attrs: { 'bims.role': 'scientist' } }],
    [
      'an enrolment id that cannot stand in a key',
      'CN=a',
      { attrs: { 'bims.role': 'scientist', 'hf.EnrollmentID': 'a\0b' } }
    ],
    ['a role that is no text', 'CN=a', { attrs: { 'bims.role': ['scientist'] } }],
    ['a role that is no role', 'CN=a', { attrs: { 'bims.role': 'toString' } }],
    ['no attributes', 'CN=a', undefined],
    ['attributes without content', 'CN=a', {}]
  ])('is refused with %s', async (_, subject, attributes) => {
    const outcome = await new TestLedger().submit(await newIdentity('Org1MSP', subject, attributes), [
      sampleRecord('image')
    ])
    expect(outcome.error?.code).toBe('role-refused')
  })
})
