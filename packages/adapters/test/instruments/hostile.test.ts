import { fc, test as property } from '@fast-check/vitest'
import type { NativeBlock } from '@bims/core'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, test } from 'vitest'
import {
  assembleAcquisitions,
  instrumentFormats,
  parseNative,
  readInstruments,
  storedCoverage
} from '../../src/instruments/index.ts'
import { expectSound, right } from './expectations.ts'
import { ascii, block, fakeContainer, imageJMetadata, utf16 } from './fake-container.ts'

const metadata = imageJMetadata(
  [
    { type: 'info', bytes: utf16('a = 1\n{"PixelType":"GRAY16","Exposure-ms":5}', true) },
    { type: 'labl', bytes: utf16('x', true) }
  ],
  true
)

const seeds: readonly NativeBlock[] = [
  block(
    34682,
    ascii(
      '[User]\r\nDate=06/13/2016\r\nTime=05:06:40 PM\r\nUser=x\r\n[Beam]\r\nBeam=EBeam\r\n[EBeam]\r\nHV=5000\r\nWD=0.004\r\n[Scan]\r\nPixelWidth=1e-9\r\n'
    )
  ),
  block(
    270,
    ascii(
      '<OME><Instrument ID="I"><Objective ID="O" LensNA="1.2"/></Instrument><Image ID="0" Name="n"><ObjectiveSettings ID="O"/><Pixels SizeC="1" PhysicalSizeX="1" PhysicalSizeXUnit="um"><Channel Name="c" ExcitationWavelength="488"/><Plane TheT="0" TheC="0" TheZ="0" ExposureTime="1"/></Pixels></Image></OME>'
    )
  ),
  block(270, ascii('ImageJ=1.5\nunit=um\nspacing=2\nfinterval=1\nmin=1\n'), 'tiff:0/270#1'),
  block(50838, metadata.sizes),
  block(50839, metadata.data),
  block(
    51123,
    ascii(
      '{"Core-Camera":"C","C-Name":"D","C-Gain":"1","FrameIndex":0,"ChannelIndex":0,"SliceIndex":0,"Exposure-ms":25,"Time":"2016-02-11 09:00:16 -0800"}'
    )
  ),
  block(306, ascii('2016:06:13 16:08:49')),
  block(315, ascii('THU')),
  block(305, ascii('scope 1'))
]

const mutations = fc.array(
  fc.record({
    block: fc.nat(seeds.length - 1),
    at: fc.nat(),
    kind: fc.constantFrom('set', 'cut', 'double', 'insert'),
    byte: fc.constantFrom(0, 10, 13, 34, 38, 45, 60, 61, 62, 91, 93, 123, 125, 255, 48, 57)
  }),
  { maxLength: 8 }
)

const mutate = (bytes: Uint8Array, at: number, kind: string, byte: number): Uint8Array => {
  const place = bytes.length === 0 ? 0 : at % bytes.length
  const head = [...bytes.subarray(0, place)]
  if (kind === 'cut') return Uint8Array.from(head)
  if (kind === 'double') return Uint8Array.from([...head, ...bytes.subarray(0)])
  return Uint8Array.from([...head, byte, ...bytes.subarray(kind === 'insert' ? place : place + 1)])
}

const readAll = async (blocks: readonly NativeBlock[]) => {
  const container = fakeContainer(blocks)
  return assembleAcquisitions(container, await right(readInstruments(container)))
}

describe('damaged native metadata', () => {
  property.prop([mutations], { numRuns: 400 })(
    'is read as far as it goes: sound, counted, carried as it is',
    async changes => {
      const blocks = seeds.map((seed, i) => ({
        ...seed,
        bytes: changes
          .filter(change => change.block === i)
          .reduce((bytes, { at, kind, byte }) => mutate(bytes, at, kind, byte), seed.bytes)
      }))
      const acquisitions = await readAll(blocks)
      acquisitions.forEach(expectSound)
      const counted = await right(
        storedCoverage(
          acquisitions,
          acquisitions.map(({ native }) => native)
        )
      )
      expect(counted.carried).toBe(counted.native)
      expect(counted.mapped).toBeLessThanOrEqual(counted.native)
      for (const text of acquisitions.flatMap(({ native }) => native))
        expect(blocks.some(own => own.at === text.at && own.bytes === text.bytes)).toBe(true)
    }
  )

  property.prop([
    fc.constantFrom(...instrumentFormats.flatMap(({ texts }) => texts)),
    fc.uint8Array({ maxLength: 200 })
  ])('any bytes parse or are native-malformed', async (format, bytes) => {
    for (const parsed of await right(parseNative([{ format, bytes }]))) {
      if (E.isLeft(parsed)) expect(parsed.left.code).toBe('native-malformed')
    }
  })

  test('the seeds themselves are read by every format', async () => {
    const [acquisition] = await readAll(seeds)
    expect(new Set(acquisition?.native.map(({ format }) => format))).toEqual(
      new Set([
        'thermo-ini',
        'ome-xml',
        'micro-manager-imagej-sizes',
        'micro-manager-imagej',
        'micro-manager',
        'imagej'
      ])
    )
    expect(acquisition?.acquisition.settings).toMatchObject({ operator: 'x' })
  })

  test('lines and NULs without end', async () => {
    const long = await readAll([
      block(34682, ascii(`[User]\nUserText=${'x'.repeat(5_000_000)}\n`)),
      block(270, new Uint8Array(1_000_000)),
      block(51123, ascii('\0'.repeat(1000)))
    ])
    expect(long[0]?.native[0]?.entries).toHaveLength(1)
    const many = await readAll([block(34682, ascii(`[a]\n${'k=v\n'.repeat(1_000_010)}`))])
    expect(many[0]?.warnings[0]).toMatch(/more lines/)
  })
})
