/**
 * Writes docs/spec/vectors/ledger.json anew from the chaincode as it stands, keeping what version 1 wrote and the errors:
 * `node packages/chaincode/test/vectors/generate.ts`, then look at the difference. Whoever changes the file has changed the contract.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { collectionsConfig, restrictedCollection, termHash, type Term } from '@bims/core'
import * as E from 'fp-ts/lib/Either.js'
import { withRole } from '../stub/identity.ts'
import { playStory } from './story.ts'

const file = new URL('../../../../docs/spec/vectors/ledger.json', import.meta.url)
const before = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>

const { calls, questions } = await playStory(({ enrollmentId, mspId, role }) => withRole(mspId, enrollmentId, role))
const terms: readonly Term[] = [
  { type: 'id', text: `sha256:${'0'.repeat(64)}` },
  { type: 'image', text: '1'.repeat(64) },
  { type: 'source', text: '1'.repeat(64) },
  { type: 'reference', text: `sha256:${'2'.repeat(64)}` }
]
const configured = collectionsConfig(['Org1MSP', 'uni.example-msp'])
const mspIds = ['Org1MSP', 'uni.example-msp', 'a_b', 'a_5fb', 'é 1']
const vectors = {
  version: 2,
  calls,
  questions,
  collections: mspIds.map(mspId => ({ mspId, name: restrictedCollection(mspId) })),
  collectionsConfig: E.isRight(configured) ? configured.right : [],
  terms: terms.map(term => ({ ...term, hash: termHash(term) })),
  errors: before['errors'],
  version1: before['version1'] ?? { submissions: before['submissions'] }
}
writeFileSync(file, `${JSON.stringify(vectors, undefined, 2)}\n`)
