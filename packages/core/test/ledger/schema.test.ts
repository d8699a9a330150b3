import { readFileSync } from 'node:fs'
import { inflateSync } from 'node:zlib'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import { splitPage } from '@bims/core'

const read = (path: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../../../docs/spec/${path}`, import.meta.url), 'utf8'))
const ajv = new Ajv2020({ strict: true, strictRequired: false, strictTypes: false, formats: { 'date-time': true } })
ajv.addSchema(read('schemas/ledger.schema.json') as object)
const valid = (definition: string, value: unknown): boolean => {
  const validate = ajv.getSchema(`ledger.schema.json#/$defs/${definition}`)
  if (validate === undefined) throw new Error(`no definition ${definition}`)
  return validate(value) === true
}

interface Write {
  readonly key: string
  readonly value: string | null
}
interface Asked {
  readonly transaction: string
  readonly argument: string
  readonly response: string
}
const vectors = read('vectors/ledger.json') as {
  readonly calls: readonly (Asked & {
    readonly transient: Readonly<Record<string, string>>
    readonly writes: readonly Write[]
    readonly privateWrites: readonly Write[]
  })[]
  readonly questions: readonly Asked[]
}
const named = (transaction: string): string => transaction.charAt(0).toLowerCase() + transaction.slice(1)
const bytesOf = (text: string): Buffer => Buffer.from(text, 'base64')
const typeOf = ({ key }: Write): string => key.split('\0')[1] ?? ''

const publicValues: Readonly<Record<string, string>> = {
  transaction: 'storedTransaction',
  log: 'storedPlaces',
  acquired: 'storedPlaces',
  entry: 'storedPlaces',
  mark: 'storedMark'
}
const privateValues: Readonly<Record<string, string>> = {
  submission: 'storedRestricted',
  log: 'storedRestrictedList',
  attachment: 'attachmentHeader'
}
const checkValues = (writes: readonly Write[], schemas: Readonly<Record<string, string>>): number => {
  let checked = 0
  for (const write of writes) {
    const schema = schemas[typeOf(write)]
    if (schema === undefined || write.value === null) continue
    expect(valid(schema, JSON.parse(bytesOf(write.value).toString())), write.key).toBe(true)
    checked++
  }
  return checked
}

describe('ledger.schema.json', () => {
  it('takes arguments and answers of the golden vectors', () => {
    const seen = new Set<string>()
    for (const { argument, response, transaction } of [...vectors.calls, ...vectors.questions]) {
      seen.add(transaction)
      expect(valid(`${named(transaction)}Argument`, JSON.parse(argument)), argument).toBe(true)
      expect(valid(`${named(transaction)}Answer`, JSON.parse(response)), response).toBe(true)
    }
    expect(seen.size).toBe(11)
  })

  it('takes records and stored values of the golden vectors', () => {
    let values = 0
    for (const { privateWrites, transient, writes } of vectors.calls) {
      values += checkValues(writes, publicValues) + checkValues(privateWrites, privateValues)
      for (const content of splitPage(inflateSync(bytesOf(transient['page'] ?? 'eJwDAAAAAAE='))) ?? []) {
        const record = JSON.parse(Buffer.from(content).toString()) as { schema: string }
        const name = /^bims\.(supersede|withdraw|share)\/1$/.exec(record.schema)?.[1]
        if (name !== undefined) expect(valid(name, record)).toBe(true)
      }
    }
    expect(values).toBeGreaterThan(30)
  })

  it('refuses what the chaincode refuses', () => {
    const id = `sha256:${'0'.repeat(64)}`
    expect(valid('submitArgument', { records: [] })).toBe(false)
    expect(valid('submitArgument', { records: [{ kind: 'image', id: 'x', schema: 'bims.manifest/1' }] })).toBe(false)
    expect(valid('submitArgument', { ...JSON.parse(vectors.calls[0]!.argument), restricted: true })).toBe(false)
    expect(valid('withdraw', { schema: 'bims.withdraw/2', target: id })).toBe(false)
    expect(valid('findArgument', {})).toBe(false)
    expect(valid('findArgument', { reference: id, instrument: id })).toBe(false)
    expect(valid('findArgument', { kind: 'image' })).toBe(false)
    expect(valid('lineageArgument', { id, direction: 'sources', depth: 17 })).toBe(false)
    expect(valid('mergeArgument', { level: 5, bucket: '000000', runs: ['0'.repeat(64)] })).toBe(false)
  })
})
