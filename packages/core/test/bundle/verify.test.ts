import { beforeAll, describe, expect, it } from 'vitest'
import {
  bundleBytes,
  checkManifest,
  checkPixels,
  checkRedaction,
  checkSignatures,
  macroOf,
  newAttachment,
  newBundle,
  parseBundle,
  sealRecord,
  signRecord,
  spillRecord,
  stepsOf,
  utf8,
  withhold,
  type Bundle,
  type Macro,
  type ManifestImage,
  type ReadBundle,
  type SealedRecord
} from '@bims/core'
import * as E from 'fp-ts/lib/Either.js'
import { issue, newAuthority, signerOf, type Issued } from '../fixtures/certificates.ts'
import { codeOf, right } from '../fixtures/either.ts'
import { inExampleFile, newExampleBundle, reread } from '../fixtures/example-bundle.ts'
import { maskDigests } from '../fixtures/example-log.ts'
import { acquisition, comment, instrument, macro, manifest, native } from '../fixtures/example-records.ts'
import { saltOf } from '../fixtures/salts.ts'

let bundle: Bundle
let read: ReadBundle
let root: Issued
beforeAll(async () => {
  const made = await newExampleBundle()
  bundle = made.bundle
  root = made.root
  read = right(parseBundle(made.bytes))
})

const image: ManifestImage = {
  name: '0',
  series: 0,
  role: 'data',
  axes: ['y', 'x'],
  shape: [4, 6],
  dtype: 'uint8',
  ...maskDigests
}
const manifestCheck = (changed: Partial<Bundle>, inFile = inExampleFile) =>
  checkManifest(reread({ ...bundle, ...changed }), inFile)
const withRecords = (...records: readonly (SealedRecord | string)[]): Partial<Bundle> => ({
  records: newBundle({ manifest, records }).records
})

describe('the example', () => {
  it('passes every check', async () => {
    expect(await checkManifest(read, inExampleFile)).toMatchObject({ name: 'manifest', status: 'pass' })
    expect(checkPixels(read, [image])).toMatchObject({ name: 'pixels', status: 'pass' })
    expect(checkRedaction(read)).toMatchObject({ name: 'redaction', status: 'pass' })
    expect(checkRedaction(read).why).toContain('not from a replay')
    const signed = await checkSignatures(read, [root.certificate])
    expect(signed).toMatchObject({ check: { name: 'signature', status: 'pass' }, signedUnderRoot: true })
    expect(signed.check.why).toContain('signed by CN=scientist@example under CN=Example Lab Root; the acquisition')
    expect(right(stepsOf(read)).map(step => step.index)).toEqual([0, 3, 4, 6])
  })
})

describe('pixels', () => {
  it.each<[string, readonly ManifestImage[], string]>([
    [
      'other pixels',
      [{ ...image, digest: image.digest.replace(/.$/, last => (last === '0' ? '1' : '0')) }],
      'not those that were saved'
    ],
    [
      'another shape',
      [{ ...image, shape: [6, 4], digest: `bims-pixels-1:${'0'.repeat(64)}` }],
      'was uint8 y=4 x=6 when saved and is uint8 y=6 x=4 now'
    ],
    ['another content key', [{ ...image, content: '0'.repeat(64) }], 'content key'],
    ['no image', [], 'is not in the file'],
    ['one image more', [image, { ...image, name: '1' }], 'is not in the manifest']
  ])('with %s fail', (_, found, why) => {
    expect(checkPixels(read, found)).toMatchObject({ status: 'fail' })
    expect(checkPixels(read, found).why).toContain(why)
  })
})

describe('the manifest', () => {
  it('needs the records that it names', async () => {
    expect((await manifestCheck(withRecords(instrument, acquisition))).why).toContain('the macro sha256:')
    expect((await manifestCheck(withRecords(instrument, macro))).why).toContain('the acquisition sha256:')
    expect((await manifestCheck(withRecords(acquisition, macro))).status).toBe('pass')
    expect((await manifestCheck({ records: [] })).status).toBe('fail')
  })

  it('takes an id in the place of a record, which is then not looked at', async () => {
    const byId = withRecords(instrument, acquisition.id, macro.id)
    expect((await manifestCheck(byId)).status).toBe('pass')
    expect(checkRedaction(reread({ ...bundle, ...byId }))).toMatchObject({ status: 'not-checked' })
    expect(macroOf(reread({ ...bundle, ...byId }))).toBeUndefined()
    expect(codeOf(stepsOf(reread({ ...bundle, ...byId })))).toBe('no-macro')
    expect((await checkSignatures(reread({ ...bundle, ...byId }), [root.certificate])).check.why).toContain(
      'is not here'
    )
  })

  it('knows no strangers', async () => {
    const stranger = right(sealRecord('instrument', { ...instrument.record, serial: '43' }))
    expect((await manifestCheck(withRecords(stranger, acquisition, macro))).why).toContain(
      `nothing names the instrument ${stranger.id}`
    )
    expect((await manifestCheck(withRecords(stranger, instrument, acquisition, macro))).status).toBe('fail')
    const changed = right(sealRecord('macro', { ...macro.record, language: 'python', host: { name: 'Other' } }))
    const exchanged = await manifestCheck(withRecords(instrument, acquisition, changed))
    expect(exchanged.why).toContain(`the macro ${macro.id} is not in the bundle`)
    expect(exchanged.why).toContain(`nothing names the macro ${changed.id}`)
    // The only macro is looked at, although it is not the one that is named.
    expect(checkRedaction(reread({ ...bundle, ...withRecords(instrument, acquisition, changed) })).status).toBe('pass')
  })

  it('names records by their kind', async () => {
    const wrong = right(sealRecord('image', { ...manifest.record, acquisitions: [instrument.id] }))
    const check = await checkManifest(
      reread(newBundle({ manifest: wrong, records: [instrument, macro] })),
      inExampleFile
    )
    expect(check.why).toContain('is named as acquisition and is of kind instrument')
  })

  it('takes the records of its sources along', async () => {
    const later = right(
      sealRecord('image', { ...manifest.record, sources: [{ ...manifest.record.sources[0]!, manifest: manifest.id }] })
    )
    const parts = {
      manifest: later,
      records: [manifest, instrument, acquisition, macro],
      attachments: bundle.attachments,
      openings: bundle.openings
    }
    expect((await checkManifest(reread(newBundle(parts)), inExampleFile)).status).toBe('pass')
    expect(
      (await checkManifest(reread(newBundle({ ...parts, records: [instrument, acquisition, macro] })), inExampleFile))
        .status
    ).toBe('pass')
  })

  it('holds an output of its macro', async () => {
    const record: Macro = {
      ...macro.record,
      outputs: [{ ...macro.record.outputs[0]!, digest: `bims-pixels-1:${'0'.repeat(64)}` }]
    }
    const other = right(sealRecord('macro', record))
    const named = right(sealRecord('image', { ...manifest.record, macro: other.id }))
    expect(
      (
        await checkManifest(
          reread(newBundle({ manifest: named, records: [instrument, acquisition, other] })),
          inExampleFile
        )
      ).why
    ).toContain('no output of the macro')
  })

  it('needs openings that open', async () => {
    const opening = withhold('someone else', saltOf('other')).opening
    expect((await manifestCheck({ openings: [{ ...bundle.openings[0]!, value: 'forged' }] })).why).toContain(
      'does not match'
    )
    expect((await manifestCheck({ openings: [{ ...opening, withheld: bundle.openings[0]!.withheld }] })).status).toBe(
      'fail'
    )
    expect((await manifestCheck({ openings: [] })).status).toBe('pass')
  })
})

describe('attachments', () => {
  it('stand in the bundle or in the file', async () => {
    expect((await checkManifest(read, () => Promise.resolve(undefined))).why).toContain('should stand at tiff:0/270')
    expect((await checkManifest(read, () => Promise.resolve(utf8('other')))).why).toContain(
      'comment at tiff:0/270 was changed'
    )
    expect(
      (await manifestCheck({ attachments: [{ ...native.bundled, bytes: 'AAAA' }, comment.bundled] })).why
    ).toContain('native.ini')
    expect(
      (
        await manifestCheck({
          attachments: [{ digest: native.bundled.digest, salt: native.bundled.salt }, comment.bundled]
        })
      ).why
    ).toContain('does not hold the bytes')
    expect(
      (await manifestCheck({ attachments: [native.bundled, { ...comment.bundled, salt: native.bundled.salt }] })).status
    ).toBe('fail')
  })

  it('stand in the bundle alone where it was carried into another file', async () => {
    const there = Buffer.from((await inExampleFile('tiff:0/270')) ?? []).toString()
    const inOther = (text: string): ReturnType<typeof checkManifest> =>
      manifestCheck(
        { attachments: [native.bundled, { ...comment.bundled, bytes: Buffer.from(text).toString('base64') }] },
        () => Promise.resolve(utf8('other'))
      )
    expect((await inOther(there)).status).toBe('pass')
    expect((await inOther(`${there}!`)).why).toContain('do not match their digest')
  })

  it('may stay with their owner, which is told', async () => {
    expect(await manifestCheck({ attachments: [] })).toMatchObject({
      status: 'pass',
      why: expect.stringContaining('2 attachments are not here') as string
    })
  })

  it('that no record names, or that are there twice, do not belong', async () => {
    const stranger = newAttachment(utf8('x'), { name: 'x', mediaType: 'text/plain' }, saltOf('x')).bundled
    expect((await manifestCheck({ attachments: [...bundle.attachments, stranger] })).why).toContain(
      'no record names the attachment'
    )
    expect((await manifestCheck({ attachments: [...bundle.attachments, native.bundled] })).why).toContain('twice')
  })

  it('of steps that stand in an attachment themselves are looked at too', async () => {
    const strokes = newAttachment(utf8('strokes'), { name: 'strokes', mediaType: 'text/plain' }, saltOf('strokes'))
    const steps = right(stepsOf(read)).map((step, i) => ({
      ...step,
      ...(i === 0 ? { attachments: [strokes.attachment] } : {}),
      doc: 'x'.repeat(100_000)
    }))
    const long = spillRecord('macro', { ...macro.record, steps }, () => saltOf('steps'))
    const sealed = right(sealRecord('macro', long.record))
    const named = right(sealRecord('image', { ...manifest.record, macro: sealed.id }))
    const parts = (bytes: string) =>
      newBundle({
        manifest: named,
        records: [instrument, acquisition, sealed],
        attachments: [...bundle.attachments, ...long.attachments, { ...strokes.bundled, bytes }]
      })
    expect((await checkManifest(reread(parts(strokes.bundled.bytes as string)), inExampleFile)).status).toBe('pass')
    expect((await checkManifest(reread(parts('AAAA')), inExampleFile)).why).toContain('strokes')
  })

  it('are not confused with values that look like them', async () => {
    const lookalike = { mediaType: 5, digest: native.bundled.digest, size: 'x', at: { a: 1 }, name: null }
    const record: Macro = { ...macro.record, environment: { ...macro.record.environment, lookalike } as never }
    const other = right(sealRecord('macro', record))
    const named = right(sealRecord('image', { ...manifest.record, macro: other.id }))
    const check = await checkManifest(
      reread(
        newBundle({ manifest: named, records: [instrument, acquisition, other], attachments: bundle.attachments })
      ),
      inExampleFile
    )
    expect(check.status).toBe('pass')
  })
})

describe('the redaction', () => {
  const withMacro = (record: Macro): ReadBundle => {
    const other = right(sealRecord('macro', record))
    return reread(
      newBundle({
        manifest: right(sealRecord('image', { ...manifest.record, macro: other.id })),
        records: [instrument, acquisition, other]
      })
    )
  }

  it('says how it is known, and never calls a static one replayed', () => {
    const proof = { kind: 'replayed', executor: 'js', digest: maskDigests.digest } as const
    expect(
      checkRedaction(withMacro({ ...macro.record, redaction: { ...macro.record.redaction, proof } })).why
    ).toContain('were replayed (js) to the same pixels')
    const other = { ...proof, digest: `bims-pixels-1:${'0'.repeat(64)}` }
    expect(
      checkRedaction(withMacro({ ...macro.record, redaction: { ...macro.record.redaction, proof: other } })).status
    ).toBe('fail')
  })

  it('fails with any step changed', () => {
    const steps = right(stepsOf(read))
    for (let i = 0; i < steps.length; i++) {
      expect(
        checkRedaction(
          withMacro({ ...macro.record, steps: steps.map((step, at) => (at === i ? { ...step, doc: '' } : step)) })
        ).status
      ).toBe('fail')
      expect(checkRedaction(withMacro({ ...macro.record, steps: steps.filter((_, at) => at !== i) })).status).toBe(
        'fail'
      )
    }
  })

  it('is not looked at without a macro', () => {
    const bare = reread(
      newBundle({ manifest: right(sealRecord('image', { ...manifest.record, macro: undefined })), records: [] })
    )
    expect(checkRedaction(bare)).toMatchObject({ status: 'not-checked' })
    expect(checkRedaction(reread({ ...bundle, records: [] }))).toMatchObject({ status: 'fail' })
  })
})

describe('signatures', () => {
  const signatures = (changed: Bundle['signatures'], roots = [root]) =>
    checkSignatures(
      reread({ ...bundle, signatures: changed }),
      roots.map(one => one.certificate)
    )

  it('without a root are mathematics only', async () => {
    expect(await checkSignatures(read, [])).toMatchObject({ check: { status: 'not-checked' }, signedUnderRoot: false })
    expect(await signatures([])).toMatchObject({
      check: { status: 'not-checked', why: 'nobody has signed the manifest' }
    })
  })

  it('over the manifest must lead to a given root', async () => {
    const other = await issue('Example Lab Root', { authority: true })
    expect(await signatures(bundle.signatures, [other])).toMatchObject({
      check: { status: 'fail' },
      signedUnderRoot: false
    })
    expect((await signatures(bundle.signatures, [other, root])).check.status).toBe('pass')
  })

  it('over a record may lead to none, which is told', async () => {
    const [own] = bundle.signatures
    const vendor = await newAuthority()
    const foreign = right(await signRecord(acquisition, vendor.signer)())
    const check = await signatures([own!, foreign])
    expect(check).toMatchObject({ check: { status: 'pass' }, signedUnderRoot: true })
    expect(check.check.why).toContain(
      `the acquisition ${acquisition.id} is signed by CN=scientist@example, under no given root`
    )
    expect((await signatures([own!, { ...foreign, signature: own!.signature }])).check.status).toBe('fail')
    expect((await signatures([own!, { ...foreign, certificates: ['AAAA'] }])).check.status).toBe('fail')
    // A further signature over the manifest by someone unknown takes nothing away.
    const second = right(await signRecord(manifest, vendor.signer)())
    expect((await signatures([second, own!])).check.status).toBe('pass')
    expect((await signatures([second])).check.status).toBe('fail')
  })

  it('over records alone, or over what is not there, do not count', async () => {
    expect((await signatures(bundle.signatures.slice(1))).check.status).toBe('fail')
    const gone = { ...bundle.signatures[1]!, over: `sha256:${'0'.repeat(64)}` }
    expect((await signatures([bundle.signatures[0]!, gone])).check.status).toBe('fail')
    const forged = right(sealRecord('image', { ...manifest.record, created: '2027-01-01T00:00:00Z' }))
    const moved = await checkSignatures(right(parseBundle(bundleBytes({ ...bundle, manifest: forged.record }))), [
      root.certificate
    ])
    expect(moved.check).toMatchObject({ status: 'fail' })
    expect(moved.check.why).toContain('it was changed after signing')
  })

  it('by the example’s own signer can be told apart', async () => {
    expect(E.isRight(await signRecord(manifest, signerOf(root))())).toBe(true)
  })
})
