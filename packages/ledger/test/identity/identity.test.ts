import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import * as E from 'fp-ts/lib/Either.js'
import fc from 'fast-check'
import { fromDerSignature } from '@bims/core'
import { readIdentity } from '../../src/identity/identity.ts'
import { expectLeft, expectRight } from '../stub/records.ts'
import { newCertificate } from '../stub/certificate.ts'

const { certificate, key } = await newCertificate('alice')
const other = await newCertificate('bob')
const bytes = (...parts: string[]): Uint8Array => Buffer.from(parts.join('\n'))

describe('readIdentity', () => {
  it('reads chain and key, and signs low-S', async () => {
    const identity = expectRight(readIdentity(bytes('some words', certificate, other.certificate, key)))
    expect(identity.certificates).toHaveLength(2)
    expect(identity.subject).toBe('CN=alice')
    for (let i = 0; i < 30; i++) {
      const message = Buffer.from(`message ${i}`)
      const signature = expectRight(await identity.sign(message)())
      expect(fromDerSignature(signature)).toHaveLength(64)
      expect(verify('sha256', message, createPublicKey(certificate), signature)).toBe(true)
    }
  })

  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString()
  const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString()
  it.each([
    ['no key', bytes(certificate)],
    ['no certificate', bytes(key)],
    ['two keys', bytes(certificate, key, key)],
    ['the key of another', bytes(certificate, other.key)],
    ['the chain in the wrong order', bytes(other.certificate, certificate, key)],
    ['an RSA key', bytes(certificate, rsa)],
    ['a key on another curve', bytes(certificate, p384)],
    ['an encrypted key', bytes(certificate, key.replaceAll('PRIVATE', 'ENCRYPTED PRIVATE'))],
    ['a damaged certificate', bytes(certificate.replace('MII', 'AAA'), key)],
    ['too much', new Uint8Array(300 * 1024)],
    ['nothing', new Uint8Array()]
  ])('refuses %s', (_, file) => {
    expect(expectLeft(readIdentity(file)).code).toBe('identity-malformed')
  })

  it('never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.nat(key.length), (noise, at) => {
        const text = bytes(certificate, key.slice(0, at), Buffer.from(noise).toString('latin1'), key.slice(at))
        expect(E.isRight(readIdentity(text)) || E.isLeft(readIdentity(text))).toBe(true)
      })
    )
  })
})
