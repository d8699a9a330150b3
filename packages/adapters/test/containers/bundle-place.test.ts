import { expect, test } from 'vitest'
import { chooseBundle } from '../../src/containers/bundle-place.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const isValid = (bundle: Uint8Array): boolean => bundle[0] === 0x7b

test('an embedded bundle goes before a sidecar, and two that differ are reported', () => {
  const found = chooseBundle(bytes('{1}'), bytes('{2}'), isValid)
  expect(found.chosen).toEqual({ bytes: bytes('{1}'), place: 'embedded' })
  expect([found.embedded, found.sidecar, found.differ]).toEqual([bytes('{1}'), bytes('{2}'), true])
  expect(chooseBundle(bytes('{1}'), bytes('{1}'), isValid).differ).toBe(false)
})

test('an embedded bundle that is none yields to a valid sidecar', () => {
  expect(chooseBundle(bytes('junk'), bytes('{2}'), isValid).chosen?.place).toBe('sidecar')
  expect(chooseBundle(bytes('junk'), bytes('more junk'), isValid).chosen?.place).toBe('embedded')
  expect(chooseBundle(undefined, bytes('{2}'), isValid)).toEqual({
    chosen: { bytes: bytes('{2}'), place: 'sidecar' },
    sidecar: bytes('{2}'),
    differ: false
  })
  expect(chooseBundle(undefined, undefined)).toEqual({ differ: false })
})
