import { arrayDigest } from '@bims/core'
import type { OpenContainer } from '@bims/core'
import { expect, test } from 'vitest'
import { newFixture, noisePage, type FixturePage, type FixtureTag } from '../fixture.ts'
import { error, openBytes, value } from '../results.ts'

const text = (content: string, tag = 270): FixtureTag => ({
  tag,
  type: 2,
  bytes: new TextEncoder().encode(`${content}\0`)
})

const pagesWith = (count: number, ...tags: readonly FixtureTag[]): readonly FixturePage[] =>
  Array.from({ length: count }, (_, i) => ({ ...noisePage(6, 5, 'uint8', 1, i + 1), ...(i === 0 ? { tags } : {}) }))

/** The first pixel of each plane tells which page it is. */
const firstPixels = async (open: OpenContainer, index = 0): Promise<readonly number[]> => {
  const { data } = await value(open.readArray(index))
  return Array.from({ length: data.length / 30 }, (_, i) => Number(data[i * 30]))
}

const pixelOf = (page: number): number => noisePage(6, 5, 'uint8', 1, page + 1).pixels[0] as number

const ome = (order: string, sizes: string, inner: string, attributes = ''): string =>
  `<?xml version="1.0"?><OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06" ${attributes}><Image ID="Image:0"><Pixels DimensionOrder="${order}" ${sizes} SizeX="6" SizeY="5" Type="uint8">${inner}</Pixels></Image></OME>`

test('OME-XML: planes come from the pages that TiffData names, in digest order', async () => {
  const sizes = 'SizeC="2" SizeZ="3" SizeT="1"'
  // XYZCT: z is fastest; the second channel stands first in the file.
  const data = '<TiffData FirstC="1" IFD="0" PlaneCount="3"/><TiffData FirstC="0" IFD="3" PlaneCount="3"/>'
  const open = await openBytes(newFixture(pagesWith(6, text(ome('XYZCT', sizes, data)))))
  expect(open.images).toMatchObject([
    { axes: ['c', 'z', 'y', 'x'], shape: [2, 3, 5, 6], storedAxes: ['c', 'z', 'y', 'x'] }
  ])
  expect(await firstPixels(open)).toEqual([3, 4, 5, 0, 1, 2].map(pixelOf))
  const other = await openBytes(newFixture(pagesWith(6, text(ome('XYCZT', sizes, '<TiffData/>')))))
  expect(other.images).toMatchObject([{ axes: ['c', 'z', 'y', 'x'], storedAxes: ['z', 'c', 'y', 'x'] }])
  expect(await firstPixels(other)).toEqual([0, 2, 4, 1, 3, 5].map(pixelOf))
})

test('OME-XML: planes of other files are not covered, those of this one are the image', async () => {
  const uuid = (n: number): string => `urn:uuid:00000000-0000-0000-0000-00000000000${n}`
  const block = (t: number, n: number, file: string): string =>
    `<TiffData FirstT="${t}" IFD="0" PlaneCount="2"><UUID FileName="${file}">${uuid(n)}</UUID></TiffData>`
  const xml = (own: string): string =>
    ome(
      'XYZCT',
      'SizeC="1" SizeZ="2" SizeT="3"',
      block(0, 1, 'a.tif') + block(1, 2, 'b.tif') + block(2, 3, 'c.tif'),
      own
    )
  const elsewhere = [
    { file: 'a.tif', uuid: uuid(1) },
    { file: 'c.tif', uuid: uuid(3) }
  ]
  const byUuid = await openBytes(newFixture(pagesWith(2, text(xml(`UUID="${uuid(2)}"`)))), 'renamed.tif')
  expect([byUuid.images[0]?.axes, byUuid.images[0]?.shape, byUuid.notCovered]).toEqual([
    ['z', 'y', 'x'],
    [2, 5, 6],
    elsewhere
  ])
  const byName = await openBytes(newFixture(pagesWith(2, text(xml('')))), 'B.TIF')
  expect([byName.images[0]?.shape, byName.notCovered]).toEqual([[2, 5, 6], elsewhere])
  expect(await firstPixels(byName)).toEqual([0, 1].map(pixelOf))
})

test('OME-XML: planes that nobody has are zero', async () => {
  const open = await openBytes(
    newFixture(pagesWith(1, text(ome('XYZCT', 'SizeC="1" SizeZ="2" SizeT="1"', '<TiffData FirstZ="1" IFD="0"/>'))))
  )
  const array = await value(open.readArray(0))
  expect(array.shape).toEqual([2, 5, 6])
  expect(await firstPixels(open)).toEqual([0, pixelOf(0)])
  expect(await value(open.digest(0))).toEqual(arrayDigest(array, ['z', 'y', 'x']))
})

test('OME-XML: several Images are several series, and pages that it leaves out follow', async () => {
  const image = (n: number, ifd: number): string =>
    `<Image ID="Image:${n}"><Pixels DimensionOrder="XYZCT" SizeC="1" SizeZ="2" SizeT="1" SizeX="6" SizeY="5" Type="uint8"><TiffData IFD="${ifd}" PlaneCount="2"/></Pixels></Image>`
  const open = await openBytes(newFixture(pagesWith(5, text(`<OME>${image(0, 2)}${image(1, 0)}</OME>`))))
  expect(open.images.map(({ axes, name }) => [name, axes])).toEqual([
    ['0', ['z', 'y', 'x']],
    ['1', ['z', 'y', 'x']],
    ['2', ['y', 'x']]
  ])
  expect([await firstPixels(open, 0), await firstPixels(open, 1), await firstPixels(open, 2)]).toEqual(
    [[2, 3], [0, 1], [4]].map(list => list.map(pixelOf))
  )
})

test('OME-XML: metadata that stand in another file are said to, and the pages are a plain stack', async () => {
  const xml = '<OME><BinaryOnly MetadataFile="main.companion.ome" UUID="urn:uuid:7"/></OME>'
  const open = await openBytes(newFixture(pagesWith(3, text(xml))))
  expect(open.notCovered).toEqual([{ file: 'main.companion.ome', uuid: 'urn:uuid:7' }])
  expect(open.images[0]?.axes).toEqual(['plane', 'y', 'x'])
})

test.each([
  ['not well-formed', '<OME><Image></OME>'],
  [
    'sizes that do not fit',
    ome('XYZCT', 'SizeC="1" SizeZ="2" SizeT="1"', '<TiffData/>').replace('SizeX="6"', 'SizeX="7"')
  ],
  ['no order', ome('XY', 'SizeC="1" SizeZ="2" SizeT="1"', '<TiffData/>')],
  [
    'channels that do not divide',
    ome('XYZCT', 'SizeC="2" SizeZ="1" SizeT="1"', '<Channel SamplesPerPixel="3"/><TiffData/>')
  ],
  ['more planes than can be', ome('XYZCT', 'SizeC="1000000" SizeZ="1000000" SizeT="1000000"', '<TiffData/>')],
  [
    'entities without end',
    `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><OME>&b;</OME>`
  ]
])('OME-XML that does not fit (%s) leaves a plain stack', async (_, xml) => {
  const open = await openBytes(newFixture(pagesWith(2, text(xml))))
  expect(open.images).toMatchObject([{ axes: ['plane', 'y', 'x'], shape: [2, 5, 6] }])
})

test('ImageJ: hyperstacks by the description, with one directory too', async () => {
  const description = 'ImageJ=1.54p\nimages=6\nchannels=2\nslices=3\nhyperstack=true\nmode=grayscale\n'
  const paged = await openBytes(newFixture(pagesWith(6, text(description))))
  expect(paged.images).toMatchObject([
    { axes: ['c', 'z', 'y', 'x'], shape: [2, 3, 5, 6], storedAxes: ['z', 'c', 'y', 'x'] }
  ])
  expect(await firstPixels(paged)).toEqual([0, 2, 4, 1, 3, 5].map(pixelOf))
  // One strip of six images, of which the directory describes the first: as ImageJ writes what passes 4 GiB.
  const stack = {
    ...noisePage(6, 5, 'uint8'),
    pixels: new Uint8Array(180).map((_, i) => Math.floor(i / 30) + 1),
    height: 30
  }
  const single = await openBytes(
    newFixture([
      {
        ...stack,
        tags: [
          text(description),
          { tag: 257, type: 4, values: [5] },
          { tag: 278, type: 4, values: [5] },
          { tag: 279, type: 4, values: [30] }
        ]
      }
    ])
  )
  expect(single.images[0]?.shape).toEqual([2, 3, 5, 6])
  expect(await firstPixels(single)).toEqual([1, 3, 5, 2, 4, 6])
})

test('ImageJ: a description that tells of more than the file holds is an error', async () => {
  const bytes = newFixture(pagesWith(1, text('ImageJ=1.54p\nimages=60000\nslices=60000\n')))
  await expect(openBytes(bytes)).rejects.toThrow('tiff-malformed')
})

test('tifffile: its shapes name the axes, letters without a name are one axis of planes', async () => {
  const shaped = (json: string, count: number) => openBytes(newFixture(pagesWith(count, text(json))))
  expect((await shaped('{"shape": [2, 3, 5, 6], "axes": "ZTYX"}', 6)).images[0]).toMatchObject({
    axes: ['t', 'z', 'y', 'x'],
    shape: [3, 2, 5, 6]
  })
  expect((await shaped('{"shape": [2, 3, 5, 6], "axes": "PAYX"}', 6)).images[0]).toMatchObject({
    axes: ['angle', 'phase', 'y', 'x'],
    shape: [3, 2, 5, 6]
  })
  for (const json of [
    '{"shape": [2, 3, 5, 6]}',
    '{"shape": [2, 3, 5, 6], "axes": "QQYX"}',
    '{"shape": [2, 3, 5, 6], "axes": "ZZYX"}',
    '{"shape": [9, 9], "axes": "YX"}',
    '{"shape": '
  ]) {
    expect((await shaped(json, 6)).images[0]).toMatchObject({ axes: ['plane', 'y', 'x'], shape: [6, 5, 6] })
  }
})

test('Aperio: resolutions, thumbnail, label and overview', async () => {
  const tiled = (width: number, height: number, description: string, subfile = 0): FixturePage => ({
    ...noisePage(width, height, 'uint8', 3),
    subfile,
    tags: [text(description)]
  })
  const strip = (description: string, subfile: number): FixturePage => ({
    ...tiled(20, 12, description, subfile),
    stripped: true
  })
  const pages = [
    tiled(64, 48, 'Aperio Image Library v11'),
    strip('Aperio thumbnail', 0),
    tiled(32, 24, 'Aperio level'),
    strip('Aperio label 20x12', 1),
    strip('Aperio macro 20x12', 9)
  ]
  const open = await openBytes(newFixture(pages, { tile: [16, 16] }))
  expect(open.images.map(({ name, role }) => [name, role])).toEqual([
    ['0', 'data'],
    ['0/1', 'level'],
    ['1', 'thumbnail'],
    ['2', 'label'],
    ['3', 'thumbnail']
  ])
})

/** A Micro-Manager file: header with the index map's offset, summary, index map at the end. */
const microManager = (
  entries: readonly (readonly [c: number, z: number, t: number, p: number, page: number])[],
  summary: string
): Uint8Array => {
  const count = entries.length
  const plain = newFixture(Array.from({ length: count }, (_, i) => noisePage(6, 5, 'uint8', 1, i + 1)))
  const head = new TextEncoder().encode(summary)
  const shift = Math.ceil((40 + head.length) / 8) * 8
  const out = new Uint8Array(shift + plain.length + 8 + 20 * count)
  const view = new DataView(out.buffer)
  out.set(plain, shift)
  out.set(plain.subarray(0, 4))
  const move = (at: number): void => view.setUint32(at, view.getUint32(at, true) + shift, true)
  const offsets: number[] = []
  const first = new DataView(plain.buffer).getUint32(4, true) + shift
  for (let at = first; at !== 0;) {
    offsets.push(at)
    const entriesHere = view.getUint16(at, true)
    for (let i = 0; i < entriesHere; i++) if (view.getUint16(at + 2 + 12 * i, true) === 273) move(at + 2 + 12 * i + 8)
    const next = at + 2 + 12 * entriesHere
    if (view.getUint32(next, true) !== 0) move(next)
    at = view.getUint32(next, true)
  }
  ;[first, 54_773_648, shift + plain.length, 0, 0, 0, 0, 2_355_492, head.length].forEach((number, i) =>
    view.setUint32(4 + i * 4, number, true)
  )
  out.set(head, 40)
  const map = shift + plain.length
  view.setUint32(map, 3_453_623, true)
  view.setUint32(map + 4, count, true)
  entries.forEach(([c, z, t, p, page], i) =>
    [c, z, t, p, offsets[page] ?? 0].forEach((number, field) =>
      view.setUint32(map + 8 + i * 20 + field * 4, number, true)
    )
  )
  return out
}

test('Micro-Manager: the index map tells what each page is, and a bundle goes into a sidecar', async () => {
  const open = await openBytes(
    microManager(
      [
        [1, 0, 0, 2, 0],
        [0, 0, 0, 2, 1],
        [1, 1, 0, 2, 2],
        [0, 1, 0, 2, 3]
      ],
      '{"TimeFirst": true}'
    )
  )
  expect(open.images).toMatchObject([
    { axes: ['c', 'z', 'y', 'x'], shape: [2, 2, 5, 6], storedAxes: ['z', 'c', 'y', 'x'] }
  ])
  expect(await firstPixels(open)).toEqual([1, 3, 0, 2].map(pixelOf))
  expect(open.place).toMatchObject({ kind: 'sidecar', why: expect.stringContaining('index map') })
  const slices = await openBytes(
    microManager(
      [
        [0, 0, 0, 0, 0],
        [0, 1, 0, 0, 1],
        [1, 0, 0, 1, 2]
      ],
      '{"SlicesFirst": false}'
    )
  )
  expect(slices.images[0]?.storedAxes).toEqual(['position', 'c', 'z', 'y', 'x'])
  expect(await firstPixels(slices)).toEqual([pixelOf(0), pixelOf(1), 0, 0, 0, 0, pixelOf(2), 0])
})

test('Micro-Manager: a map that names no directory of the file leaves a plain stack', async () => {
  const bytes = microManager(
    [
      [0, 0, 0, 0, 0],
      [0, 0, 1, 0, 9]
    ],
    '{}'
  )
  expect((await openBytes(bytes)).images[0]?.axes).toEqual(['plane', 'y', 'x'])
})

test('an image that is not there is asked for in vain', async () => {
  const open = await openBytes(newFixture(pagesWith(1)))
  expect((await error(open.digest(1))).code).toBe('usage')
  expect((await error(open.readArray(-1))).code).toBe('usage')
})
