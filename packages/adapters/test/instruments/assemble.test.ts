import { newError, type OpenContainer } from '@bims/core'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { describe, expect, test } from 'vitest'
import { assembleAcquisitions, instrumentFormats, parseNative, readInstruments } from '../../src/instruments/index.ts'
import { assembled, expectSound, pointersOf, right, valueAt } from './expectations.ts'
import { ascii, block, fakeContainer } from './fake-container.ts'

const ome = (
  name: string,
  exposure: number,
  more = ''
) => `<OME><Image ID="0" Name="${name}"><AcquisitionDate>2020-01-01T08:00:00</AcquisitionDate><Pixels SizeC="1" PhysicalSizeX="2">
  <Channel ID="c" Name="A"/><Plane TheT="0" TheC="0" TheZ="1" ExposureTime="${exposure}" ExposureTimeUnit="ms"/>${more}</Pixels></Image></OME>`
const frame = (z: number, exposure: number) =>
  ascii(
    JSON.stringify({
      FrameIndex: 0,
      ChannelIndex: 0,
      SliceIndex: z,
      'Exposure-ms': exposure,
      ZPositionUm: 5 * z,
      PixelSizeUm: 2,
      Time: '2020-01-01 09:00:00 +0100'
    })
  )
const image = { axes: ['z', 'y', 'x'], shape: [2, 4, 6], dtype: 'uint8' as const }

describe('putting readings together', () => {
  test('rows of the same plane become one; what both say keeps both sources', async () => {
    const [acquisition] = await assembled(
      fakeContainer(
        [block(270, ascii(ome('n', 7))), block(51123, frame(0, 7)), block(51123, frame(1, 7), 'tiff:1/51123')],
        [image]
      )
    )
    if (acquisition === undefined) throw new Error('nothing was read')
    expectSound(acquisition)
    expect(acquisition.acquisition.planes).toEqual({
      columns: [
        { name: 't', values: [0, 0] },
        { name: 'c', values: [0, 0] },
        { name: 'z', values: [1, 0] },
        { name: 'exposure', unit: 'ms', values: [7, 7] },
        { name: 'stage.z', unit: 'um', values: [5, 0] }
      ]
    })
    expect(acquisition.warnings.filter(warning => warning.includes('/planes'))).toEqual([])
    expect(acquisition.acquisition.image.pixelSize).toEqual({
      x: { value: 2, unit: 'um' },
      y: { value: 2, unit: 'um' }
    })
    expect(acquisition.acquisition.acquiredAt).toMatchObject({ local: '2020-01-01T09:00:00', offset: '+01:00' })
  })

  test('where two say different things the first counts, the other is not mapped, and no value stands in the warning', async () => {
    const [acquisition] = await assembled(
      fakeContainer([block(270, ascii(ome('secret', 7))), block(51123, frame(1, 9))], [image])
    )
    if (acquisition === undefined) throw new Error('nothing was read')
    expect(pointersOf(acquisition, 'Exposure-ms')).toEqual([])
    expect(valueAt(acquisition, pointersOf(acquisition, 'OME/Image/Pixels/Plane/@ExposureTime')[0] ?? '')).toBe(7)
    expect(acquisition.warnings).toContain(
      '/planes (exposure): micro-manager says another value, which is carried, not mapped'
    )
    expect(acquisition.warnings.join()).not.toContain('secret')
  })

  test('baseline tags fill what nothing else says, uncounted', async () => {
    const tags = [
      block(271, ascii('Acme')),
      block(272, ascii('X1')),
      block(305, ascii('Scope 2')),
      block(306, ascii('2018:11:15 19:42:31')),
      block(315, ascii('THU')),
      block(270, ascii('my notes'))
    ]
    const [acquisition] = await assembled(fakeContainer(tags))
    expect(acquisition?.instrument).toEqual({ maker: 'Acme', model: 'X1', software: { name: 'Scope 2' } })
    expect(acquisition?.acquisition).toMatchObject({
      acquiredAt: { local: '2018-11-15T19:42:31', source: 'TIFF DateTime (306)' },
      settings: { operator: 'THU' }
    })
    expect(acquisition?.personal).toEqual(['/settings/operator'])
    expect(acquisition?.native.map(({ format, entries }) => [format, entries.length])).toEqual([
      ['tiff-description', 0]
    ])
    const [fei] = await assembled(
      fakeContainer([...tags, block(34682, ascii('[System]\nSystemType=Helios\n[User]\nUser=ada\n'))])
    )
    expect(fei?.instrument?.model).toBe('Helios')
    expect(fei?.acquisition.settings?.['operator']).toBe('ada')
  })

  test('a private tag that nothing reads is named; public ones and the bundle are not', async () => {
    const [acquisition] = await assembled(
      fakeContainer([block(34118, ascii('AP_WD')), block(34665, ascii('x')), block(65519, ascii('{}'))])
    )
    expect(acquisition?.warnings).toEqual([
      'tiff:0/34118 (6 bytes) is read by no instrument format; it stays in the file, uncounted'
    ])
  })

  test('nothing native, no acquisition', async () => {
    expect(await assembled(fakeContainer([]))).toEqual([])
    expect(assembleAcquisitions(fakeContainer([]), [])).toEqual([])
  })

  test('an error of the container is the error of the reading', async () => {
    const broken: OpenContainer = {
      ...fakeContainer([]),
      native: () => TE.left(newError('tiff-malformed', 'Cyclic.', 'None.'))
    }
    expect(await readInstruments(broken)()).toMatchObject({ _tag: 'Left', left: { code: 'tiff-malformed' } })
  })
})

describe('the list of formats', () => {
  test('what the list says of a format is what the format says of itself', async () => {
    for (const listed of instrumentFormats) {
      const format = await listed.load()
      expect([format.format, format.title, format.texts]).toEqual([listed.format, listed.title, listed.texts])
    }
    const texts = instrumentFormats.flatMap(listed => listed.texts)
    expect(new Set(texts).size).toBe(texts.length)
  })

  test('stored blocks of several formats are parsed each by its own, in order', async () => {
    const parsed = await right(
      parseNative([
        { format: 'imagej', bytes: ascii('ImageJ=1\na=b') },
        { format: 'none', bytes: new Uint8Array() },
        { format: 'thermo-ini', bytes: ascii('[a]\nb=c') }
      ])
    )
    expect(parsed).toMatchObject([
      { right: [{ key: 'ImageJ' }, { key: 'a' }] },
      { left: { code: 'native-malformed' } },
      { right: [{ key: '[a] b', value: 'c' }] }
    ])
  })
})
