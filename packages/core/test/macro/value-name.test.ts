import fc from 'fast-check'
import { expect, it } from 'vitest'
import { formatValueName, parseValueName, valueKinds } from '@bims/core'

it('names are taken apart', () => {
  expect(parseValueName('cells@2')).toEqual({ kind: 'image', name: 'cells', version: 2 })
  expect(parseValueName('display:cells@0')).toEqual({ kind: 'display', name: 'cells', version: 0 })
  expect(parseValueName('a@b@10')).toEqual({ kind: 'image', name: 'a@b', version: 10 })
  for (const bad of [
    'cells',
    'cells@',
    '@1',
    'cells@01',
    'cells@-1',
    'cells@1.5',
    'cells@9007199254740993',
    'nonsense:x@1',
    'image:x@1',
    '',
    'cells@1\n'
  ])
    expect(parseValueName(bad), bad).toBeUndefined()
})

it('names come back', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('image' as const, ...valueKinds),
      fc.stringMatching(/^[\p{L}_][\p{L}\d_]*$/u),
      fc.nat(),
      (kind, name, version) => {
        expect(parseValueName(formatValueName({ kind, name, version }))).toEqual({ kind, name, version })
      }
    )
  )
})

it('hostile names end soon', () => {
  for (const text of ['@1'.repeat(200_000) + 'x', 'a'.repeat(400_000), `${'a:'.repeat(200_000)}@`])
    expect(parseValueName(text)).toBeUndefined()
})
