import { execFileSync, spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import type { ContainerImage, ImageDigests, OriginalState } from '@bims/core'
import { afterAll, beforeAll, expect, test, type TestContext } from 'vitest'
import { tiff } from '../../../src/containers/tiff/container.ts'
import { writeTiff } from '../../../src/containers/tiff/write/file.ts'
import { openEditable, openFile } from '../../../src/sources/file.ts'
import { judge, pythonWith, samplesFolder } from './python.ts'
import { value } from './results.ts'

const python = pythonWith('tifffile', 'imagecodecs')
const folder = mkdtempSync(join(tmpdir(), 'bims-judges-'))
afterAll(() => rmSync(folder, { recursive: true }))

const needPython = (context: TestContext): string => {
  return python ?? context.skip('NOT JUDGED: no Python with tifffile and imagecodecs (set BIMS_PYTHON)')
}

/** What a judge and we say of an image. */
type Said = Pick<ContainerImage, 'name' | 'axes' | 'storedAxes' | 'shape' | 'dtype'> & ImageDigests

const ourWord = async (path: string): Promise<readonly Said[]> => {
  const file = await value(openFile(path))
  const open = await value(tiff.open(file))
  const said: Said[] = []
  for (const [i, { axes, dtype, name, shape, storedAxes }] of open.images.entries()) {
    said.push({
      name,
      axes,
      ...(storedAxes === undefined ? {} : { storedAxes }),
      shape,
      dtype,
      ...(await value(open.digest(i)))
    })
  }
  await value(file.close())
  return said
}

const pathsOf = (from: string): readonly string[] =>
  readdirSync(from)
    .filter(name => name.endsWith('.tif'))
    .map(name => join(from, name))

const samples = (): readonly string[] =>
  existsSync(samplesFolder)
    ? ['sem-tiff', 'tem-tiff', 'imagej-tiff', 'lm-tiff', 'micromanager'].flatMap(name =>
        pathsOf(join(samplesFolder, name))
      )
    : []

/** Micro-Manager's file, unpacked. */
const microManager = (): readonly string[] => {
  const packed = join(samplesFolder, 'micromanager/mm14_Pos_000_000.ome.tif.gz')
  if (!existsSync(packed)) return []
  const path = join(folder, 'mm14_Pos_000_000.ome.tif')
  writeFileSync(path, gunzipSync(readFileSync(packed)))
  return [path]
}

const made = join(folder, 'made')
let paths: readonly string[] = []

beforeAll(() => {
  if (python === undefined) return
  execFileSync('mkdir', [made])
  judge(python, 'make', made)
  paths = [...pathsOf(made), ...samples(), ...microManager()]
}, 120_000)

const embed = async (path: string): Promise<void> => {
  const file = await value(openEditable(path))
  const bundle = (original: OriginalState): Uint8Array =>
    new TextEncoder().encode(JSON.stringify({ original, padding: 'p'.repeat(6000), schema: 'bims.bundle/1' }))
  await value(tiff.embed(file, bundle))
  await value(file.close())
}

test('tifffile reads the same images: axes, shape, type and every pixel', async context => {
  const said = JSON.parse(judge(needPython(context), 'digest', ...paths)) as Readonly<Record<string, readonly Said[]>>
  expect(Object.keys(said).length).toBeGreaterThan(100)
  for (const path of paths) expect([path, await ourWord(path)]).toEqual([path, said[path]])
}, 240_000)

test('JPEG tiles are decoded within what decoders differ by', async context => {
  const interpreter = needPython(context)
  for (const [name, mean] of [
    ['jpeg-smooth.tif', 3],
    ['jpeg-gray.tif', 0.5]
  ] as const) {
    const path = join(made, name)
    const wanted = Buffer.from(judge(interpreter, 'array', path), 'base64')
    const file = await value(openFile(path))
    const { data } = await value((await value(tiff.open(file))).readArray(0))
    await value(file.close())
    expect(data.length).toBe(wanted.length)
    const difference = wanted.reduce((sum, sample, i) => sum + Math.abs(sample - Number(data[i])), 0) / wanted.length
    expect([name, difference < mean, difference]).toEqual([name, true, difference])
  }
})

test('all sample files are there to be judged', context => {
  if (!existsSync(samplesFolder)) context.skip('NOT JUDGED: the folder of samples is absent')
  expect(samples().map(path => basename(path))).toContain('FEI-Helios-Ebeam-8bits.tif')
  expect(samples().length).toBeGreaterThanOrEqual(8)
})

test('after embedding tifffile reads the same pixels, pages and other tags; stripped, the file is the old one', async context => {
  const interpreter = needPython(context)
  const changed = paths
    .filter(path => !path.includes('mm14'))
    .map(path => {
      const copy = join(folder, `embedded-${basename(path)}`)
      copyFileSync(path, copy)
      return { path, copy }
    })
  for (const { copy } of changed) await embed(copy)
  const copies = changed.map(({ copy }) => copy)
  const before = JSON.parse(judge(interpreter, 'metadata', ...paths)) as Readonly<Record<string, unknown>>
  const after = JSON.parse(judge(interpreter, 'metadata', ...copies)) as Readonly<Record<string, unknown>>
  const digests = JSON.parse(judge(interpreter, 'digest', ...copies)) as Readonly<Record<string, readonly Said[]>>
  for (const { copy, path } of changed) {
    expect([path, after[copy]]).toEqual([path, before[path]])
    expect([path, await ourWord(copy)]).toEqual([path, digests[copy]])
    expect(await ourWord(copy)).toEqual(await ourWord(path))
    const file = await value(openEditable(copy))
    await value(tiff.strip(file))
    await value(file.close())
    expect(readFileSync(copy).equals(readFileSync(path))).toBe(true)
  }
}, 240_000)

const runs = (program: string, ...words: readonly string[]): boolean =>
  spawnSync(program, words, { stdio: 'ignore' }).status === 0

test('libtiff reads the same before and after embedding', async context => {
  needPython(context)
  if (spawnSync('tiffcmp', [], { stdio: 'ignore' }).error !== undefined)
    context.skip('NOT JUDGED: no tiffcmp (Debian: libtiff-tools)')
  let judged = 0
  for (const path of paths.filter(each => !each.includes('mm14'))) {
    // Some codings are not built into libtiff; then it cannot judge.
    if (!runs('tiffcmp', path, path)) continue
    const copy = join(folder, `libtiff-${basename(path)}`)
    copyFileSync(path, copy)
    await embed(copy)
    expect([path, runs('tiffcmp', path, copy), runs('tiffinfo', '-D', copy)]).toEqual([path, true, true])
    judged++
  }
  expect(judged).toBeGreaterThan(60)
}, 240_000)

const planes = (count: number, length: number) =>
  Array.from({ length: count }, (_, k) => Uint16Array.from({ length }, (_, i) => (i * 31 + k * 977) % 65536))

test('tifffile reads what we write, with axes, type and every pixel', async context => {
  const interpreter = needPython(context)
  const write = async (
    name: string,
    ...[image, options]: Parameters<typeof writeTiff> extends [string, ...infer Rest] ? Rest : never
  ) => {
    await value(writeTiff(join(folder, name), image, options))
    return join(folder, name)
  }
  const floats = (type: typeof Float32Array | typeof Float64Array) => [
    new type(600).map((_, i) => i / 7 - 3),
    new type(600).fill(NaN)
  ]
  const written = [
    await write(
      'w-5d.ome.tif',
      { axes: ['t', 'c', 'z', 'y', 'x'], shape: [2, 3, 4, 30, 20], dtype: 'uint16', planes: planes(24, 600) },
      { ome: { name: 'five' } }
    ),
    await write('w-plain.tif', { axes: ['y', 'x'], shape: [30, 20], dtype: 'uint16', planes: planes(1, 600) }),
    await write(
      'w-stack.tif',
      { axes: ['plane', 'y', 'x'], shape: [5, 30, 20], dtype: 'uint16', planes: planes(5, 600) },
      { bigTiff: true }
    ),
    await write(
      'w-bool.ome.tif',
      { axes: ['y', 'x'], shape: [30, 20], dtype: 'bool', planes: [new Uint8Array(600).map((_, i) => i % 2)] },
      { ome: {} }
    ),
    await write('w-rgb.tif', {
      axes: ['c', 'y', 'x'],
      shape: [3, 30, 20],
      samples: 3,
      dtype: 'uint8',
      planes: [new Uint8Array(1800).map((_, i) => i)]
    }),
    await write(
      'w-rgb.ome.tif',
      {
        axes: ['c', 'z', 'y', 'x'],
        shape: [6, 2, 30, 20],
        samples: 3,
        dtype: 'uint8',
        planes: Array.from({ length: 4 }, (_, k) => new Uint8Array(1800).map((_, i) => i * k))
      },
      { ome: {} }
    ),
    await write(
      'w-float.ome.tif',
      { axes: ['z', 'y', 'x'], shape: [2, 30, 20], dtype: 'float32', planes: floats(Float32Array) as Float32Array[] },
      { ome: { pixelSize: { x: { value: 4.5, unit: 'nm' }, y: { value: 4.5, unit: 'nm' } } } }
    ),
    await write(
      'w-double.ome.tif',
      { axes: ['t', 'y', 'x'], shape: [2, 30, 20], dtype: 'float64', planes: floats(Float64Array) as Float64Array[] },
      { ome: {}, bigTiff: true }
    ),
    await write(
      'w-int32.ome.tif',
      { axes: ['y', 'x'], shape: [30, 20], dtype: 'int32', planes: [new Int32Array(600).map((_, i) => i * 65537 - 9)] },
      { ome: {} }
    )
  ]
  const said = JSON.parse(judge(interpreter, 'digest', ...written)) as Readonly<Record<string, readonly Said[]>>
  for (const path of written) expect([path, await ourWord(path)]).toEqual([path, said[path]])
}, 120_000)

test('the OME-XML that we write is valid by the schema', async context => {
  const interpreter = pythonWith('lxml')
  const schema = join(samplesFolder, 'ome-xml/schema/ome-2016-06.xsd')
  if (interpreter === undefined || !existsSync(schema))
    return context.skip('NOT JUDGED: no Python with lxml, or no OME schema among the samples')
  const path = join(folder, 'schema.ome.tif')
  const nm = (quantity: number) => ({ value: quantity, unit: 'nm' })
  const ome = {
    name: '<a> & "b" \u0001 µ',
    acquiredAt: '2026-11-23T10:00:00Z',
    pixelSize: { x: nm(65), y: nm(65), z: { value: 0.2, unit: 'um' } },
    channels: [{ name: 'DAPI', excitation: nm(405), emission: nm(450) }]
  }
  await value(
    writeTiff(
      path,
      { axes: ['c', 'z', 'y', 'x'], shape: [2, 2, 30, 20], dtype: 'uint16', planes: planes(4, 600) },
      { ome }
    )
  )
  const file = await value(openFile(path))
  const [description] = await value((await value(tiff.open(file))).native())
  await value(file.close())
  writeFileSync(join(folder, 'ome.xml'), (description?.bytes ?? new Uint8Array()).slice(0, -1))
  const program =
    'import sys\nfrom lxml import etree\nschema = etree.XMLSchema(etree.parse(sys.argv[1]))\nschema.assertValid(etree.parse(sys.argv[2]))'
  execFileSync(interpreter, ['-c', program, schema, join(folder, 'ome.xml')])
})
