import { readFileSync } from 'node:fs'
import { inflateSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { errorText, parseErrorText, splitPage, type BimsError } from '@bims/core'
import { withRole } from '../stub/identity.ts'
import { TestLedger } from '../stub/ledger.ts'

interface Caller {
  readonly mspId: string
  readonly enrollmentId: string
  readonly role: string
}

interface Vectors {
  readonly submissions: readonly {
    readonly caller: Caller
    readonly records: readonly string[]
    readonly argument: string
    readonly page: string
    readonly transaction: string
    readonly response: string
    readonly writes: readonly { readonly key: string; readonly value: string }[]
  }[]
  readonly questions: readonly {
    readonly transaction: 'Read' | 'Attest'
    readonly argument: string
    readonly response: string
  }[]
  readonly errors: readonly { readonly text: string; readonly error: BimsError }[]
}

const vectors = JSON.parse(
  readFileSync(new URL('../../../../docs/spec/vectors/ledger.json', import.meta.url), 'utf8')
) as Vectors
const sorted = (writes: Iterable<readonly [string, Buffer]>): unknown =>
  [...writes].map(([key, value]) => ({ key, value: value.toString('base64') })).sort((a, b) => (a.key < b.key ? -1 : 1))

it('does what the golden vectors say', async () => {
  const ledger = new TestLedger()
  expect(vectors.submissions.length).toBeGreaterThan(1)
  for (const { caller, records, argument, page, transaction, response, writes } of vectors.submissions) {
    const identity = await withRole(caller.mspId, caller.enrollmentId, caller.role)
    const bytes = Buffer.from(page, 'base64')
    expect(splitPage(inflateSync(bytes))?.map(content => Buffer.from(content).toString())).toEqual(records)
    const outcome = await ledger.invoke({
      identity,
      transaction: 'Submit',
      argument,
      transient: { page: bytes },
      id: transaction
    })
    expect(outcome.payload).toBe(response)
    expect(sorted(outcome.writes)).toEqual(writes)
  }
  const reader = await withRole('Org2MSP', 'reader', undefined)
  for (const { transaction, argument, response } of vectors.questions)
    expect((await ledger.invoke({ identity: reader, transaction, argument })).payload).toBe(response)
  for (const { text, error } of vectors.errors) {
    expect(parseErrorText(`chaincode response 500, ${text}`)).toEqual(error)
    expect(errorText(error)).toBe(text)
  }
})
