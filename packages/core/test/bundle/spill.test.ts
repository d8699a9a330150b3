import { describe, expect, it } from 'vitest'
import {
  attachmentBytes,
  canonicalBytes,
  isSpilled,
  newAttachment,
  recordBounds,
  redactSteps,
  sealRecord,
  spillRecord,
  toBase64,
  toJson,
  unspill,
  utf8,
  type Macro,
  type Manifest
} from '@bims/core'
import { MacroCodec, RedactionTreeCodec, StepsCodec, ManifestImagesCodec } from '@bims/core'
import { codeOf, right } from '../fixtures/either.ts'
import { macro, manifest } from '../fixtures/example-records.ts'
import { saltOf, stepSalts } from '../fixtures/salts.ts'
import { bareStep } from '../macro/logs.ts'

const salts = () => {
  let n = 0
  return () => saltOf(`spill ${n++}`)
}

const longMacro = (n: number, words: string): Macro => {
  const steps = Array.from({ length: n }, (_, i) => bareStep(i, [], [`a@${i + 1}`], { doc: words }))
  const { root, size, tree } = redactSteps(steps, stepSalts(n), new Set(steps.map(step => step.index)))
  return {
    ...macro.record,
    outputs: [],
    steps,
    head: { session: 's', root, size },
    redaction: { ...macro.record.redaction, tree }
  }
}

describe('a record that would burst', () => {
  it('that fits stays as it is', () => {
    expect(spillRecord('macro', macro.record, salts())).toEqual({ record: macro.record, attachments: [] })
  })

  it('moves its longest list into an attachment, and no more than it must', () => {
    const long = longMacro(2000, 'x'.repeat(200))
    expect(codeOf(sealRecord('macro', long))).toBe('record-too-large')
    const { attachments, record } = spillRecord('macro', long, salts())
    expect(right(sealRecord('macro', record)).bytes.length).toBeLessThan(recordBounds.bytes)
    expect(attachments).toHaveLength(1)
    expect(isSpilled(record.steps)).toBe(true)
    expect(isSpilled(record.redaction.tree)).toBe(false)
    expect(right(unspill(record.steps, StepsCodec, attachments))).toEqual(long.steps)
  })

  it('moves both, where one is not enough', () => {
    const long = longMacro(6000, '')
    const { attachments, record } = spillRecord('macro', long, salts())
    expect(attachments).toHaveLength(2)
    expect(MacroCodec.is(record)).toBe(true)
    expect(right(unspill(record.redaction.tree, RedactionTreeCodec, attachments))).toEqual(long.redaction.tree)
    expect(new Set(attachments.map(attachment => attachment.salt)).size).toBe(2)
  })

  it('does so for the images of a manifest', () => {
    const [image] = manifest.record.images as Exclude<Manifest['images'], { attachment: unknown }>
    const many = {
      ...manifest.record,
      images: Array.from({ length: 2000 }, (_, i) => ({ ...image!, name: String(i), series: i }))
    }
    const { attachments, record } = spillRecord('image', many, salts())
    expect(right(unspill(record.images, ManifestImagesCodec, attachments))).toEqual(many.images)
    expect(spillRecord('image', record, salts())).toEqual({ record, attachments: [] })
  })
})

describe('an attachment', () => {
  const { attachment, bundled } = newAttachment(utf8('some bytes'), { name: 'x', mediaType: 'text/plain' }, saltOf('x'))

  it('comes back', () => {
    expect(attachmentBytes(attachment, [bundled])).toMatchObject({ right: utf8('some bytes') })
    expect(
      newAttachment(utf8('there'), { name: 'x', mediaType: 'text/plain', at: 'tiff:0/270' }, saltOf('x')).bundled
    ).not.toHaveProperty('bytes')
  })

  it.each([
    ['other bytes', { ...bundled, bytes: toBase64(utf8('Some bytes')) }],
    ['fewer bytes', { ...bundled, bytes: toBase64(utf8('some byte')) }],
    ['no bytes', { digest: bundled.digest, salt: bundled.salt }],
    ['what is not base64', { ...bundled, bytes: '????' }],
    ['another salt', { ...bundled, salt: toBase64(saltOf('y')) }],
    ['a salt that is not base64', { ...bundled, salt: '????' }],
    [
      'bytes that were told to be salt',
      { ...bundled, salt: toBase64(Uint8Array.of(...saltOf('x'), ...utf8('s'))), bytes: toBase64(utf8('ome bytes')) }
    ],
    ['another digest', { ...bundled, digest: bundled.digest.replace(/.$/, last => (last === '0' ? '1' : '0')) }]
  ])('is refused with %s', (_, entry) => {
    expect(codeOf(attachmentBytes(attachment, [entry]))).toBe('attachment-digest')
    expect(codeOf(attachmentBytes({ ...attachment, size: attachment.size - 1 }, [entry]))).toBe('attachment-digest')
  })

  it('in the place of a list must be one, canonical', () => {
    const spilled = (text: string) => {
      const made = newAttachment(utf8(text), { name: 'steps', mediaType: 'application/json' }, saltOf('steps'))
      return codeOf(unspill({ attachment: made.attachment }, StepsCodec, [made.bundled]))
    }
    const steps = new TextDecoder().decode(canonicalBytes(toJson([bareStep(0, [], [])])))
    expect(spilled(steps)).toBe('none')
    expect(spilled(`${steps} `)).toBe('json-not-canonical')
    expect(spilled('{}')).toBe('record-schema')
    expect(spilled('[1]')).toBe('record-schema')
    expect(spilled('not JSON')).toBe('json-syntax')
    expect(codeOf(unspill({ attachment }, StepsCodec, []))).toBe('attachment-digest')
  })
})
