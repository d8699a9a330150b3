import { openValues, type JsonValue } from '@bims/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { holdsPersonalText, isAbsolutePath, isPersonalName } from '../../src/acquire/personal-text.ts'
import { PlaneLog, type Position } from '../../src/acquire/plane-log.ts'
import { withholdAt } from '../../src/acquire/personal.ts'

let count = 0
const newSalt = (): Uint8Array => new Uint8Array(16).fill(++count)

describe('values at pointers', () => {
  const value: JsonValue = { a: { 'b/c': 'alice', '~d': [1, { e: 'bob' }] }, f: 'kept' }

  it('are withheld, and restored by the openings', () => {
    const { openings, value: withheld } = withholdAt(value, ['/a/b~1c', '/a/~0d/1/e'], newSalt)
    expect(JSON.stringify(withheld)).not.toMatch(/alice|bob/)
    expect(withheld).toMatchObject({ a: { '~d': [1, {}] }, f: 'kept' })
    expect(openings).toHaveLength(2)
    expect(openValues(withheld, openings)).toEqual(value)
  })

  it('that lead nowhere are passed over', () => {
    for (const pointer of [
      '/x',
      '/a/x/y',
      '/f/g',
      '/a/~0d/9',
      '/a/~0d/-1',
      '/a/~0d/length',
      '/__proto__',
      '/constructor'
    ]) {
      expect(withholdAt(value, [pointer], newSalt)).toEqual({ value, openings: [] })
    }
  })
})

describe('what tells of a person', () => {
  it.each(['user', 'user_name', 'acme:operatorName', 'specimen.name', 'fname', 'Comments', 'acme:savedPath'])(
    'is the name %s',
    name => expect(isPersonalName(name)).toBe(true)
  )
  it.each(['sigma', 'mode', 'acme:dither', 'userland', 'pathology', 'notebook'])('is not the name %s', name =>
    expect(isPersonalName(name)).toBe(false)
  )
  it.each(['/home/a', 'C:\\Users\\a', '\\\\server\\a', '~/a', 'file:///a', 'was in /home/a/b'])(
    'is the path %s',
    text => expect(isAbsolutePath(text)).toBe(true)
  )
  it.each(['20x/0.8', 'counts/s', 'a.tif', 'yes'])('is no path for certain: %s', text =>
    expect(isAbsolutePath(text)).toBe(false)
  )

  it('is found at any depth', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('list', 'object')), kinds => {
        const nested = kinds.reduce<JsonValue>(
          (inner, kind) => (kind === 'list' ? [1, inner] : { x: inner, n: 2 }),
          '/home/alice'
        )
        expect(holdsPersonalText('sigma', nested)).toBe(true)
      })
    )
    expect(holdsPersonalText('sigma', [1, { n: 2, mode: 'nearest' }])).toBe(false)
    expect(holdsPersonalText('options', { operator: 'bob' })).toBe(true)
    expect(holdsPersonalText('user', 7)).toBe(false)
  })
})

describe('the log of planes', () => {
  const image = { axes: ['t', 'c', 'y', 'x'], shape: [2, 3, 4, 4], dtype: 'uint8' } as const

  it('gives each position its place, first axis slowest', () => {
    const log = new PlaneLog(image)
    const places = [0, 1].flatMap(t => [0, 1, 2].map(c => log.add({ c, t }, {}, 'now')))
    expect(places).toEqual([0, 1, 2, 3, 4, 5])
    expect(log.missing()).toBe(0)
  })

  it('lets axes of length 1 be left out, and no other', () => {
    expect(new PlaneLog({ ...image, shape: [1, 1, 4, 4] }).add({}, {}, 'now')).toBe(0)
    const wrong: readonly Position[] = [
      {},
      { t: 0 },
      { t: 0, c: 3 },
      { t: 0, c: -1 },
      { t: 0, c: 0.5 },
      { t: 0, c: Number.NaN },
      { t: 0, c: 0, z: 0 },
      { t: 0, c: 0, y: 1 }
    ]
    for (const position of wrong) {
      expect(() => new PlaneLog(image).add(position, {}, 'now')).toThrow(
        expect.objectContaining({ code: 'digest-shape' })
      )
    }
  })

  it('has a column a setting, empty where nothing was told', () => {
    const log = new PlaneLog(image)
    log.add({ t: 0, c: 1 }, { exposure: { set: { value: 50, unit: 'ms' } }, 'acme:mode': 'fast' }, 'A')
    log.add({ t: 1, c: 2 }, { exposure: { set: { value: 60, unit: 'ms' }, measured: { value: 61, unit: 'ms' } } }, 'B')
    expect(log.missing()).toBe(4)
    const columns = Object.fromEntries((log.table()?.columns ?? []).map(({ name, ...rest }) => [name, rest]))
    expect(columns).toEqual({
      t: { values: [0, 0, 0, 1, 1, 1] },
      c: { values: [0, 1, 2, 0, 1, 2] },
      recordedAt: { values: [null, 'A', null, null, null, 'B'] },
      'exposure.set': { unit: 'ms', values: [null, 50, null, null, null, 60] },
      'exposure.measured': { unit: 'ms', values: [null, null, null, null, null, 61] },
      'acme:mode': { values: [null, 'fast', null, null, null, null] }
    })
  })

  it('takes a plane again that was forgotten', () => {
    const log = new PlaneLog(image)
    const index = log.add({ t: 0, c: 1 }, { 'acme:mode': 'fast' }, 'A')
    expect(() => log.add({ t: 0, c: 1 }, {}, 'A')).toThrow(expect.objectContaining({ code: 'digest-shape' }))
    log.forget(index)
    expect(log.missing()).toBe(6)
    expect(log.add({ t: 0, c: 1 }, {}, 'B')).toBe(index)
  })
})
