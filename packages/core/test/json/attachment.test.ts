import { expect, it } from 'vitest'
import { AttachmentCodec, attachmentDigest, isSpilled, sha256, toHex, utf8 } from '@bims/core'
import { saltOf } from '../fixtures/salts.ts'

it('an attachment is named by SHA-256(0x03, salt, bytes)', () => {
  expect(attachmentDigest(saltOf('a'), utf8('bytes'))).toBe(
    `sha256:${toHex(sha256(Uint8Array.of(3), saltOf('a'), utf8('bytes')))}`
  )
})

it('a list stands in its record or in an attachment', () => {
  const attachment = {
    name: 'steps',
    mediaType: 'application/json',
    size: 2,
    digest: attachmentDigest(saltOf('a'), utf8('[]'))
  }
  expect(AttachmentCodec.is(attachment)).toBe(true)
  for (const bad of [
    { ...attachment, size: -1 },
    { ...attachment, digest: 'x' },
    { ...attachment, at: 5 },
    { ...attachment, name: undefined }
  ])
    expect(AttachmentCodec.is(bad)).toBe(false)
  expect(isSpilled({ attachment })).toBe(true)
  expect(isSpilled<readonly number[]>([1])).toBe(false)
})
