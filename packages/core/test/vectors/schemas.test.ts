import { readdirSync, readFileSync } from 'node:fs'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import * as E from 'fp-ts/lib/Either.js'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import {
  BundleCodec,
  checkValue,
  decodeWith,
  MacroCodec,
  parseRecord,
  readRecordValue,
  utf8,
  type JsonValue
} from '@bims/core'
import { type refusedCase } from './cases.ts'
import { readVectors, specPath } from './files.ts'

// Much work, and machines may be busy: no test here fails on a time.
vi.setConfig({ testTimeout: 300_000 })

type Json = null | boolean | number | string | Json[] | { [name: string]: Json }

const names = ['values', 'instrument', 'acquisition', 'macro', 'manifest', 'bundle'] as const
const validators = new Map<string, ValidateFunction>()
beforeAll(() => {
  const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, strictRequired: false, strictTypes: false })
  const schemas = names.map(
    name => JSON.parse(readFileSync(specPath(`schemas/${name}.schema.json`), 'utf8')) as { $id: string }
  )
  for (const schema of schemas) ajv.addSchema(schema)
  for (const [i, name] of names.entries()) validators.set(name, ajv.getSchema(schemas[i]!.$id) as ValidateFunction)
})

const valid = (name: string, value: unknown): boolean => validators.get(name)?.(value) === true
const why = (name: string): string => JSON.stringify(validators.get(name)?.errors?.slice(0, 5))

const records = readVectors<{ records: { kind: string; canonical: string }[] }>('records').records
const schemaOf: Readonly<Record<string, string>> = {
  instrument: 'instrument',
  acquisition: 'acquisition',
  macro: 'macro',
  image: 'manifest'
}
const example = JSON.parse(readFileSync(specPath('vectors/example.bims.json'), 'utf8')) as Json

/** Copies in which one member that must be there is taken out, or one value exchanged. */
const mutantsOf = function* (node: Json): Generator<Json> {
  if (typeof node !== 'object' || node === null) return
  for (const [key, child] of Object.entries(node)) {
    const replaced = (value: Json | undefined): Json => {
      const copy = structuredClone(node) as Record<string, Json>
      if (value === undefined)
        delete copy[key] // eslint-disable-line @typescript-eslint/no-dynamic-delete
      else copy[key] = value
      return copy
    }
    if (!Array.isArray(node)) yield replaced(undefined)
    for (const other of [null, -1, 'nonsense', {}, [], [null], { $x: 1 }] as Json[]) yield replaced(other)
    for (const mutant of mutantsOf(child)) yield replaced(mutant)
  }
}

describe('the JSON Schemas', () => {
  it('are one for each schema, and all are tested', () => {
    const found = readdirSync(specPath('schemas')).map(name => name.replace('.schema.json', ''))
    expect(found).toEqual(expect.arrayContaining([...names]))
  })

  it('take the golden vectors', () => {
    for (const { canonical, kind } of records)
      expect(valid(schemaOf[kind] as string, JSON.parse(canonical)), `${kind} ${why(schemaOf[kind] as string)}`).toBe(
        true
      )
    expect(valid('bundle', example), why('bundle')).toBe(true)
    const values = readVectors<{ typed: JsonValue[]; withheld: { value: JsonValue }[] }>('values')
    for (const value of [...values.typed, ...values.withheld.map(one => one.value)])
      expect(valid('values', value), JSON.stringify(value)).toBe(true)
    for (const { log, tree } of readVectors<{ macros: { log: Json; tree: Json }[] }>('macros').macros) {
      const macro = {
        ...(JSON.parse(records.find(one => one.kind === 'macro')!.canonical) as object),
        ...(log as object),
        redaction: { tree, proof: { kind: 'static', rules: 'x' } }
      }
      expect(valid('macro', macro), why('macro')).toBe(true)
    }
  })

  it('refuse values outside of the domain, as far as a schema can', () => {
    const refused = readVectors<{ refused: ReturnType<typeof refusedCase>[] }>('canonical').refused.filter(
      ({ code, json }) => code === 'json-value' && json.includes('$')
    )
    for (const { json } of refused.filter(
      one => !one.json.includes('9223372036854775808') && !one.json.includes('AB==')
    ))
      expect(valid('values', JSON.parse(json)), json).toBe(false)
    expect(refused.length).toBeGreaterThan(8)
  })

  it('refuse no less than the codecs: whatever a schema takes, code takes', () => {
    let [both, refused] = [0, 0]
    for (const { canonical, kind } of records) {
      for (const mutant of mutantsOf(JSON.parse(canonical) as Json)) {
        const byCode = E.isRight(E.flatMap(readRecordValue)(checkValue(mutant as JsonValue)))
        const bySchema = valid(schemaOf[kind] as string, mutant)
        if (bySchema !== byCode) {
          // A schema knows neither UCUM nor what is outside of its members; anything else must agree.
          const excused = !byCode ? /"unit":"nonsense"|\$x/.test(JSON.stringify(mutant)) : false
          expect(
            excused,
            `${kind}: code ${String(byCode)}, schema ${String(bySchema)}: ${JSON.stringify(mutant)}`
          ).toBe(true)
        }
        if (bySchema) both++
        else refused++
      }
    }
    expect(refused).toBeGreaterThan(500)
    expect(both).toBeGreaterThan(50)
  })

  it('refuse bundles of which a part is wrong', () => {
    let refused = 0
    for (const mutant of mutantsOf(example)) {
      const bySchema = valid('bundle', mutant)
      if (!bySchema) refused++
      if (bySchema && !JSON.stringify(mutant).includes('$x'))
        expect(
          E.isRight(decodeWith(BundleCodec, 'a bundle')(mutant)) ||
            JSON.stringify(mutant).includes('"unit":"nonsense"'),
          JSON.stringify(mutant).slice(0, 2000)
        ).toBe(true)
    }
    expect(refused).toBeGreaterThan(800)
  })

  it('keep members of later minor versions', () => {
    for (const { canonical, kind } of records) {
      const later = { ...(JSON.parse(canonical) as object), later: { a: [1] } }
      expect(valid(schemaOf[kind] as string, later)).toBe(true)
      expect(
        E.isRight(
          parseRecord(
            utf8(JSON.stringify(Object.fromEntries(Object.entries(later).sort(([a], [b]) => (a < b ? -1 : 1)))))
          )
        )
      ).toBe(true)
    }
    expect(MacroCodec.is(5)).toBe(false)
  })
})
