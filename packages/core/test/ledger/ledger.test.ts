import { describe, expect, it } from 'vitest'
import * as E from 'fp-ts/lib/Either.js'
import fc from 'fast-check'
import {
  canonicalBytes,
  errorCodes,
  errorText,
  joinPage,
  ledgerActions,
  ledgerKindOf,
  ledgerKinds,
  ledgerSchemas,
  mayAct,
  newError,
  namesOf,
  newLedgerRecord,
  parseErrorText,
  parseRole,
  recordSchemas,
  roles,
  splitPage,
  utf8,
  type Belonging,
  type BimsErrorCode
} from '../../src/index.ts'
import { mayName } from '../../src/ledger/reference.ts'

const codes = Object.keys(errorCodes) as BimsErrorCode[]
const id = `sha256:${'a'.repeat(64)}`

describe('errors in a text', () => {
  it('come back whole, whatever stands around them', () => {
    const text = fc.string({ unit: 'binary', maxLength: 60 })
    fc.assert(
      fc.property(
        fc.constantFrom(...codes),
        text,
        text,
        fc.array(fc.record({ at: text, what: text }), { maxLength: 3 }),
        fc.string(),
        fc.string(),
        (code, what, advice, issues, before, after) => {
          const error = newError(code, what, advice, issues.length > 0 ? { issues } : {})
          fc.pre(!before.includes('bims.error'))
          expect(parseErrorText(before + errorText(error) + after)).toEqual(error)
        }
      )
    )
  })

  it('are one line of ASCII of bounded length', () => {
    const issues = Array.from({ length: 1000 }, (_, i) => ({ at: `records/${i}`, what: 'ü'.repeat(500) }))
    const text = errorText(newError('record-schema', 'ß\n'.repeat(2000), 'x'.repeat(5000), { issues }))
    expect(text).toMatch(/^[\x20-\x7e]+$/)
    expect(text.length).toBeLessThan(6000)
    expect(parseErrorText(text)?.code).toBe('record-schema')
  })

  it('are not found where there are none, and hostile text does no harm', () => {
    for (const text of [
      '',
      'bims.error/1 ',
      'bims.error/1 {',
      'bims.error/1 {}',
      'bims.error/1 {"code":"toString","what":"","advice":""}',
      'bims.error/1 {"code":"usage"}'
    ])
      expect(parseErrorText(text)).toBeUndefined()
    fc.assert(
      fc.property(
        fc.string(),
        fc.json(),
        (a, b) => void [parseErrorText(a), parseErrorText(`bims.error/1 {${a}`), parseErrorText(`bims.error/1 ${b}`)]
      )
    )
  })
})

describe('kinds', () => {
  it('agree with those of bundles, and each has one schema', () => {
    expect(ledgerSchemas).toMatchObject(recordSchemas)
    for (const kind of ledgerKinds) expect(ledgerKindOf(ledgerSchemas[kind])).toEqual(E.right(kind))
  })

  it.each([
    ['bims.macro/2', 'record-major'],
    ['bims.macro/0', 'record-schema'],
    ['bims.macro', 'record-schema'],
    ['bims.other/1', 'record-schema'],
    ['toString', 'record-schema'],
    [undefined, 'record-schema'],
    [7, 'record-schema']
  ])('%s is %s', (schema, code) => {
    expect(ledgerKindOf(schema)).toMatchObject(E.left({ code }))
  })
})

describe('roles', () => {
  it('reach further the nearer a thing is', () => {
    const nearness: readonly Belonging[] = ['own-submission', 'own-organization', 'shared', 'foreign']
    for (const role of roles)
      for (const action of ledgerActions) {
        const allowed = nearness.map(belonging => mayAct(role, action, belonging))
        expect(allowed).toEqual([...allowed].sort((a, b) => Number(b) - Number(a)))
      }
  })

  it('are none where the text is no role', () => {
    for (const text of [undefined, '', 'Steward', 'constructor', 'none']) expect(parseRole(text)).toBe('none')
  })

  it('allow nothing that writes without a role', () => {
    for (const action of ledgerActions)
      expect(mayAct('none', action, 'own-submission')).toBe(['read-public', 'attest', 'read-blocks'].includes(action))
  })
})

describe('records', () => {
  it('have the id of their bytes', () => {
    const bytes = canonicalBytes({ schema: 'bims.share/1', target: id })
    expect(newLedgerRecord(bytes)).toMatchObject(E.right({ kind: 'share', schema: 'bims.share/1' }))
    expect(newLedgerRecord(utf8('{"schema": "bims.share/1"}'))).toMatchObject(E.left({ code: 'json-not-canonical' }))
  })

  it('name others by ids only', () => {
    const manifest = {
      acquisitions: [id],
      macro: id,
      sources: [{ content: 'a'.repeat(64) }, { content: 'b'.repeat(64), manifest: id }],
      replayOf: { manifest: id }
    }
    expect(namesOf('image', manifest)).toEqual(
      E.right([
        { text: id, role: 'reference', form: 'id' },
        { text: id, role: 'reference', form: 'id' },
        { text: id, role: 'source', form: 'id' },
        { text: 'a'.repeat(64), role: 'source', form: 'content' },
        { text: 'b'.repeat(64), role: 'source', form: 'content' },
        { text: id, role: 'reference', form: 'id' }
      ])
    )
    expect(namesOf('image', { acquisitions: [id, 7], macro: 'x' })).toMatchObject(
      E.left({ code: 'record-schema', issues: [{ at: '/acquisitions/1' }, { at: '/macro' }] })
    )
    fc.assert(
      fc.property(fc.constantFrom(...ledgerKinds), fc.jsonValue(), (kind, value) => void namesOf(kind, value as never))
    )
  })

  it('are missed by no glance at the text, however it is written', () => {
    const member = fc.constantFrom('instrument', 'acquisitions', 'macro', 'images', 'target', 'replacement', 'other')
    const record = fc.dictionary(member, fc.oneof(fc.constant(`sha256:${'0'.repeat(64)}`), fc.jsonValue()))
    const escaped = (text: string): string => text.replace(/"(?=[a-z])./g, c => `"\\u00${c.charCodeAt(1).toString(16)}`)
    fc.assert(
      fc.property(fc.constantFrom(...ledgerKinds), record, fc.boolean(), (kind, value, escapes) => {
        const text = JSON.stringify(value)
        if (mayName(kind, escapes ? escaped(text) : text)) return
        expect(namesOf(kind, value as never)).toEqual(E.right([]))
      })
    )
    expect(mayName('acquisition', '{"instrument":7}')).toBe(true)
    expect(mayName('acquisition', '{"name":"instrument of one"}')).toBe(false)
  })
})

describe('pages', () => {
  it('give back their contents', () => {
    const content = fc.jsonValue().map(value => utf8(JSON.stringify(value)))
    fc.assert(
      fc.property(fc.array(content, { minLength: 1 }), contents => {
        expect(splitPage(joinPage(contents))).toEqual(contents)
      })
    )
    expect(splitPage(new Uint8Array())).toBeUndefined()
    expect(splitPage(utf8('x'))).toBeUndefined()
  })
})
