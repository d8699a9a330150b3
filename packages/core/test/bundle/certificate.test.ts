import 'reflect-metadata'
import * as x509 from '@peculiar/x509'
import * as E from 'fp-ts/lib/Either.js'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { parseCertificate, parsePem, utf8, verifyChain } from '@bims/core'
import { endOfSigned, issue, newAuthority, type Issued } from '../fixtures/certificates.ts'
import { codeOf, left } from '../fixtures/either.ts'

// Much work, and machines may be busy: no test here fails on a time.
vi.setConfig({ testTimeout: 300_000 })

const chain = (issued: readonly Issued[], roots: readonly Issued[]) =>
  verifyChain(
    issued.map(one => one.certificate),
    roots.map(one => one.certificate)
  )()
const why = async (issued: readonly Issued[], roots: readonly Issued[]): Promise<string> => {
  const result = await chain(issued, roots)
  return E.isLeft(result) ? `${result.left.code}: ${result.left.what}` : `under ${result.right.subject}`
}

describe('a chain of certificates', () => {
  it('leads to its root, and to no other', async () => {
    const { authority, root, scientist } = await newAuthority()
    const other = await issue('Example Lab Root', { authority: true })
    expect(await why([scientist, authority], [other, root])).toBe('under CN=Example Lab Root')
    expect(await why([scientist, authority, root], [root])).toBe('under CN=Example Lab Root')
    expect(await why([scientist, authority], [authority])).toBe('under CN=Example Lab Authority')
    expect(await why([scientist], [authority])).toBe('under CN=Example Lab Authority')
    expect(await why([scientist, authority], [other])).toContain('its signature is not by the issuer it names')
    expect(await why([scientist], [root])).toContain('leads to no given root')
    expect(await why([scientist, authority, root], [])).toContain('leads to no given root')
    expect(await why([], [root])).toContain('A chain has 1 to 10')
    expect(
      await why(
        Array.from({ length: 11 }, () => authority),
        [root]
      )
    ).toContain('A chain has 1 to 10')
  })

  it('never trusts what it brings itself', async () => {
    const { root } = await newAuthority()
    const own = await issue('Example Lab Root', { authority: true })
    const leaf = await issue('mallory', { issuer: own })
    expect(await why([leaf, own], [root])).toContain('certificate-invalid')
    const self = await issue('mallory')
    expect(await why([self], [root])).toContain('certificate-invalid')
    expect(await why([self], [self])).toContain('is not a certificate authority')
  })

  it('is looked at when the leaf became valid', async () => {
    const root = await issue('Old Root', {
      authority: true,
      from: '2000-01-01T00:00:00Z',
      until: '2020-01-01T00:00:00Z'
    })
    const expired = await issue('old', { issuer: root, from: '2010-01-01T00:00:00Z', until: '2011-01-01T00:00:00Z' })
    expect(await why([expired], [root])).toBe('under CN=Old Root')
    const late = await issue('late', { issuer: root, from: '2021-01-01T00:00:00Z' })
    expect(await why([late], [root])).toContain("was not valid when the signer's certificate began")
    const early = await issue('early', { issuer: root, from: '1999-01-01T00:00:00Z' })
    expect(await why([early], [root])).toContain("was not valid when the signer's certificate began")
    const backwards = await issue('backwards', {
      issuer: root,
      from: '2015-01-01T00:00:00Z',
      until: '2014-01-01T00:00:00Z'
    })
    expect(await why([backwards], [root])).toContain('was not valid')
  })

  it('goes through authorities only, and as many as they allow', async () => {
    const root = await issue('Root', { authority: 1 })
    const first = await issue('First', { issuer: root, authority: true })
    const second = await issue('Second', { issuer: first, authority: true })
    const leaf = await issue('leaf', { issuer: first })
    expect(await why([leaf, first], [root])).toBe('under CN=Root')
    expect(await why([await issue('deep', { issuer: second }), second, first], [root])).toContain(
      'may not have so many authorities below it'
    )
    expect(await why([await issue('under a leaf', { issuer: leaf }), leaf, first], [root])).toContain(
      'is not a certificate authority'
    )
    const mute = await issue('Mute', { issuer: root, authority: true, usages: x509.KeyUsageFlags.cRLSign })
    expect(await why([await issue('under mute', { issuer: mute }), mute], [root])).toContain(
      'may not sign certificates'
    )
  })

  it('of a key for something else, or with a critical extension that is not understood, is refused', async () => {
    const root = await issue('Root', { authority: true })
    expect(
      await why([await issue('tls', { issuer: root, usages: x509.KeyUsageFlags.keyAgreement })], [root])
    ).toContain('is not for signing')
    const strange = new x509.Extension('1.2.3.4', true, utf8('x').buffer as ArrayBuffer)
    expect(await why([await issue('strange', { issuer: root, extensions: [strange] })], [root])).toContain(
      'critical extension 1.2.3.4'
    )
    const known = new x509.Extension('1.2.3.4', false, utf8('x').buffer as ArrayBuffer)
    expect(await why([await issue('familiar', { issuer: root, extensions: [known] })], [root])).toBe('under CN=Root')
  })

  it('that goes in a circle ends', async () => {
    const [a, b] = [await issue('A', { authority: true }), await issue('B', { authority: true })]
    const ab = await issue('A', { issuer: b, authority: true, keys: a.keys })
    const ba = await issue('B', { issuer: a, authority: true, keys: b.keys })
    const leaf = await issue('leaf', { issuer: a })
    const root = await issue('Root', { authority: true })
    expect(codeOf(await chain([leaf, ab, ba], [root]))).toBe('certificate-invalid')
  })
})

describe('reading certificates', () => {
  it('takes DER and PEM', async () => {
    const { root, scientist } = await newAuthority()
    const pem = `${root.certificate.toString('pem')}\n text between \n${scientist.certificate.toString('pem')}`
    const parsed = parsePem(pem)
    expect(E.isRight(parsed) && parsed.right.map(one => one.subject)).toEqual([
      'CN=Example Lab Root',
      'CN=scientist@example'
    ])
    expect(codeOf(parsePem('no certificate'))).toBe('certificate-invalid')
    expect(codeOf(parsePem('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'))).toBe('certificate-invalid')
    expect(left(parseCertificate(new Uint8Array())).code).toBe('certificate-invalid')
    expect(codeOf(parsePem('-----BEGIN CERTIFICATE-----'.repeat(20_000)))).toBe('certificate-invalid')
  })

  it('never throws, nor does what is done with what was read', async () => {
    const { authority, root, scientist } = await newAuthority()
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat({ max: scientist.der.length - 1 }), fc.nat({ max: 255 })), {
          minLength: 1,
          maxLength: 4
        }),
        async changes => {
          const der = Uint8Array.from(scientist.der)
          for (const [at, value] of changes) der[at] = value
          const parsed = parseCertificate(der)
          if (E.isLeft(parsed)) {
            expect(parsed.left.code).toBe('certificate-invalid')
            return
          }
          const result = await verifyChain([parsed.right, authority.certificate], [root.certificate])()
          // What the issuer signed begins at byte 4; behind it stands the name of the algorithm, which it signed as well.
          const signed = endOfSigned(scientist.der)
          if (changes.some(([at]) => at < signed && der[at] !== scientist.der[at])) expect(E.isLeft(result)).toBe(true)
        }
      ),
      { numRuns: 1500 }
    )
  })
})
