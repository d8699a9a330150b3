import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'

const read = (path: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../../../docs/spec/${path}`, import.meta.url), 'utf8'))
const ajv = new Ajv2020({ strict: true, strictRequired: false, strictTypes: false })
ajv.addSchema(read('schemas/ledger.schema.json') as object)
const valid = (definition: string, value: unknown): boolean =>
  ajv.getSchema(`ledger.schema.json#/$defs/${definition}`)?.(value) === true

const vectors = read('vectors/ledger.json') as {
  readonly submissions: readonly {
    readonly records: readonly string[]
    readonly argument: string
    readonly writes: readonly { readonly key: string; readonly value: string }[]
  }[]
  readonly questions: readonly { readonly transaction: string; readonly argument: string; readonly response: string }[]
}

describe('ledger.schema.json', () => {
  it('takes arguments, answers, stored values and marks of the golden vectors', () => {
    for (const { argument, records, writes } of vectors.submissions) {
      expect(valid('submitArgument', JSON.parse(argument))).toBe(true)
      for (const text of records) {
        const record = JSON.parse(text) as { schema: string }
        const name = /^bims\.(supersede|withdraw)\/1$/.exec(record.schema)?.[1]
        if (name !== undefined) expect(valid(name, record)).toBe(true)
      }
      for (const { key, value } of writes)
        if (key.startsWith('\0submission'))
          expect(valid('storedSubmission', JSON.parse(Buffer.from(value, 'base64').toString()))).toBe(true)
    }
    for (const { transaction, argument, response } of vectors.questions) {
      expect(valid(transaction === 'Read' ? 'readArgument' : 'attestArgument', JSON.parse(argument))).toBe(true)
      if (transaction === 'Read') expect(valid('readAnswer', JSON.parse(response))).toBe(true)
    }
  })

  it('refuses what the chaincode refuses', () => {
    expect(valid('submitArgument', { records: [] })).toBe(false)
    expect(valid('submitArgument', { records: [{ kind: 'image', id: 'x', schema: 'bims.manifest/1' }] })).toBe(false)
    expect(valid('submitArgument', { ...JSON.parse(vectors.submissions[0]!.argument), restricted: true })).toBe(false)
    expect(valid('withdraw', { schema: 'bims.withdraw/2', target: `sha256:${'0'.repeat(64)}` })).toBe(false)
  })
})
