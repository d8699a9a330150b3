import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, test } from 'vitest'
import { microManagerFormat } from '../../src/instruments/micro-manager/format.ts'
import { assembled, expectSound, pointersOf } from './expectations.ts'
import { ascii, block, fakeContainer, imageJMetadata, utf16 } from './fake-container.ts'

const frame = (c: number, z: number, more: Readonly<Record<string, unknown>> = {}) => ({
  'Core-Camera': 'Cam',
  'Cam-Name': 'DCam',
  'Cam-Description': 'Demo',
  'Cam-CameraID': 'V7',
  'Cam-Binning': '2',
  'Cam-Gain': '3',
  'Cam-Exposure': String(10 * (c + 1)),
  'Cam-Speed': String(z),
  'Objective-Name': 'DObjective',
  'Objective-Label': '10X',
  'Emission-Name': 'DWheel',
  'Emission-Label': `HQ${c}`,
  Channel: `Ch${c}`,
  FrameIndex: 0,
  ChannelIndex: c,
  SliceIndex: z,
  Slice: z,
  'Exposure-ms': 10 * (c + 1),
  XPositionUm: -32,
  ZPositionUm: -0.0,
  'ElapsedTime-ms': 100 * z,
  Width: 6,
  Height: 4,
  PixelType: 'GRAY16',
  BitDepth: 12,
  PixelSizeUm: 0.5,
  Time: '2016-02-11 09:00:16 -0800',
  FileName: '/home/ada/x.tif',
  UUID: 'u',
  AxisPositions: null,
  Camera: '',
  ...more
})

const plane = (directory: number, json: unknown) =>
  block(51123, ascii(typeof json === 'string' ? json : JSON.stringify(json)), `tiff:${directory}/51123`)
const image = { axes: ['c', 'z', 'y', 'x'], shape: [2, 2, 4, 6], dtype: 'uint16' as const }
const planes = [plane(0, frame(0, 0)), plane(1, frame(0, 1)), plane(2, frame(1, 0)), plane(3, frame(1, 1))]
const summary = {
  MicroManagerVersion: '1.4.23',
  UserName: 'ada',
  Comment: 'mine',
  Interval_ms: 5000,
  'z-step_um': 5,
  Channels: 2,
  Slices: 2,
  PixelType: 'GRAY16',
  ROI: [0, 0, 6, 4]
}

const info = (text: string) => {
  const { sizes, data } = imageJMetadata(
    [
      { type: 'info', bytes: utf16(text, true) },
      { type: 'rang', bytes: new Uint8Array(16) }
    ],
    true
  )
  return [block(50838, sizes), block(50839, data)]
}

const read = async (blocks: readonly ReturnType<typeof block>[], form = image) => {
  const [acquisition] = await assembled(fakeContainer(blocks, [form]))
  if (acquisition === undefined) throw new Error('nothing was read')
  expectSound(acquisition)
  return acquisition
}

describe('Micro-Manager', () => {
  test('planes, channels, devices, summary', async () => {
    const acquisition = await read([...info(`Acquisition comments:\nmine\n\n${JSON.stringify(summary)}`), ...planes])
    expect(acquisition.acquisition.channels).toMatchObject([
      {
        modality: 'light',
        name: 'Ch0',
        path: {
          'detector.binning': '2x2',
          'detector.gain': 3,
          'detector.name': 'Cam',
          'objective.name': '10X',
          emissionFilter: 'HQ0'
        }
      },
      { modality: 'light', name: 'Ch1', path: { emissionFilter: 'HQ1' } }
    ])
    expect(acquisition.acquisition.planes).toEqual({
      columns: [
        { name: 't', values: [0, 0, 0, 0] },
        { name: 'c', values: [0, 0, 1, 1] },
        { name: 'z', values: [0, 1, 0, 1] },
        { name: 'exposure', unit: 'ms', values: [10, 10, 20, 20] },
        { name: 'stage.x', unit: 'um', values: [-32, -32, -32, -32] },
        { name: 'stage.z', unit: 'um', values: [0, 0, 0, 0] },
        { name: 'planeTime', unit: 'ms', values: [0, 100, 0, 100] },
        { name: 'micro-manager:Cam-Speed', values: [null, '1', null, '1'] }
      ]
    })
    expect(acquisition.acquisition.settings).toMatchObject({
      operator: 'ada',
      comment: 'mine',
      timeIncrement: { value: 5000, unit: 'ms' }
    })
    expect(acquisition.acquisition.image.pixelSize).toEqual({
      x: { value: 0.5, unit: 'um' },
      y: { value: 0.5, unit: 'um' },
      z: { value: 5, unit: 'um' }
    })
    expect(acquisition.acquisition.acquiredAt).toEqual({
      local: '2016-02-11T09:00:16',
      offset: '-08:00',
      source: 'Micro-Manager Time'
    })
    expect(acquisition.instrument).toMatchObject({ software: { name: 'Micro-Manager', version: '1.4.23' } })
    expect(acquisition.instrument?.components).toContainEqual({
      kind: 'camera',
      id: 'Cam',
      model: 'DCam',
      serial: 'V7',
      properties: { 'micro-manager:Description': 'Demo' }
    })
    expect([...acquisition.personal].sort()).toEqual(['/settings/comment', '/settings/operator'])
  })

  test('file names are carried, never mapped', async () => {
    const acquisition = await read(planes)
    expect(pointersOf(acquisition, 'FileName')).toEqual([])
    expect(JSON.stringify(acquisition.acquisition)).not.toContain('/home/ada')
  })

  test('null is an entry; repeats of a name are entries', async () => {
    const acquisition = await read([
      plane(0, '{"ChannelIndex":0,"A":null,"A":1.50,"B":{"PropVal":"x","PropType":"String"},"C":[1,-0,"two",true]}')
    ])
    expect(acquisition.native[0]?.entries).toEqual([
      { key: 'ChannelIndex', value: '0' },
      { key: 'A', value: 'null' },
      { key: 'A', value: '1.50' },
      { key: 'B/PropVal', value: 'x' },
      { key: 'B/PropType', value: 'String' },
      { key: 'C/0', value: '1' },
      { key: 'C/1', value: '-0' },
      { key: 'C/2', value: 'two' },
      { key: 'C/3', value: 'true' }
    ])
  })

  test('property maps of 2.0 alpha in the info text of a single image', async () => {
    const json = {
      PixelType: 'GRAY16',
      'Exposure-ms': 88,
      Camera: 'c',
      'Core-Camera': 'Cam',
      'Cam-Gain': { PropVal: '3', PropType: 'String' },
      XPositionUm: 128,
      Comments: 'secret'
    }
    const acquisition = await read(
      [...info(JSON.stringify(json, null, 2)), block(270, ascii('ImageJ=1.49\nmin=1\n'))],
      { axes: ['z', 'c', 'y', 'x'], shape: [1, 1, 4, 6], dtype: 'uint16' }
    )
    expect(acquisition.acquisition.settings).toMatchObject({
      exposure: { value: 88, unit: 'ms' },
      'stage.x': { value: 128, unit: 'um' },
      'detector.gain': 3,
      comment: 'secret',
      'imagej:min': 1
    })
    expect(acquisition.native.map(({ format }) => format)).toEqual([
      'micro-manager-imagej-sizes',
      'micro-manager-imagej',
      'imagej'
    ])
  })

  test('a missing end is tolerated with a warning', async () => {
    const acquisition = await read([plane(0, JSON.stringify(frame(0, 0)).slice(0, -1)), ...planes.slice(1)])
    expect(acquisition.warnings.join()).toMatch(/tiff:0\/51123: the JSON ends too early/)
    expect(acquisition.native[0]?.entries).toHaveLength(Object.keys(frame(0, 0)).length)
  })

  test('one damaged plane does not cost the others', async () => {
    const acquisition = await read([plane(0, '{"A": ]'), ...planes.slice(1)])
    expect(acquisition.native.map(({ entries }) => entries.length)).toEqual([
      0,
      ...[1, 2, 3].map(() => Object.keys(frame(0, 0)).length)
    ])
    expect(acquisition.warnings.join()).toMatch(/tiff:0\/51123: The native JSON cannot be read/)
    const parsed = microManagerFormat.parse([
      { format: 'micro-manager', bytes: ascii('{"A": ]') },
      { format: 'micro-manager', bytes: ascii('{"A": 1}') }
    ])
    expect(parsed.map(E.isRight)).toEqual([false, true])
  })

  test('an index of a thousand million makes no table of that size', async () => {
    const acquisition = await read([plane(0, frame(1e9, 1e9))])
    expect(acquisition.acquisition.channels).toHaveLength(1)
    expect(acquisition.acquisition.planes).toMatchObject({
      columns: expect.arrayContaining([{ name: 'c', values: [1e9] }])
    })
  })
})
