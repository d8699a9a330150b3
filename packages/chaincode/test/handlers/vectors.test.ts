import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import {
  collectionsConfig,
  errorText,
  parseErrorText,
  restrictedCollection,
  termHash,
  type BimsError,
  type CollectionConfig,
  type Term
} from '@bims/core'
import * as E from 'fp-ts/lib/Either.js'
import { withRole } from '../stub/identity.ts'
import { TestLedger } from '../stub/ledger.ts'
import {
  callOf,
  privateWritesOf,
  writesOf,
  type StoryCall,
  type StoryCaller,
  type StoryQuestion
} from '../vectors/story.ts'

interface Vectors {
  readonly calls: readonly StoryCall[]
  readonly questions: readonly StoryQuestion[]
  readonly collections: readonly { readonly mspId: string; readonly name: string }[]
  readonly collectionsConfig: readonly CollectionConfig[]
  readonly terms: readonly (Term & { readonly hash: string })[]
  readonly errors: readonly { readonly text: string; readonly error: BimsError }[]
}

const vectors = JSON.parse(
  readFileSync(new URL('../../../../docs/spec/vectors/ledger.json', import.meta.url), 'utf8')
) as Vectors

const identityOf = ({ enrollmentId, mspId, role }: StoryCaller) => withRole(mspId, enrollmentId, role)

it('does and answers what the golden vectors say', async () => {
  const ledger = new TestLedger()
  expect(vectors.calls.length).toBeGreaterThan(10)
  expect(vectors.questions.length).toBeGreaterThan(10)
  for (const [i, { response, writes, privateWrites, ...call }] of vectors.calls.entries()) {
    const outcome = await ledger.invoke(callOf(call, await identityOf(call.caller)))
    expect(outcome.payload).toBe(response)
    expect(writesOf(outcome.writes)).toEqual(writes)
    expect(privateWritesOf(outcome)).toEqual(privateWrites)
    for (const question of vectors.questions.filter(({ after }) => after === i + 1)) {
      const { argument, transaction } = question
      const answer = await ledger.invoke({ identity: await identityOf(question.caller), transaction, argument })
      expect(answer.payload).toBe(question.response)
    }
  }
})

it('writes errors and hashes as the golden vectors say', () => {
  for (const { text, error } of vectors.errors) {
    expect(parseErrorText(`chaincode response 500, ${text}`)).toEqual(error)
    expect(errorText(error)).toBe(text)
  }
  for (const { hash, ...term } of vectors.terms) expect(termHash(term)).toBe(hash)
})

it('names and describes collections as the golden vectors say', () => {
  expect(vectors.collections.length).toBeGreaterThan(3)
  for (const { mspId, name } of vectors.collections) expect(restrictedCollection(mspId)).toBe(name)
  expect(collectionsConfig(['Org1MSP', 'uni.example-msp'])).toEqual(E.right(vectors.collectionsConfig))
})
