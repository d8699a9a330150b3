import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it, type TestContext, vi } from 'vitest'
import {
  arrayDigest,
  bundleBytes,
  newBundle,
  sealRecord,
  toBase64,
  utf8,
  littleEndianBytes,
  type DType,
  type ManifestImage,
  type NdArray
} from '@bims/core'
import { right } from '../fixtures/either.ts'
import { commentText, manifest } from '../fixtures/example-records.ts'
import { maskPixels } from '../fixtures/example-log.ts'
import { arrayOf } from './cases.ts'
import { specPath } from './files.ts'

// Much work, and machines may be busy: no test here fails on a time.
vi.setConfig({ testTimeout: 300_000 })

const judges = specPath('../../.cache/judges/bin/python')
const python = process.env['BIMS_PYTHON'] ?? (existsSync(judges) ? judges : 'python3')
const found = spawnSync(python, ['-c', 'import numpy, tifffile']).status === 0
const needTifffile = (ctx: TestContext): void => {
  if (!found)
    ctx.skip(
      `${python} has no tifffile and numpy. Set BIMS_PYTHON; saved images were NOT recomputed from the specification.`
    )
}

const folder = mkdtempSync(join(tmpdir(), 'bims-images-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Writes a TIFF with tifffile, our bundle in its tag; the levels of a pyramid go to SubIFDs. */
const program = `
import base64, json, sys, numpy, tifffile
job = json.load(sys.stdin)
arrays = [numpy.frombuffer(base64.b64decode(one['bytes']), one['dtype']).reshape(one['shape']) for one in job['arrays']]
if job['flip']: arrays[0] = arrays[0].copy(); arrays[0].flat[-1] += 1
tags = [(65519, 1, len(base64.b64decode(job['bundle'])), base64.b64decode(job['bundle']), True)]
with tifffile.TiffWriter(job['path'], **job['file']) as tif:
    for i, array in enumerate(arrays):
        options = dict(job['image'])
        if options.get('photometric') == 'rgb' and options.get('planarconfig') is None: options.pop('planarconfig', None)
        if job['levels']:
            tif.write(array, extratags=tags if i == 0 else [], subifds=len(arrays) - 1 if i == 0 else 0, subfiletype=0 if i == 0 else 1, **options)
        else:
            tif.write(array, extratags=tags if i == 0 else [], **options)
`

interface Job {
  /** As tifffile keeps them. */
  readonly shape: readonly number[]
  /** As digests see them. */
  readonly axes: readonly string[]
  readonly digestShape: readonly number[]
  readonly dtype: DType
  readonly file?: object
  readonly image?: object
  readonly levels?: readonly (readonly number[])[]
}

const sizes: Partial<Record<DType, number>> = { uint16: 2, float32: 4 }
const pattern = (dtype: DType, shape: readonly number[]): NdArray =>
  arrayOf(
    dtype,
    shape,
    Uint8Array.from(
      { length: shape.reduce((product, n) => product * n, sizes[dtype] ?? 1) },
      (_, i) => (i * 37 + 11) % 120
    )
  )

/** The same samples with the last axis (samples) before y and x. */
const samplesFirst = ({ data, dtype, shape }: NdArray): NdArray => {
  const [y = 1, x = 1, s = 1] = shape.slice(-3)
  const planes = shape.slice(0, -3).reduce((product, n) => product * n, 1)
  const out = data.slice()
  for (let p = 0; p < planes; p++)
    for (let i = 0; i < y * x; i++)
      for (let c = 0; c < s; c++) out[(p * s + c) * y * x + i] = data[(p * y * x + i) * s + c] as never
  return { shape: [...shape.slice(0, -3), s, y, x], dtype, data: out }
}

const write = (
  name: string,
  { axes, digestShape, dtype, file = {}, image = {}, levels = [], shape }: Job,
  flip = false
): string => {
  const arrays = [shape, ...levels].map(each => pattern(dtype, each))
  const images = arrays.map((array, i): ManifestImage => {
    const plain = shape.length > 2 && axes.includes('c') && shape.at(-1) === 3 ? samplesFirst(array) : array
    const form = i === 0 ? digestShape : plain.shape
    return {
      name: i === 0 ? '0' : `0/${i}`,
      series: 0,
      role: i === 0 ? 'data' : 'level',
      axes,
      shape: form,
      dtype,
      ...arrayDigest({ ...plain, shape: form }, axes)
    }
  })
  const sealed = right(sealRecord('image', { ...manifest.record, macro: undefined, acquisitions: [], images }))
  const path = join(folder, `${name.replaceAll(/\W+/g, '-')}.tif`)
  const job = {
    path,
    flip,
    file,
    image,
    levels: levels.length > 0,
    bundle: toBase64(bundleBytes(newBundle({ manifest: sealed, records: [] }))),
    arrays: arrays.map(array => ({
      bytes: toBase64(littleEndianBytes(array)),
      dtype: `<${{ uint8: 'u1', uint16: 'u2', float32: 'f4' }[dtype as 'uint8']}`,
      shape: array.shape
    }))
  }
  const { status, stderr } = spawnSync(python, ['-c', program], { input: JSON.stringify(job), encoding: 'utf8' })
  expect(stderr + String(status)).toBe('0')
  return path
}

const recompute = (path: string) => {
  const { status, stderr, stdout } = spawnSync(python, [specPath('recompute.py'), path], { encoding: 'utf8' })
  return { status, text: stdout + stderr }
}

const jobs: Readonly<Record<string, Job>> = {
  'one page': { shape: [300, 7], axes: ['y', 'x'], digestShape: [300, 7], dtype: 'uint16' },
  'big-endian BigTIFF': {
    shape: [20, 7],
    axes: ['y', 'x'],
    digestShape: [20, 7],
    dtype: 'float32',
    file: { bigtiff: true, byteorder: '>' }
  },
  'several pages': {
    shape: [3, 20, 7],
    axes: ['plane', 'y', 'x'],
    digestShape: [3, 20, 7],
    dtype: 'uint8',
    image: { photometric: 'minisblack' }
  },
  'OME-TIFF': {
    shape: [2, 3, 4, 20, 30],
    axes: ['t', 'c', 'z', 'y', 'x'],
    digestShape: [2, 3, 4, 20, 30],
    dtype: 'uint16',
    file: { ome: true },
    image: { metadata: { axes: 'TCZYX' }, photometric: 'minisblack' }
  },
  'RGB, tiled and deflated': {
    shape: [40, 50, 3],
    axes: ['c', 'y', 'x'],
    digestShape: [3, 40, 50],
    dtype: 'uint8',
    image: { photometric: 'rgb', tile: [16, 16], compression: 'zlib' }
  },
  'a pyramid': {
    shape: [64, 32],
    axes: ['y', 'x'],
    digestShape: [64, 32],
    dtype: 'uint8',
    levels: [
      [32, 16],
      [16, 8]
    ]
  }
}

describe('recompute.py on images', () => {
  it.for(Object.entries(jobs))('%s', ([name, job], ctx) => {
    needTifffile(ctx)
    const same = recompute(write(name, job))
    expect(same.text).toContain(', 0 wrong')
    expect(same.status).toBe(0)
    const other = recompute(write(`${name} flipped`, job, true))
    expect(other.text).toContain('WRONG image 0')
    expect(other.status).toBe(1)
  })

  it('the example, with what stands in the file', ctx => {
    needTifffile(ctx)
    const path = join(folder, 'example.tif')
    const bundle = readFileSync(specPath('vectors/example.bims.json'))
    const made = spawnSync(
      python,
      [
        '-c',
        `
import base64, json, sys, numpy, tifffile
job = json.load(sys.stdin)
bundle, comment = base64.b64decode(job['bundle']), base64.b64decode(job['comment'])
tifffile.imwrite(job['path'], numpy.frombuffer(base64.b64decode(job['bytes']), 'u1').reshape(4, 6), metadata=None,
                 extratags=[(270, 2, len(comment), comment, True), (65519, 7, len(bundle) + 1, bundle + b'\\0', True)])
`
      ],
      {
        input: JSON.stringify({
          path,
          bundle: toBase64(bundle),
          comment: toBase64(commentText),
          bytes: toBase64(littleEndianBytes(maskPixels))
        }),
        encoding: 'utf8'
      }
    )
    expect(made.stderr).toBe('')
    const { status, text } = recompute(path)
    expect(text).toContain('attachment comment')
    expect(text).toContain(', 0 wrong')
    expect(status).toBe(0)
  })

  it('without a bundle, or with a sidecar', ctx => {
    needTifffile(ctx)
    const path = write('plain', jobs['one page'] as Job)
    const bytes = readFileSync(path)
    const tag = bytes.indexOf(Buffer.from([0xef, 0xff, 1, 0]))
    const text = bytes.toString('latin1')
    const bundle = utf8(text.slice(text.indexOf('{"attachments"'), text.indexOf('"signatures":[]}') + 16))
    bytes.writeUInt16LE(65518, tag)
    writeFileSync(path, bytes)
    expect(recompute(path).status).toBe(2)
    writeFileSync(`${path}.bims.json`, bundle)
    expect(recompute(path)).toMatchObject({ status: 0 })
  })
})
