import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'
import { coverage, type NativeEntry, type NativeText } from '../../src/index.ts'

const text = (entries: readonly NativeEntry[], at?: string): NativeText => ({
  format: 'x',
  mediaType: 'text/plain',
  bytes: new Uint8Array(),
  entries,
  ...(at === undefined ? {} : { at })
})

const entries: readonly NativeEntry[] = [
  { key: 'a', value: '1' },
  { key: 'a', value: '1' },
  { key: 'b', value: '' }
]

describe('coverage', () => {
  test('everything is there', () => {
    expect(
      coverage(
        [
          {
            native: [text(entries)],
            mapping: [
              [0, '/settings/a'],
              [0, '/settings/b'],
              [2, '/x']
            ]
          }
        ],
        [[entries]]
      )
    ).toEqual({ native: 3, mapped: 2, carried: 3 })
  })

  test('an entry deleted, changed or doubled in what is stored is told', () => {
    const carried = (stored: readonly NativeEntry[]) =>
      coverage([{ native: [text(entries)], mapping: [] }], [[stored]]).carried
    expect(carried(entries.slice(1))).toBe(2)
    expect(carried([{ key: 'a', value: '2' }, ...entries.slice(1)])).toBe(2)
    expect(carried([{ key: 'c', value: '1' }, ...entries.slice(1)])).toBe(2)
    expect(carried([...entries, ...entries])).toBe(3)
    expect(carried([])).toBe(0)
    expect(coverage([{ native: [text(entries)], mapping: [] }], []).carried).toBe(0)
  })

  test('a block that two acquisitions share counts once, as carried as its worst copy, mapped by either', () => {
    const shared = text(entries, 'tiff:0/270')
    const acquisitions = [
      { native: [text([{ key: 'z', value: '' }], 'tiff:0/1'), shared], mapping: [[1, '/a']] as const },
      {
        native: [shared],
        mapping: [
          [0, '/a'],
          [2, '/b']
        ] as const
      }
    ]
    expect(coverage(acquisitions, [[[{ key: 'z', value: '' }], entries], [entries.slice(0, 2)]])).toEqual({
      native: 4,
      mapped: 2,
      carried: 3
    })
  })

  property.prop([fc.array(fc.record({ key: fc.string(), value: fc.string() }), { minLength: 1 }), fc.nat()])(
    'leaving out any one entry is one less',
    (all, pick) => {
      const left = all.filter((_, i) => i !== pick % all.length)
      expect(coverage([{ native: [text(all)], mapping: [] }], [[all]]).carried).toBe(all.length)
      expect(coverage([{ native: [text(all)], mapping: [] }], [[left]]).carried).toBe(all.length - 1)
    }
  )
})
