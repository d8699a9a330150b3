import { describe, expect, it } from 'vitest'
import * as E from 'fp-ts/lib/Either.js'
import fc from 'fast-check'
import { identityPath, maxProfileBytes, parseProfile, profileText } from '../../src/profile/profile.ts'
import type { Profile } from '../../src/profile/profile.ts'

const pem = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n'
const profile: Profile = {
  schema: 'bims.profile/1',
  channel: 'bims',
  chaincode: 'bims',
  kind: 'embedded',
  organizations: [
    {
      name: 'org1',
      mspId: 'Org1MSP',
      peers: [{ endpoint: '127.0.0.1:7051', hostOverride: 'peer0.org1' }],
      tlsRoot: pem,
      mspRoots: [pem],
      identities: { alice: 'identities/org1/alice.pem' }
    }
  ],
  defaultIdentity: 'org1/alice'
}
const bytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value))
const first = profile.organizations[0]!
const issuesOf = (value: unknown): readonly string[] => {
  const parsed = parseProfile(bytes(value))
  if (E.isRight(parsed)) return []
  expect(parsed.left.code).toBe('profile-malformed')
  return (parsed.left.issues ?? []).map(issue => issue.at)
}

describe('parseProfile', () => {
  it('reads what profileText wrote, and keeps members that it does not know', () => {
    expect(parseProfile(new TextEncoder().encode(profileText(profile)))).toEqual(E.right(profile))
    const more = { ...profile, extra: { of: 'later' } }
    expect(parseProfile(bytes(more))).toEqual(E.right(more))
  })

  it('reports every place that is wrong, by its path', () => {
    const wrong = {
      ...profile,
      channel: 7,
      kind: 'other',
      organizations: [
        { ...first, peers: [{ endpoint: 'nowhere' }], mspRoots: [], identities: { alice: '../../etc/passwd' } }
      ]
    }
    expect(issuesOf(wrong)).toEqual(
      expect.arrayContaining([
        'channel',
        'kind',
        'organizations.0.peers.0.endpoint',
        'organizations.0.mspRoots',
        'organizations.0.identities.alice'
      ])
    )
  })

  it.each(['/etc/passwd', '../x.pem', 'a/../../x.pem', 'C:\\x', 'a\\b', 'a\0b', ''])(
    'refuses the identity path %j',
    path => {
      expect(issuesOf({ ...profile, organizations: [{ ...first, identities: { alice: path } }] })).toHaveLength(1)
    }
  )

  it('refuses organisations that share a name or an mspId, and a default identity that is not listed', () => {
    expect(issuesOf({ ...profile, organizations: [first, first] })).toEqual([
      'organizations.1.name',
      'organizations.1.mspId'
    ])
    expect(issuesOf({ ...profile, defaultIdentity: 'org1/nobody' })).toEqual(['defaultIdentity'])
  })

  it('refuses what is too large, not UTF-8, not JSON, of another major', () => {
    for (const input of [
      new Uint8Array(maxProfileBytes + 1),
      Uint8Array.of(0xff),
      new TextEncoder().encode('{'),
      bytes(null),
      bytes([])
    ])
      expect(E.isLeft(parseProfile(input))).toBe(true)
    expect(issuesOf({ ...profile, schema: 'bims.profile/2' })).toEqual(['schema'])
  })

  it('never throws, whatever it is given', () => {
    fc.assert(fc.property(fc.oneof(fc.uint8Array(), fc.jsonValue().map(bytes)), input => void parseProfile(input)))
  })
})

describe('identityPath', () => {
  it('finds a file by ORG/USER and nothing by the names of Object', () => {
    expect(identityPath(profile, 'org1/alice')).toBe('identities/org1/alice.pem')
    for (const name of ['org1/toString', 'org1/__proto__', 'org2/alice', 'org1', 'org1/alice/x'])
      expect(identityPath(profile, name)).toBeUndefined()
  })
})
