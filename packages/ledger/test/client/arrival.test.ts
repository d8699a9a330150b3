/* eslint-disable @typescript-eslint/require-await -- memory answers at once */
import { canonicalBytes, newError, newLedgerRecord, type BimsErrorCode, type LedgerRecord } from '@bims/core'
import * as E from 'fp-ts/lib/Either.js'
import { beforeEach, describe, expect, it } from 'vitest'
import { newSeenCommits } from '../../src/client/arrival.ts'
import type { Sender } from '../../src/client/commit.ts'
import { purgeAll, releaseAll, shareWith } from '../../src/client/restricted.ts'
import { submitNow } from '../../src/client/submit-now.ts'
import { expectLeft, expectRight, newRecord } from '../stub/records.ts'

const salt = Buffer.alloc(16, 1).toString('base64')
const record = newRecord(1, { salt })
const transaction = 'a'.repeat(64)
const mark = (more: Readonly<Record<string, string>> = {}): LedgerRecord =>
  expectRight(newLedgerRecord(canonicalBytes({ schema: 'bims.withdraw/1', target: record.id, ...more })))

// Peers that are some questions behind: the next so many answer with this code.
let behind: { reads: number; endorsements: number; code: BimsErrorCode }
let asked: { reads: number; endorsements: number }
let signal: AbortSignal | undefined

const answerOf = ({ bytes, id, kind, schema }: LedgerRecord): Buffer =>
  Buffer.from(
    JSON.stringify({
      kind,
      id,
      schema,
      content: Buffer.from(bytes).toString(),
      submissions: [{ mspId: 'AMSP', enrollmentId: 'alice', transaction, time: '2026-11-26T00:00:00.000Z' }],
      marks: [],
      bookmark: ''
    })
  )
const answer = answerOf(record)
const restrictedMark = mark({ salt })
const newSender = (): Sender => ({
  submitter: { mspId: 'AMSP', enrollmentId: 'alice' },
  patience: { proposals: 1, endorsements: 1, submissions: 1, readBacks: 1, arrivals: 9 },
  seen: newSeenCommits(),
  ...(signal !== undefined && { signal }),
  connection: {
    peers: [{ endpoint: 'a:1' }],
    evaluateAt: () => async () => E.right(answerOf(restrictedMark)),
    evaluate: () => async () => {
      asked.reads++
      return behind.reads-- > 0 ? E.left(newError(behind.code, 'not here', 'wait')) : E.right(answer)
    },
    endorse: () => async () => {
      asked.endorsements++
      return behind.endorsements-- > 0
        ? E.left(newError(behind.code, 'not here', 'wait'))
        : E.right({ id: transaction, bytes: new Uint8Array() })
    },
    settle: () => async () => E.right({ block: 7, valid: true, code: 'VALID' })
  }
})
const batch = { records: 500, bytes: 1_000_000 }
const limits = { batch, inFlight: 1 }
const access = (): Parameters<typeof shareWith>[0] => ({ sender: newSender(), owner: 'AMSP', batch })

beforeEach(() => {
  behind = { reads: 0, endorsements: 0, code: 'ledger-not-found' }
  asked = { reads: 0, endorsements: 0 }
  signal = undefined
})

describe('what was just submitted', () => {
  it.each([
    ['shared', () => shareWith(access(), [record.id], 'BMSP')],
    ['released', () => releaseAll(access(), [record.id])],
    ['purged', () => purgeAll(access(), [record.id])]
  ])('is %s though the peers that are asked are some blocks behind', async (_, act) => {
    behind = { ...behind, reads: 2, endorsements: 2 }
    expect(expectRight(await act()())).toMatchObject([{ id: record.id, block: 7 }])
    expect(asked).toEqual({ reads: 3, endorsements: 3 })
  })

  it('is superseded and withdrawn, public and restricted', async () => {
    behind.endorsements = 2
    expect(expectRight(await submitNow(newSender(), limits, 'AMSP', [mark()], {})())).toMatchObject([
      { status: 'committed', block: 7 }
    ])
    expect(asked.endorsements).toBe(3)
    // The target is looked up each time: a peer that was behind told no transaction of it.
    expect(asked.reads).toBe(3)
    behind.endorsements = 1
    const options = { restricted: true }
    expect(expectRight(await submitNow(newSender(), limits, 'AMSP', [restrictedMark], options)())).toMatchObject([
      { status: 'committed', copies: 1 }
    ])
  })

  it('is waited for longer than what nobody saw, and neither for ever', async () => {
    behind.reads = Infinity
    expect(expectLeft(await shareWith(access(), [record.id], 'BMSP')()).code).toBe('ledger-not-found')
    expect(asked.reads).toBe(6)
    asked.reads = 0
    const known = access()
    known.sender.seen?.note([record.id])
    expect(expectLeft(await shareWith(known, [record.id], 'BMSP')()).code).toBe('ledger-not-found')
    expect(asked.reads).toBe(9)
  }, 20_000)

  it('is not asked for again after a refusal, nor once somebody stopped it', async () => {
    behind = { reads: 1, endorsements: 0, code: 'role-refused' }
    expect(expectLeft(await releaseAll(access(), [record.id])()).code).toBe('role-refused')
    expect(asked.reads).toBe(1)
    behind = { reads: Infinity, endorsements: 0, code: 'ledger-not-found' }
    signal = AbortSignal.abort()
    expect(expectLeft(await releaseAll(access(), [record.id])()).code).toBe('ledger-not-found')
    expect(asked.reads).toBe(2)
  })

  it('is remembered by the client that submitted it', async () => {
    const sender = newSender()
    expectRight(await submitNow(sender, limits, 'AMSP', [record], {})())
    expect([sender.seen?.has(record.id), sender.seen?.has(newRecord(2).id)]).toEqual([true, false])
    for (let n = 0; n < 64; n++) sender.seen?.note([String(n)])
    expect(sender.seen?.has(record.id)).toBe(false)
  })
})
