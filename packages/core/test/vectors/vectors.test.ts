import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import {
  bundleBytes,
  checkManifest,
  checkPixels,
  checkRedaction,
  checkSignatures,
  checkValue,
  fromBase64,
  fromHex,
  isJsonObject,
  leafHash,
  merkleRoot,
  newBundle,
  parseBundle,
  parsePem,
  parseRecord,
  rootOfProof,
  sealRecord,
  toHex,
  utf8,
  verdictOf,
  verifyRedaction,
  type JsonValue,
  type ManifestImage
} from '@bims/core'
import { codeOf, right } from '../fixtures/either.ts'
import { inExampleFile } from '../fixtures/example-bundle.ts'
import { fileName, maskDigests } from '../fixtures/example-log.ts'
import { acquisition, comment, instrument, macro, manifest, native } from '../fixtures/example-records.ts'
import { annotatedBundle } from './annotate.ts'
import {
  allVectors,
  arrayOf,
  attachmentCase,
  canonicalCase,
  codedCase,
  macroCase,
  numberCase,
  pixelCase,
  recordCase,
  refusedCase,
  treeCase,
  withheldCase
} from './cases.ts'
import { readVectors, specPath } from './files.ts'

type Case<F extends (...args: never) => unknown> = ReturnType<F>
const bytesOf = (text: string): Uint8Array => fromBase64(text) ?? new Uint8Array()

const canonical = readVectors<{
  values: Case<typeof canonicalCase>[]
  numbers: Case<typeof numberCase>[]
  refused: Case<typeof refusedCase>[]
}>('canonical')
const values = readVectors<{ typed: JsonValue[]; withheld: Case<typeof withheldCase>[] }>('values')
const attachments = readVectors<{ attachments: Case<typeof attachmentCase>[] }>('attachments')
const merkle = readVectors<{ trees: Case<typeof treeCase>[] }>('merkle')
const pixels = readVectors<{ pixels: Case<typeof pixelCase>[]; coded: Case<typeof codedCase>[] }>('pixels')
const macros = readVectors<{ macros: Case<typeof macroCase>[] }>('macros')
const records = readVectors<{ records: Case<typeof recordCase>[] }>('records')
const example = new Uint8Array(readFileSync(specPath('vectors/example.bims.json')))

describe('the frozen golden vectors are what code computes', () => {
  it('file by file', () => {
    for (const [name, computed] of Object.entries(allVectors())) expect(computed, name).toEqual(readVectors(name))
  })

  it('canonical forms, ids, numbers, refusals', () => {
    for (const frozen of canonical.values) expect(canonicalCase(frozen.json)).toEqual(frozen)
    for (const frozen of canonical.numbers) expect(numberCase(frozen.bits)).toEqual(frozen)
    for (const frozen of canonical.refused) expect(refusedCase(frozen.json)).toEqual(frozen)
    expect(canonical.refused.every(({ code }) => code.startsWith('json-'))).toBe(true)
  })

  it('values', () => {
    for (const typed of values.typed) expect(codeOf(checkValue(typed))).toBe('none')
    for (const frozen of values.withheld) expect(withheldCase(frozen.value, frozen.salt)).toEqual(frozen)
  })

  it('attachments', () => {
    for (const frozen of attachments.attachments) expect(attachmentCase(frozen.bytes, frozen.salt)).toEqual(frozen)
  })

  it('trees and audit paths', () => {
    for (const frozen of merkle.trees) {
      expect(treeCase(frozen.leaves)).toEqual(frozen)
      for (const { index, path } of frozen.proofs) {
        const leaf = leafHash(fromHex(frozen.leaves[index] as string) as Uint8Array)
        expect(
          toHex(
            rootOfProof(
              leaf,
              index,
              frozen.leaves.length,
              path.map(hash => fromHex(hash) as Uint8Array)
            ) as Uint8Array
          )
        ).toBe(frozen.root)
      }
    }
  })

  it('pixel digests', () => {
    for (const frozen of pixels.pixels)
      expect(pixelCase(frozen.name, arrayOf(frozen.dtype, frozen.shape, bytesOf(frozen.bytes)), frozen.axes)).toEqual(
        frozen
      )
    for (const frozen of pixels.coded) {
      const { axes, coding, directories, dtype, planeShape, shape } = frozen
      expect(codedCase({ axes, coding, directories, dtype, planeShape, shape })).toEqual(frozen)
    }
  })

  it('slices and redactions', () => {
    for (const frozen of macros.macros) {
      expect(macroCase(frozen.log, frozen.output, frozen.salts)).toEqual(frozen)
      const kept = frozen.log.steps.filter(step => frozen.kept.includes(step.index))
      expect(codeOf(verifyRedaction(frozen.head, frozen.tree, kept))).toBe('none')
    }
  })

  it('records', () => {
    for (const frozen of records.records) {
      const sealed = right(parseRecord(utf8(frozen.canonical)))
      expect(recordCase(sealed)).toEqual(frozen)
      expect(right(sealRecord(sealed.kind, sealed.record)).id).toBe(frozen.id)
    }
  })
})

describe('the signed bundle', () => {
  const image: ManifestImage = {
    name: '0',
    series: 0,
    role: 'data',
    axes: ['y', 'x'],
    shape: [4, 6],
    dtype: 'uint8',
    ...maskDigests
  }

  it('is made of the records, to the byte, but for its signatures', () => {
    const read = right(parseBundle(example))
    const bundle = newBundle({
      manifest,
      records: [instrument, acquisition, macro],
      attachments: [native.bundled, comment.bundled],
      openings: [fileName.opening],
      signatures: read.bundle.signatures
    })
    expect(new TextDecoder().decode(bundleBytes(bundle))).toBe(new TextDecoder().decode(example))
    expect(read.bundle.signatures.map(signature => signature.over)).toEqual([manifest.id, acquisition.id])
  })

  it('is verified under its root', async () => {
    const read = right(parseBundle(example))
    const signature = await checkSignatures(
      read,
      right(parsePem(readFileSync(specPath('vectors/example-root.pem'), 'utf8')))
    )
    const checks = [
      checkPixels(read, [image]),
      await checkManifest(read, inExampleFile),
      checkRedaction(read),
      signature.check
    ]
    expect(verdictOf(checks, { macro: true, network: false, receipt: false }, signature.signedUnderRoot)).toMatchObject(
      { verdict: 'verified', trust: 'single-party' }
    )
  })
})

it('every file of vectors says its version', () => {
  for (const name of Object.keys(allVectors())) {
    const vectors = readVectors<JsonValue>(name)
    expect(isJsonObject(vectors) && vectors['version']).toBe(1)
  }
})

it('the annotated bundle is what annotate.ts makes', () => {
  expect(readFileSync(specPath('bundle-annotated.md'), 'utf8')).toBe(annotatedBundle())
})

it('every hash that the pages of the specification print is one of the vectors or computed from them', () => {
  const pages = ['values', 'ids', 'merkle', 'attachments', 'pixel-digest', 'macro', 'manifest-bundle'].map(name =>
    readFileSync(specPath(`${name}.md`), 'utf8')
  )
  const bands = pixels.pixels.map(({ bytes, dtype, shape }) => {
    const data = bytesOf(bytes)
    const row = data.length / (shape.at(-2) as number)
    return Array.from({ length: Math.ceil((shape.at(-2) as number) / 256) }, (_, i) =>
      leafHash(data.subarray(i * 256 * row, (i + 1) * 256 * row))
    ).map(leaf => ({ dtype, leaf }))
  })
  const known = [
    ...['canonical', 'values', 'attachments', 'merkle', 'pixels', 'macros', 'records'].map(name =>
      JSON.stringify(readVectors(name))
    ),
    ...bands.flatMap(plane => [
      ...plane.map(({ leaf }) => toHex(leaf)),
      toHex(merkleRoot(plane.map(({ leaf }) => leaf)))
    ])
  ].join('\n')
  const printed = pages.flatMap(page => page.match(/\b[0-9a-f]{64}\b/g) ?? [])
  expect(printed.length).toBeGreaterThan(10)
  expect(printed.filter(hash => !known.includes(hash))).toEqual([])
})
