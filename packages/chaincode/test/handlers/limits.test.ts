import { deflateSync } from 'node:zlib'
import fc from 'fast-check'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { canonicalText, type FindAnswer, type JsonValue, packRun, type RunsAnswer } from '@bims/core'
import { withRole, type TestIdentity } from '../stub/identity.ts'
import { idOfRecord, submission, TestLedger, transactionOf, type Call, type Outcome } from '../stub/ledger.ts'
import { restrictedRecord, sampleRecord } from './records.ts'

vi.setConfig({ testTimeout: 300_000 })

let alice: TestIdentity
beforeAll(async () => {
  alice = await withRole('Org1MSP', 'alice', 'scientist')
})
const ask = (ledger: TestLedger, transaction: string, argument: unknown): Promise<Outcome> =>
  ledger.invoke({ identity: alice, transaction, argument })
const find = async (ledger: TestLedger, argument: object): Promise<FindAnswer> =>
  JSON.parse((await ask(ledger, 'Find', argument)).payload) as FindAnswer
const findAll = async (ledger: TestLedger, question: object): Promise<readonly FindAnswer[]> => {
  const answers: FindAnswer[] = []
  for (let bookmark = ''; ;) {
    const answer = await find(ledger, { ...question, ...(bookmark && { bookmark }) })
    answers.push(answer)
    bookmark = answer.bookmark
    if (bookmark === '') return answers
  }
}

describe('answers are bounded', () => {
  it('to a hundred records', async () => {
    const ledger = new TestLedger()
    await ledger.submit(
      alice,
      Array.from({ length: 250 }, (_, i) => sampleRecord('macro', String(i)))
    )
    const answers = await findAll(ledger, { kind: 'macro', owner: 'Org1MSP', pageSize: 1000 })
    expect(answers.map(({ records }) => records.length)).toEqual([100, 100, 50])
  })

  it('to about 1 MiB of contents', async () => {
    const ledger = new TestLedger()
    const large = (n: number): JsonValue => ({ schema: 'bims.macro/1', n, note: 'ü'.repeat(100_000) })
    const records = Array.from({ length: 12 }, (_, n) => large(n))
    await ledger.submit(alice, records)
    const answers = await findAll(ledger, { kind: 'macro', owner: 'Org1MSP' })
    expect(answers.map(({ records: found }) => found.length)).toEqual([5, 5, 2])
    expect(answers.flatMap(({ records: found }) => found.map(({ content }) => content))).toEqual(
      records.map(canonicalText)
    )
  })

  it('to 16 MiB of inflated pages, for Find and Read', async () => {
    const ledger = new TestLedger()
    const wanted = sampleRecord('image')
    const filler = Array.from({ length: 15 }, (_, n) => ({ schema: 'bims.macro/1', n, note: 'x'.repeat(250_000) }))
    for (let i = 0; i < 7; i++) await ledger.submit(alice, [wanted, ...filler])
    const answers = await findAll(ledger, { image: '8'.repeat(64) })
    expect(answers.map(({ records }) => records.length)).toEqual([5, 2])
    const read = JSON.parse((await ask(ledger, 'Read', { id: idOfRecord(wanted) })).payload)
    expect(read.bookmark).not.toBe('')
    const rest = JSON.parse(
      (await ask(ledger, 'Read', { id: idOfRecord(wanted), bookmark: read.bookmark as string })).payload
    )
    expect([read.submissions.length, rest.submissions.length, rest.bookmark]).toEqual([1, 1, ''])
    expect(rest.content).toBe(canonicalText(wanted))
  })
})

describe('false hits', () => {
  it('are told by the record, in Find and Read', async () => {
    const ledger = new TestLedger()
    const record = sampleRecord('macro')
    const transaction = transactionOf(await ledger.submit(alice, [record]))
    // A run that says, wrongly, that the record is found by other terms.
    const [image, other] = ['e'.repeat(64), `sha256:${'f'.repeat(64)}`]
    const postings = [`${'e'.repeat(15)}f`, 'f'.repeat(16)].map(hash => ({ hash, transaction, at: 0 }))
    for (const digit of ['e', 'f'])
      ledger.state.set(
        `\0run\x000\0${digit}\0${'0'.repeat(64)}\0`,
        Buffer.from(packRun(postings.filter(({ hash }) => hash.startsWith(digit))))
      )
    expect(await find(ledger, { image })).toEqual({ records: [], bookmark: '' })
    expect((await ask(ledger, 'Read', { id: other })).error?.code).toBe('ledger-not-found')
  })
})

describe('merging', () => {
  const filled = async (): Promise<{ readonly ledger: TestLedger; readonly runs: RunsAnswer }> => {
    const ledger = new TestLedger()
    for (let i = 0; i < 3; i++)
      await ledger.submit(
        alice,
        Array.from({ length: 30 }, (_, n) => sampleRecord('macro', `${i} ${n}`))
      )
    return { ledger, runs: JSON.parse((await ask(ledger, 'Runs', { level: 0 })).payload) as RunsAnswer }
  }

  it('takes what Runs answers, in parts', async () => {
    const ledger = new TestLedger()
    const bytes = Buffer.from(packRun([{ hash: '1'.repeat(16), transaction: '1'.repeat(64), at: 0 }]))
    for (let i = 0; i < 700; i++) ledger.state.set(`\0run\x000\x001\0${i.toString(16).padStart(64, '0')}\0`, bytes)
    const first = JSON.parse((await ask(ledger, 'Runs', { level: 0 })).payload) as RunsAnswer
    const second = JSON.parse((await ask(ledger, 'Runs', { level: 0, bookmark: first.bookmark })).payload) as RunsAnswer
    expect(first.buckets[0]!.runs).toHaveLength(500)
    expect(second.buckets[0]!.runs).toHaveLength(200)
    expect(second.bookmark).toBe('')
    const names = [...first.buckets[0]!.runs, ...second.buckets[0]!.runs].map(({ transaction }) => transaction)
    const merge = (runs: readonly string[]) => ask(ledger, 'Merge', { level: 0, bucket: '1', runs })
    expect((await merge(names.slice(0, 257))).error?.code).toBe('transaction-malformed')
    expect((await merge(names.slice(0, 256))).message).toBe('')
    expect((await merge(names.slice(0, 1))).error?.code).toBe('ledger-not-found')
  })

  it('reads by point and deletes what it read, so that two of the same run conflict', async () => {
    const { ledger, runs } = await filled()
    const { bucket, runs: found } = runs.buckets.find(one => one.runs.length > 1)!
    const names = found.map(({ transaction }) => transaction)
    const outcome = await ledger.simulate({
      identity: alice,
      transaction: 'Merge',
      argument: { level: 0, bucket, runs: names }
    })
    expect(outcome.reads).toEqual(names.map(name => `\0run\x000\0${bucket}\0${name}\0`))
    const deleted = [...outcome.writes].filter(([, value]) => value === null).map(([key]) => key)
    expect(deleted).toEqual(outcome.reads)
  })

  it.each([
    [{ level: 5, bucket: '000000', runs: ['0'.repeat(64)] }],
    [{ level: 0, bucket: '00', runs: ['0'.repeat(64)] }],
    [{ level: 0, bucket: 'G', runs: ['0'.repeat(64)] }],
    [{ level: 0, bucket: '0', runs: [] }],
    [{ level: 0, bucket: '0', runs: ['0'.repeat(64), '0'.repeat(64)] }],
    [{ level: 0, bucket: '0', runs: ['x'] }],
    [{ level: 4, bucket: '00000', runs: ['0'.repeat(64)] }]
  ])('refuses %j', async argument => {
    expect((await ask(new TestLedger(), 'Merge', argument)).error?.code).toBe('transaction-malformed')
  })

  it('stops where a run of the last level would grow too large', async () => {
    const ledger = new TestLedger()
    const put = (digit: string, count: number): string => {
      const transaction = digit.repeat(64)
      const postings = Array.from({ length: count }, (_, at) => ({ hash: '1'.repeat(16), transaction, at }))
      ledger.state.set(`\0run\x004\x0011111\0${transaction}\0`, Buffer.from(packRun(postings)))
      return transaction
    }
    const merge = (runs: readonly string[]) => ask(ledger, 'Merge', { level: 4, bucket: '11111', runs })
    const merged = transactionOf(await merge([put('1', 2000), put('2', 2000)]))
    expect([...ledger.state.keys()]).toEqual([`\0run\x004\x0011111\0${merged}\0`])
    expect((await merge([merged, put('3', 3000)])).error?.code).toBe('transaction-malformed')
    expect((await merge([merged, put('4', 1000)])).message).toBe('')
  })
})

describe('every endorser does the same', () => {
  const records = Array.from({ length: 30 }, (_, i) =>
    sampleRecord((['image', 'acquisition', 'macro'] as const)[i % 3]!, String(i % 20))
  )
  const restricted = records.map((_, i) => restrictedRecord('image', String(i)))

  it.each([
    ['public', submission(records), {}],
    ['restricted', submission(restricted), { restricted: { owner: 'Org1MSP' } }]
  ])('with %s records, whatever stands in its state and however often', async (_, { argument, transient }, more) => {
    const call: Call = {
      identity: alice,
      transaction: 'Submit',
      argument: { ...(argument as object), ...more },
      transient: transient!,
      id: 'a'.repeat(64),
      time: '2026-11-26T12:00:00.000Z'
    }
    const busy = new TestLedger()
    // Other records, in another order, came before.
    for (const record of [...records].reverse()) await busy.submit(alice, [record])
    const outcomes = [await new TestLedger().simulate(call), await busy.simulate(call), await busy.simulate(call)]
    const [first, ...others] = outcomes.map(({ payload, privateWrites, writes }) => ({
      payload,
      writes: [...writes],
      privateWrites: [...privateWrites].map(([collection, held]) => [collection, [...held]])
    }))
    expect(first!.writes.length + first!.privateWrites.length).toBeGreaterThan(0)
    for (const other of others) expect(other).toEqual(first)
  })

  it('with members of the argument and entries of the transient map in another order', async () => {
    const { argument, transient } = submission(records)
    const shuffled = {
      records: (argument as { records: object[] }).records.map(ref => Object.fromEntries(Object.entries(ref).reverse()))
    }
    const shared = { identity: alice, transaction: 'Submit', transient: transient!, id: 'b'.repeat(64) }
    const one = await new TestLedger().simulate({ ...shared, argument })
    const two = await new TestLedger().simulate({ ...shared, argument: shuffled })
    expect([...two.writes]).toEqual([...one.writes])
  })
})

describe('hostile arguments', () => {
  const transactions = [
    'Submit',
    'Read',
    'Find',
    'Lineage',
    'Attest',
    'Runs',
    'Merge',
    'Share',
    'Purge',
    'Attach',
    'ReadAttachment'
  ]
  const refusals = ['transaction-malformed', 'ledger-unsupported', 'ledger-not-found', 'role-refused']
  const id = `sha256:${'0'.repeat(64)}`
  const member = fc.constantFrom(
    ...['records', 'id', 'image', 'kind', 'owner', 'level', 'bucket', 'runs', 'digest', 'first', 'count', 'depth'],
    ...['restricted', 'release', 'bookmark', 'pageSize', 'from', 'to', 'receiver', 'direction', 'size', 'chunks'],
    ...['attachments', 'submissions', 'transaction', '__proto__', 'constructor', 'enrollmentId', 'reference']
  )
  const value = fc.oneof(
    fc.constantFrom(id, '0'.repeat(64), 'Org1MSP', 'Org2MSP', '', '\0', '\u{10ffff}', 'image', 'sources', 0, 1, 4, 16),
    fc.constantFrom(2 ** 53, -1, 1e300, null, true, { owner: 'Org1MSP' }, [id], ['0'.repeat(64)], {}, []),
    fc.constantFrom('\0submission\0x', `${'0'.repeat(64)}/1`, '2026-01-01T00:00:00.000Z', '9999-12-31T23:59:60Z'),
    fc.jsonValue({ maxDepth: 2 })
  )
  const argument = fc.oneof(
    fc.string(),
    fc.json(),
    fc.array(fc.tuple(member, value), { maxLength: 6 }).map(members => JSON.stringify(Object.fromEntries(members)))
  )

  it('are refused with a code of ours, and nothing is written', async () => {
    const ledger = new TestLedger()
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...transactions),
        argument,
        fc.dictionary(fc.constantFrom('page', 'targets', 'header', 'chunk/0', 'x'), fc.uint8Array()),
        async (transaction, text, transient) => {
          const outcome = await ledger.invoke({ identity: alice, transaction, argument: text, transient })
          if (outcome.status === 200) expect(['Find', 'Lineage', 'Runs']).toContain(transaction)
          else expect(refusals).toContain(outcome.error?.code)
        }
      ),
      { numRuns: 1500 }
    )
    expect(ledger.state.size).toBe(0)
    expect([...ledger.privateState.values()].every(held => held.size === 0)).toBe(true)
  })

  it('do not reach into other ranges by a bookmark', async () => {
    const ledger = new TestLedger()
    await ledger.submit(alice, [sampleRecord('image')])
    for (const [transaction, question] of [
      ['Read', { id: idOfRecord(sampleRecord('image')) }],
      ['Find', { image: '8'.repeat(64) }],
      ['Find', { instrument: `sha256:${'1'.repeat(64)}` }],
      ['Find', { kind: 'image', owner: 'Org1MSP' }],
      ['Find', { kind: 'image', owner: 'Org1MSP', restricted: { owner: 'Org1MSP' } }],
      ['Runs', { level: 0 }]
    ] as const)
      for (const bookmark of ['x', '\0page\0', `\0run\x001\x0000\0`, '0/0', `${'0'.repeat(64)}/1e9`, 'index/1'])
        expect((await ask(ledger, transaction, { ...question, bookmark })).error?.code).toBe('transaction-malformed')
  })

  it('of a page that inflates without end are refused at the limit', async () => {
    const { argument: refs } = submission([sampleRecord('image')])
    const page = deflateSync(Buffer.alloc(64 * 1024 * 1024, 0x0a))
    const outcome = await new TestLedger().invoke({
      identity: alice,
      transaction: 'Submit',
      argument: refs,
      transient: { page }
    })
    expect(outcome.error?.code).toBe('transaction-malformed')
  })
})
