import 'reflect-metadata'
import { createPublicKey, generateKeyPairSync, sign, verify, X509Certificate } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import * as x509 from '@peculiar/x509'
import { embeddedMarkerOid } from '@bims/ledger'
import { newAuthority, openAuthority } from '../../src/ca/authority.ts'
import { attributesOid } from '../../src/ca/extensions.ts'
import { identityText, readIdentityText } from '../../src/ca/identity-file.ts'
import { isLowS, toLowS } from '../../src/ca/low-s.ts'

const extension = (pem: string, oid: string): x509.Extension | null => new x509.X509Certificate(pem).getExtension(oid)

describe('newAuthority', async () => {
  const authority = await newAuthority({ name: 'ca.org1', organization: 'org1', embedded: true })
  const root = new X509Certificate(authority.credential.certificate)

  it('signs itself and says that it is an authority', () => {
    expect(root.ca).toBe(true)
    expect(root.verify(root.publicKey)).toBe(true)
    expect(extension(authority.credential.certificate, '2.5.29.14')).not.toBeNull()
    expect(extension(authority.credential.certificate, embeddedMarkerOid)?.critical).toBe(false)
  })

  it('issues identities with a role, attributes, key identifiers and the marker', async () => {
    const alice = await authority.issue({ name: 'alice', role: 'client', attributes: { 'bims.role': 'scientist' } })
    const leaf = new X509Certificate(alice.certificate)
    expect(leaf.checkIssued(root)).toBe(true)
    expect(leaf.verify(root.publicKey)).toBe(true)
    expect(leaf.subject.split('\n')).toEqual(['O=org1', 'OU=client', 'CN=alice'])
    expect(new Date(leaf.validFrom).getTime()).toBeGreaterThanOrEqual(new Date(root.validFrom).getTime())
    const attributes = extension(alice.certificate, attributesOid)
    expect(attributes?.critical).toBe(false)
    expect(JSON.parse(Buffer.from(attributes!.value).toString())).toEqual({
      attrs: { 'bims.role': 'scientist', 'hf.EnrollmentID': 'alice', 'hf.Type': 'client' }
    })
    expect(extension(alice.certificate, embeddedMarkerOid)).not.toBeNull()
    const ski = new x509.X509Certificate(authority.credential.certificate).getExtension(
      x509.SubjectKeyIdentifierExtension
    )
    const aki = new x509.X509Certificate(alice.certificate).getExtension(x509.AuthorityKeyIdentifierExtension)
    expect(aki?.keyId).toBe(ski?.keyId)
    const signature = sign('sha256', Buffer.from('x'), alice.privateKey)
    expect(verify('sha256', Buffer.from('x'), createPublicKey(alice.certificate), signature)).toBe(true)
  })

  it('has low-S signatures in every certificate', async () => {
    for (let i = 0; i < 12; i++) {
      const { certificate } = await authority.issue({ name: `u${i}`, role: 'client' })
      const raw = Buffer.from(new x509.X509Certificate(certificate).rawData)
      const start = [68, 69, 70, 71, 72]
        .map(n => raw.subarray(raw.length - n))
        .find(s => s[0] === 0x30 && s[1] === s.length - 2)
      expect(isLowS(start!)).toBe(true)
    }
  })

  it('issues TLS certificates for names and addresses', async () => {
    const server = new X509Certificate((await authority.issueServer(['localhost', '127.0.0.1'])).certificate)
    expect(server.checkHost('localhost')).toBe('localhost')
    expect(server.checkIP('127.0.0.1')).toBe('127.0.0.1')
  })

  it('opens again from what was kept, and refuses what is not an authority', async () => {
    const again = await openAuthority(authority.credential)
    const bob = await again.issue({ name: 'bob', role: 'peer' })
    expect(new X509Certificate(bob.certificate).verify(root.publicKey)).toBe(true)
    expect(extension(bob.certificate, embeddedMarkerOid)).not.toBeNull()
    await expect(openAuthority(bob)).rejects.toMatchObject({ code: 'identity-malformed' })
    await expect(openAuthority({ certificate: 'x', privateKey: 'y' })).rejects.toMatchObject({
      code: 'identity-malformed'
    })
  })

  it('leaves the marker out where it is not asked for', async () => {
    const plain = await newAuthority({ name: 'ca', organization: 'lab', embedded: false })
    expect(extension(plain.credential.certificate, embeddedMarkerOid)).toBeNull()
  })

  it('writes an identity file and reads it back', async () => {
    const carol = await authority.issue({ name: 'carol', role: 'client' })
    expect(readIdentityText(identityText(carol, [authority.credential.certificate]))).toEqual(carol)
    expect(() => readIdentityText('nothing')).toThrow(expect.objectContaining({ code: 'identity-malformed' }))
  })
})

describe('low-S', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })

  it('makes every signature low-S and leaves it valid', () => {
    fc.assert(
      fc.property(fc.uint8Array(), data => {
        const low = toLowS(sign('sha256', data, privateKey))
        expect(isLowS(low)).toBe(true)
        expect(verify('sha256', data, publicKey, low)).toBe(true)
        expect(toLowS(low)).toEqual(low)
      })
    )
  })

  it('says no to what is no signature, and never throws', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 80 }), bytes => void [isLowS(bytes), toLowS(bytes)]))
    expect(isLowS(new Uint8Array())).toBe(false)
    expect(isLowS(Uint8Array.of(0x30, 6, 2, 1, 0, 2, 1, 0))).toBe(false)
  })
})
