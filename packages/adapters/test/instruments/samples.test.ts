import type { AcquiredImage, NotCovered, OpenContainer } from '@bims/core'
import { describe, expect, test, type TestContext } from 'vitest'
import { storedCoverage } from '../../src/instruments/index.ts'
import { assembled, expectSound, right } from './expectations.ts'
import { block, fakeContainer } from './fake-container.ts'
import { sampleBlocks, sampleBytes, sampleContainer } from './sample-container.ts'

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')

/** Native entries counted by other means than the product's: regular expressions, JSON.parse, Node's UTF-16. */
const keyLines = (text: string): number => text.split(/\r?\n/).filter(line => /^[^=[][^=]*=/.test(line)).length

const xmlParts = (text: string): number => {
  const body = text.replace(/<!--[\s\S]*?-->/g, '<!---->').replace(/<\?[\s\S]*?\?>/g, '')
  const tags = body.match(/<[A-Za-z](?:"[^"]*"|'[^']*'|[^"'>])*>/g) ?? []
  const attributes = tags.reduce((sum, tag) => sum + (tag.match(/[\w:.-]+\s*=\s*(?:"[^"]*"|'[^']*')/g) ?? []).length, 0)
  return (
    attributes +
    body.split(/<(?:"[^"]*"|'[^']*'|[^"'>])*>/).filter(between => between.replaceAll('\0', '').trim() !== '').length
  )
}

const leaves = (value: unknown): number =>
  typeof value === 'object' && value !== null
    ? Object.values(value).reduce<number>((sum, child) => sum + leaves(child), 0)
    : 1

const word = (bytes: Uint8Array, at: number, littleEndian: boolean): number =>
  littleEndian ? Buffer.from(bytes).readUInt32LE(at) : Buffer.from(bytes).readUInt32BE(at)

const infoText = (sizes: Uint8Array, data: Uint8Array): string => {
  const littleEndian = latin1(data.subarray(0, 4)) === 'JIJI'
  const first = word(sizes, 0, littleEndian)
  const bytes = Buffer.from(data.subarray(first, first + word(sizes, 4, littleEndian)))
  return (littleEndian ? bytes : bytes.swap16()).toString('utf16le')
}

interface Sample {
  readonly path: string
  readonly images: readonly AcquiredImage[]
  readonly notCovered?: readonly NotCovered[]
  /** Entries of the file, written down by hand from the reference or counted by {@link recount}. */
  readonly native: number
  readonly mapped: number
  readonly recount: (bytes: Uint8Array) => number
}

const images = (
  axes: readonly string[],
  shape: readonly number[],
  dtype: AcquiredImage['dtype']
): readonly AcquiredImage[] => [{ axes, shape, dtype }]
const blocksOf = (bytes: Uint8Array, tag: number): readonly Uint8Array[] =>
  sampleBlocks(bytes)
    .filter(own => own.tag === tag)
    .map(own => own.bytes)
const sum = (counts: readonly number[]): number => counts.reduce((a, b) => a + b, 0)
const thermoLines = (bytes: Uint8Array): number => sum(blocksOf(bytes, 34682).map(own => keyLines(latin1(own))))
const xmlFile = (name: string, native: number, mapped: number): Sample => ({
  path: `ome-xml/${name}.ome.xml`,
  images: images(['y', 'x'], [4, 6], 'uint8'),
  native,
  mapped,
  recount: bytes => xmlParts(Buffer.from(bytes).toString('utf8'))
})

const elsewhere = ['001_000', '001_001', '000_001'].map(position => ({
  file: `1.4compatTest_3_MMStack_1-Pos_${position}.ome.tif`
}))

/** Info text of mm14: `Acquisition comments:`, `acqcom`, then JSON in one line; with ranges and two LUTs behind it. */
const microManagerBlocks = (bytes: Uint8Array): number => {
  const [sizes, data] = [blocksOf(bytes, 50838)[0], blocksOf(bytes, 50839)[0]]
  if (sizes === undefined || data === undefined) throw new Error('no ImageJ metadata')
  const info = infoText(sizes, data)
  const json = info.slice(info.indexOf('{'))
  const before = info
    .slice(0, info.indexOf('{'))
    .split('\n')
    .filter(line => line.trim() !== '').length
  const channels = latin1(data).includes('gnar') ? 2 : 0
  return before + leaves(JSON.parse(json)) + 2 * channels + channels
}

const samples: readonly Sample[] = [
  {
    path: 'sem-tiff/FEI-Helios-Ebeam-8bits.tif',
    images: images(['y', 'x'], [471, 512], 'uint8'),
    native: 161,
    mapped: 142,
    recount: thermoLines
  },
  {
    path: 'sem-tiff/FEI-Helios-navcam.tif',
    images: images(['y', 'x'], [551, 768], 'uint8'),
    native: 137,
    mapped: 103,
    recount: thermoLines
  },
  {
    path: 'imagej-tiff/test_loading_image_saved_with_imageJ.tif',
    images: images(['y', 'x'], [68, 68], 'float32'),
    native: 278,
    mapped: 4,
    recount: bytes => {
      const info = infoText(
        blocksOf(bytes, 50838)[0] ?? new Uint8Array(),
        blocksOf(bytes, 50839)[0] ?? new Uint8Array()
      )
      return (
        keyLines(latin1(blocksOf(bytes, 270)[0] ?? new Uint8Array())) +
        info.split('\n').filter(line => line.trim() !== '').length
      )
    }
  },
  {
    path: 'micromanager/mm20alpha_img.tif',
    images: images(['y', 'x'], [16, 16], 'uint16'),
    native: 100,
    mapped: 21,
    recount: bytes => keyLines(latin1(blocksOf(bytes, 270)[0] ?? new Uint8Array())) + microManagerBlocks(bytes)
  },
  {
    path: 'micromanager/mm14_Pos_000_000.ome.tif.gz',
    images: images(['t', 'c', 'z', 'y', 'x'], [2, 2, 2, 64, 64], 'uint16'),
    notCovered: elsewhere,
    native: 1896,
    mapped: 968,
    recount: bytes => {
      const [ome, imageJ] = blocksOf(bytes, 270).map(own => Buffer.from(own).toString('utf8'))
      const planes = blocksOf(bytes, 51123).map(own =>
        leaves(JSON.parse(Buffer.from(own).toString('utf8').replace(/\0+$/, '')))
      )
      expect(planes).toEqual(Array.from({ length: 8 }, () => 128))
      return xmlParts(ome ?? '') + keyLines(imageJ ?? '') + microManagerBlocks(bytes) + sum(planes)
    }
  },
  xmlFile('filter', 129, 113),
  xmlFile('hcs', 55, 23),
  xmlFile('instrument-units-default', 148, 133),
  xmlFile('instrument', 112, 97),
  xmlFile('mapannotation', 31, 7),
  xmlFile('minimum-specification', 17, 1),
  xmlFile('multi-channel-z-series', 48, 5)
]

const openSample = (
  sample: Sample,
  ctx: TestContext
): { readonly bytes: Uint8Array; readonly container: OpenContainer } => {
  const bytes = sampleBytes(sample.path)
  if (bytes === undefined) return ctx.skip(`../shared/samples/${sample.path} is not there: nothing was counted`)
  const container = sample.path.endsWith('.xml')
    ? fakeContainer([block(270, bytes)], sample.images)
    : sampleContainer(bytes, sample.images, sample.notCovered)
  return { bytes, container }
}

/** Stored bytes without one native entry: a line, an attribute or a JSON member, whichever the block holds. */
const withoutOneEntry = (format: string, bytes: Uint8Array): Uint8Array => {
  const text = latin1(bytes)
  const shorter =
    format === 'ome-xml'
      ? text.replace(/ (?:ID|Name)="[^"]*"/, '')
      : format === 'micro-manager'
        ? text.replace(/"[^"]+":"[^"]*",/, '')
        : text.replace(/\n[^\n[=]+=[^\n]*(?=\n)/, '')
  if (shorter === text) throw new Error(`nothing to delete in ${format}`)
  return Uint8Array.from(shorter, c => c.charCodeAt(0))
}

describe.each(samples)('$path', sample => {
  test('every native entry is accounted for', async ctx => {
    const { bytes, container } = openSample(sample, ctx)
    const acquisitions = await assembled(container)
    acquisitions.forEach(expectSound)
    const counted = await right(
      storedCoverage(
        acquisitions,
        acquisitions.map(({ native }) => native)
      )
    )
    const share = ((100 * counted.mapped) / counted.native).toFixed(1)
    console.info(
      `${sample.path}: native ${counted.native}, mapped ${counted.mapped} (${share} %), carried ${counted.carried}`
    )
    expect(sample.recount(bytes)).toBe(sample.native)
    expect(counted).toEqual({ native: sample.native, mapped: sample.mapped, carried: sample.native })
  })

  test('one entry deleted from any stored attachment is one carried less', async ctx => {
    const { container } = openSample(sample, ctx)
    const acquisitions = await assembled(container)
    const texts =
      acquisitions[0]?.native.filter(
        ({ format, entries }) => entries.length > 0 && !format.includes('imagej-') && format !== 'micro-manager-imagej'
      ) ?? []
    expect(texts.length).toBeGreaterThan(0)
    for (const text of texts) {
      const stored = acquisitions.map(({ native }) =>
        native.map(own => (own === text ? { format: own.format, bytes: withoutOneEntry(own.format, own.bytes) } : own))
      )
      expect((await right(storedCoverage(acquisitions, stored))).carried, text.at).toBe(sample.native - 1)
    }
  })

  test('an attachment that is cut, emptied or of unknown form carries nothing of its block', async ctx => {
    const { container } = openSample(sample, ctx)
    const acquisitions = await assembled(container)
    const carried = async (change: (bytes: Uint8Array) => Uint8Array, format?: string) =>
      (
        await right(
          storedCoverage(
            acquisitions,
            acquisitions.map(({ native }) =>
              native.map(own => ({ format: format ?? own.format, bytes: change(own.bytes) }))
            )
          )
        )
      ).carried
    expect(await carried(() => new Uint8Array())).toBe(0)
    expect(await carried(bytes => bytes, 'other')).toBe(0)
    expect(await carried(bytes => bytes.subarray(0, Math.floor(bytes.length / 2)))).toBeLessThan(sample.native)
  })
})

describe('what the samples say', () => {
  test('FEI Helios: the beam, the scan, who and when', async ctx => {
    const { container } = openSample(samples[0] as Sample, ctx)
    const [acquisition] = await assembled(container)
    expect(acquisition?.acquisition.channels[0]).toMatchObject({
      modality: 'sem',
      path: {
        'source.accelerationVoltage': { value: 5000, unit: 'V' },
        workingDistance: { value: 0.00403466, unit: 'm' },
        'scan.dwellTime': { value: 1e-5, unit: 's' }
      }
    })
    expect(acquisition?.acquisition.acquiredAt?.local).toBe('2016-06-13T17:06:40')
    expect(acquisition?.personal).toEqual(expect.arrayContaining(['/settings/operator', '/settings/comment']))
    expect(acquisition?.instrument?.serial).toBe('9922607')
  })

  test('Micro-Manager 1.4: both descriptions and all eight planes are carried, in place', async ctx => {
    const sample = samples.find(({ path }) => path.includes('mm14')) as Sample
    const { container } = openSample(sample, ctx)
    const acquisitions = await assembled(container)
    expect(acquisitions).toHaveLength(1)
    expect(acquisitions[0]?.native.map(({ format, at }) => [format, at])).toEqual([
      ['ome-xml', 'tiff:0/270'],
      ['micro-manager-imagej-sizes', 'tiff:0/50838'],
      ['micro-manager-imagej', 'tiff:0/50839'],
      ...Array.from({ length: 8 }, (_, i) => ['micro-manager', `tiff:${i}/51123`]),
      ['imagej', 'tiff:0/270#1']
    ])
    expect(acquisitions[0]?.acquisition.planes).toMatchObject({
      columns: expect.arrayContaining([{ name: 'exposure', unit: 'ms', values: [25, 25, 50, 50, 25, 25, 50, 50] }])
    })
    expect(
      acquisitions[0]?.acquisition.channels.map(({ name, path }) => [
        name,
        path['objective.name'],
        path['emissionFilter']
      ])
    ).toEqual([
      ['Cy5', 'Nikon 10X S Fluor', 'Chroma-HQ700'],
      ['DAPI', 'Nikon 10X S Fluor', 'Chroma-HQ620']
    ])
    expect(JSON.stringify(acquisitions[0]?.acquisition)).not.toContain('/Users/')
    // 10000 pixels per cm, PhysicalSizeX 1 um and PixelSizeUm 1 are one and the same size.
    expect(acquisitions[0]?.acquisition.image.pixelSize?.['x']).toEqual({ value: 1, unit: 'um' })
    expect(acquisitions[0]?.warnings).toEqual([
      '/acquiredAt/local: ome-xml says another value, which is carried, not mapped'
    ])
  })
})
