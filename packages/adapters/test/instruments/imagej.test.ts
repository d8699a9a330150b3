import { fc, test as property } from '@fast-check/vitest'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, test } from 'vitest'
import { imageJFormat } from '../../src/instruments/imagej/format.ts'
import { ucumOf } from '../../src/instruments/imagej/units.ts'
import { assembled, expectSound, pointersOf } from './expectations.ts'
import { ascii, block, fakeContainer, imageJMetadata, utf16 } from './fake-container.ts'

const text =
  'ImageJ=1.54p\nimages=8\nchannels=2\nslices=2\nframes=2\nhyperstack=true\nmode=composite\nunit=\\u00B5m\nspacing=5.0\nfinterval=1.5\nmin=86.0\nmax=5040.5\nloop=false\n'
const image = { axes: ['t', 'c', 'z', 'y', 'x'], shape: [2, 2, 2, 4, 6], dtype: 'uint16' as const }
const ranges = new Uint8Array(new Float64Array([0, 100, 5, 6.5]).buffer)
const items = (littleEndian: boolean) => [
  { type: 'info', bytes: utf16('Title = cells\nno equals sign\n\n key = a = b\n', littleEndian) },
  { type: 'labl', bytes: utf16('first', littleEndian) },
  { type: 'labl', bytes: utf16('', littleEndian) },
  ...(littleEndian ? [{ type: 'rang', bytes: ranges }] : []),
  { type: 'luts', bytes: Uint8Array.of(1, 2, 3) }
]

const container = (littleEndian: boolean) => {
  const { sizes, data } = imageJMetadata(items(littleEndian), littleEndian)
  return fakeContainer(
    [
      block(270, ascii(text), 'tiff:0/270', littleEndian),
      block(50838, sizes, 'tiff:0/50838', littleEndian),
      block(50839, data, 'tiff:0/50839', littleEndian)
    ],
    [image],
    {
      values: { 'tiff:0/282': Uint8Array.of(0x40, 0x42, 0x0f, 0, 0x20, 0xa1, 0x07, 0) }
    }
  )
}

describe('ImageJ', () => {
  test('sizes, times and what ImageJ shows', async () => {
    const [acquisition] = await assembled(container(true))
    if (acquisition === undefined) throw new Error('nothing was read')
    expectSound(acquisition)
    expect(acquisition.acquisition).toMatchObject({
      image: { pixelSize: { x: { value: 0.5, unit: 'um' }, z: { value: 5, unit: 'um' } } },
      channels: [{ modality: 'generic' }, { modality: 'generic' }],
      settings: {
        timeIncrement: { value: 1.5, unit: 's' },
        'imagej:min': 86,
        'imagej:max': 5040.5,
        'imagej:mode': 'composite',
        'imagej:loop': false,
        'imagej:version': '1.54p'
      }
    })
    expect(pointersOf(acquisition, 'channels')).toEqual(['/image/shape/1'])
    expect(pointersOf(acquisition, 'unit')).toEqual(['/image/pixelSize/x', '/image/pixelSize/z'])
    expect(acquisition.native.map(({ format, at, entries }) => [format, at, entries.length])).toEqual([
      ['imagej', 'tiff:0/270', 13],
      ['imagej-metadata-sizes', 'tiff:0/50838', 0],
      ['imagej-metadata', 'tiff:0/50839', 3 + 2 + 4 + 1]
    ])
  })

  test.each([true, false])('entries of the metadata, little-endian %s', async littleEndian => {
    const [acquisition] = await assembled(container(littleEndian))
    expect(acquisition?.native[2]?.entries).toEqual([
      { key: 'info/Title', value: ' cells' },
      { key: 'info', value: 'no equals sign' },
      { key: 'info/key', value: ' a = b' },
      { key: 'labels/0', value: 'first' },
      { key: 'labels/1', value: '' },
      ...(littleEndian
        ? [
            { key: 'ranges/0/min', value: '0' },
            { key: 'ranges/0/max', value: '100' },
            { key: 'ranges/1/min', value: '5' },
            { key: 'ranges/1/max', value: '6.5' }
          ]
        : []),
      { key: 'luts/0', value: 'AQID' }
    ])
  })

  test('a unit without a UCUM code is carried with a warning; lengths that the image does not have are carried', async () => {
    const [acquisition] = await assembled(
      fakeContainer([block(270, ascii('ImageJ=1\nunit=pixel\nspacing=2\nslices=9\nfinterval=-1\n'))])
    )
    expect(acquisition?.acquisition.image.pixelSize).toBeUndefined()
    expect(acquisition?.warnings).toHaveLength(2)
    if (acquisition !== undefined) expect(pointersOf(acquisition, 'slices')).toEqual([])
    for (const unit of ['pixel', 'px', 'constructor', 'mile']) expect(ucumOf(unit)).toBeUndefined()
    for (const [unit, code] of [
      ['micron', 'um'],
      ['µm', 'um'],
      ['nm', 'nm'],
      ['inch', '[in_i]'],
      ['sec', 's']
    ])
      expect(ucumOf(unit ?? '')).toBe(code)
  })

  test('the unit of the resolution is that of tag 296 where it names one', async () => {
    const read = async (unit: number) => {
      const values = {
        'tiff:0/282': Uint8Array.of(0x10, 0x27, 0, 0, 1, 0, 0, 0),
        'tiff:0/283': Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0),
        'tiff:0/296': Uint8Array.of(unit, 0)
      }
      return (await assembled(fakeContainer([block(270, ascii('ImageJ=1\nunit=um\n'))], [image], { values })))[0]
        ?.acquisition.image.pixelSize
    }
    expect(await read(1)).toEqual({ x: { value: 1e-4, unit: 'um' } })
    expect(await read(2)).toEqual({ x: { value: 1e-4, unit: '[in_i]' } })
    expect(await read(3)).toEqual({ x: { value: 1e-4, unit: 'cm' } })
  })

  test('stored blocks parse again together; the sizes alone decide where blocks begin', () => {
    const { sizes, data } = imageJMetadata(items(true), true)
    const stored = [
      { format: 'imagej-metadata-sizes', bytes: sizes },
      { format: 'imagej-metadata', bytes: data }
    ]
    expect(
      imageJFormat.parse(stored).map(parsed => (E.isRight(parsed) ? parsed.right.length : parsed.left.code))
    ).toEqual([0, 10])
    expect(imageJFormat.parse(stored.slice(1))[0]).toMatchObject({ _tag: 'Left', left: { code: 'native-malformed' } })
  })

  const forged = (change: (sizes: DataView, data: DataView) => void) => {
    const { sizes, data } = imageJMetadata(items(true), true)
    change(new DataView(sizes.buffer), new DataView(data.buffer))
    return { sizes, data }
  }

  test.each<[string, (sizes: DataView, data: DataView) => void]>([
    ['a count of four thousand million', (_, data) => data.setUint32(8, 0xffffffff, true)],
    ['a count of one too few', (_, data) => data.setUint32(16, 1, true)],
    ['a size past the end', sizes => sizes.setUint32(4, 0x7fffffff, true)],
    ['a header size past the end', sizes => sizes.setUint32(0, 0x7fffffff, true)],
    ['a header size of nothing', sizes => sizes.setUint32(0, 0, true)],
    ['another magic', (_, data) => data.setUint32(0, 1, true)]
  ])('%s is carried with a warning', async (_, change) => {
    const { sizes, data } = forged(change)
    const [acquisition] = await assembled(
      fakeContainer([block(270, ascii(text)), block(50838, sizes), block(50839, data)], [image])
    )
    expect(acquisition?.native.map(({ entries }) => entries.length)).toEqual([13, 0, 0])
    expect(acquisition?.warnings.join()).toMatch(/50839: The ImageJ metadata is damaged/)
    expect(acquisition?.native[2]?.bytes).toBe(data)
  })

  test('truncated at any length: never more than a warning', () => {
    const { sizes, data } = imageJMetadata(items(true), true)
    for (let length = 0; length < data.length; length++) {
      const [, parsed] = imageJFormat.parse([
        { format: 'imagej-metadata-sizes', bytes: sizes },
        { format: 'imagej-metadata', bytes: data.subarray(0, length) }
      ])
      expect(parsed, String(length)).toMatchObject({ _tag: 'Left', left: { code: 'native-malformed' } })
    }
  })

  const line = fc.stringMatching(/^[A-Za-z][A-Za-z0-9]{0,8}=[ -~]{0,12}$/)
  property.prop([
    fc.array(line, { maxLength: 20 }),
    fc.array(fc.string({ maxLength: 10 }), { maxLength: 6 }),
    fc.boolean()
  ])('one entry a line of the description and one a label', (lines, labels, littleEndian) => {
    const { sizes, data } = imageJMetadata(
      labels.map(label => ({ type: 'labl', bytes: utf16(label, littleEndian) })),
      littleEndian
    )
    const parsed = imageJFormat.parse([
      { format: 'imagej', bytes: ascii(['ImageJ=1', ...lines].join('\n')) },
      { format: 'imagej-metadata-sizes', bytes: sizes },
      { format: 'imagej-metadata', bytes: data }
    ])
    expect(parsed.map(one => (E.isRight(one) ? one.right.map(({ value }) => value) : one.left.code))).toEqual([
      ['1', ...lines.map(own => own.slice(own.indexOf('=') + 1))],
      [],
      labels
    ])
  })
})
