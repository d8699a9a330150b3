import * as E from 'fp-ts/lib/Either.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  fromBase64,
  newError,
  payloadType,
  preAuthenticationEncoding,
  signRecord,
  toBase64,
  utf8,
  verifySignature,
  type SealedRecord,
  type Signature
} from '@bims/core'
import { issue, newAuthority, signerOf, type Issued } from '../fixtures/certificates.ts'
import { codeOf, right } from '../fixtures/either.ts'
import { acquisition, manifest } from '../fixtures/example-records.ts'

let root: Issued
let signature: Signature
let other: Signature
beforeAll(async () => {
  const made = await newAuthority()
  root = made.root
  signature = right(await signRecord(manifest, made.signer)())
  other = right(
    await signRecord(manifest, signerOf(await issue('someone else', { issuer: made.authority }), made.authority))()
  )
})

const code = async (changed: Partial<Signature>, sealed: SealedRecord = manifest): Promise<string> =>
  codeOf(await verifySignature({ ...signature, ...changed }, sealed, [root.certificate])())
const bytesOf = (text: string): Uint8Array => fromBase64(text) ?? new Uint8Array()

describe('the pre-authentication encoding', () => {
  it('is that of DSSE', () => {
    expect(
      new TextDecoder().decode(preAuthenticationEncoding('http://example.com/HelloWorld', utf8('hello world')))
    ).toBe('DSSEv1 29 http://example.com/HelloWorld 11 hello world')
    expect(new TextDecoder().decode(preAuthenticationEncoding('µ', utf8('')))).toBe('DSSEv1 2 µ 0 ')
    expect(payloadType('image')).toBe('application/vnd.bims.image+json')
  })
})

describe('a signature', () => {
  it('is over the record that it names', async () => {
    expect(await verifySignature(signature, manifest, [root.certificate])()).toEqual(
      E.right({ over: manifest.id, signer: 'CN=scientist@example', root: 'CN=Example Lab Root' })
    )
    expect(await verifySignature(signature, manifest, [])()).toEqual(
      E.right({ over: manifest.id, signer: 'CN=scientist@example' })
    )
    expect(bytesOf(signature.signature).length).toBeLessThanOrEqual(71)
  })

  it('is refused where anything of it or of what it is over differs', async () => {
    const der = bytesOf(signature.signature)
    expect(await code({ over: acquisition.id })).toBe('signature-invalid')
    expect(await code({ over: acquisition.id }, acquisition)).toBe('signature-invalid')
    expect(await code({}, { ...manifest, bytes: Uint8Array.of(...manifest.bytes, 32) })).toBe('signature-invalid')
    expect(await code({}, { ...manifest, kind: 'macro' } as never)).toBe('signature-invalid')
    expect(await code({ signature: other.signature })).toBe('signature-invalid')
    expect(await code({ certificates: other.certificates })).toBe('signature-invalid')
    expect(await code({ certificates: [] })).toBe('signature-invalid')
    expect(await code({ certificates: ['AAAA'] })).toBe('certificate-invalid')
    expect(await code({ certificates: ['?'] })).toBe('signature-invalid')
    expect(await code({ certificates: signature.certificates.slice(0, 1) })).toBe('certificate-invalid')
    expect(await code({ certificates: signature.certificates.toReversed() })).toBe('signature-invalid')
    expect(await code({ signature: '' })).toBe('signature-invalid')
    for (let i = 0; i < der.length; i++) {
      expect(
        await code({ signature: toBase64(der.map((byte, at) => (at === i ? byte ^ 1 : byte))) }),
        `byte ${i}`
      ).toBe('signature-invalid')
    }
  })

  it('is refused with a high S and in DER that is not strict', async () => {
    const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
    const der = bytesOf(signature.signature)
    const rEnd = 4 + (der[3] as number)
    const s = der.subarray(rEnd + 2).reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n)
    const high = (order - s).toString(16).padStart(64, '0')
    const highBytes = [0, ...(high.match(/../g) ?? []).map(pair => Number.parseInt(pair, 16))]
    const body = [...der.subarray(2, rEnd), 2, highBytes.length, ...highBytes]
    expect(await code({ signature: toBase64(Uint8Array.of(0x30, body.length, ...body)) })).toBe('signature-invalid')
    expect(await code({ signature: toBase64(Uint8Array.of(0x30, 0x81, der.length - 2, ...der.subarray(2))) })).toBe(
      'signature-invalid'
    )
    expect(await code({ signature: toBase64(Uint8Array.of(...der, 0)) })).toBe('signature-invalid')
  })

  it('by a key that is not on P-256 is refused', async () => {
    const rsa = await crypto.subtle.generateKey(
      { name: 'RSASSA-PKCS1-v1_5', modulusLength: 2048, publicExponent: Uint8Array.of(1, 0, 1), hash: 'SHA-256' },
      true,
      ['sign', 'verify']
    )
    const p384 = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-384' }, true, ['sign', 'verify'])
    const authority = await issue('Authority', { authority: true })
    for (const keys of [rsa, p384]) {
      const leaf = await issue('leaf', { issuer: authority, keys })
      expect(await code({ certificates: [toBase64(leaf.der)] })).toBe('signature-invalid')
    }
  })

  it('fails as its signer does', async () => {
    const failing = { certificates: [], sign: () => TE.left(newError('identity-malformed', 'no key', 'bring one')) }
    expect(codeOf(await signRecord(manifest, failing)())).toBe('identity-malformed')
  })
})
