import { newError } from '@bims/core'
import type { BimsError, Issue } from '@bims/core'
import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'

/** Name of the schema that a `profile.json` carries. */
export const profileSchema = 'bims.profile/1'

/** The largest `profile.json` that is read, in bytes. */
export const maxProfileBytes = 4 * 1024 * 1024

/** Which kind of network stands behind a profile: BIMS' own single process, or a real Hyperledger Fabric. */
export type NetworkKind = 'embedded' | 'fabric'

/** One peer that answers for an organisation. */
export interface ProfilePeer {
  /** `host:port` of the peer's gRPC services. */
  readonly endpoint: string
  /** The name in the peer's TLS certificate where it is not the host of the endpoint. */
  readonly hostOverride?: string
}

/** One organisation of the channel as a client sees it. */
export interface ProfileOrganization {
  /** Short name, the ORG of `--as ORG/USER`: `org1`. */
  readonly name: string
  /** The id of its membership service provider: `Org1MSP`. */
  readonly mspId: string
  /** Peers in the order in which they are tried. */
  readonly peers: readonly ProfilePeer[]
  /** PEM text of the certificate authority that signed the peers' TLS certificates. */
  readonly tlsRoot: string
  /** PEM texts of the root certificates to which the organisation's identities lead. */
  readonly mspRoots: readonly string[]
  /** Identity files (PEM: chain and PKCS#8 key) by user name, relative to the folder of the profile. */
  readonly identities: Readonly<Record<string, string>>
}

/** What a client needs to know of a network, and all that it ever sees of it. */
export interface Profile {
  /** {@link profileSchema}. */
  readonly schema: string
  /** Name of the channel. */
  readonly channel: string
  /** Name of the BIMS chaincode on it. */
  readonly chaincode: string
  /** What stands behind it. */
  readonly kind: NetworkKind
  /** At least one. */
  readonly organizations: readonly ProfileOrganization[]
  /** `ORG/USER` that is used where none is named. */
  readonly defaultIdentity?: string
}

const refined = (name: string, what: string, holds: (text: string) => boolean): t.Type<string, string, unknown> =>
  new t.Type(
    name,
    (u): u is string => typeof u === 'string' && holds(u),
    (u, context) => (typeof u === 'string' && holds(u) ? t.success(u) : t.failure(u, context, what)),
    t.identity
  )

const word = refined('Word', 'must be 1 to 128 letters, digits, dots, dashes or underscores', text =>
  /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/.test(text)
)

const isEndpoint = (text: string): boolean => {
  const match = /^(\[[0-9a-fA-F:.]{2,45}\]|[A-Za-z0-9.-]{1,253}):([0-9]{1,5})$/.exec(text)
  const port = Number(match?.[2])
  return match !== null && port >= 1 && port <= 65535
}
const endpoint = refined('Endpoint', 'must be host:port', isEndpoint)
const hostName = refined('HostName', 'must be a host name', text => /^[A-Za-z0-9.-]{1,253}$/.test(text))
const pem = refined('Pem', 'must be the PEM text of a certificate', text =>
  /^\s*-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----\s*$/.test(text)
)
// A profile comes from elsewhere: it may point at files beside it, never out of its folder.
const filePath = refined(
  'FilePath',
  'must be a relative path inside the folder of the profile',
  text => /^[^\\/\0][^\\\0]{0,1023}$/.test(text) && !/^[A-Za-z]:/.test(text) && !text.split('/').includes('..')
)
const identityName = refined('IdentityName', 'must be ORG/USER', text =>
  /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}\/[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/.test(text)
)
const schemaName = refined('Schema', `must be ${profileSchema}`, text => text === profileSchema)

const some = <A>(item: t.Type<A, A, unknown>): t.Type<readonly A[], readonly A[], unknown> => {
  const array = t.readonlyArray(item)
  return new t.Type<readonly A[], readonly A[], unknown>(
    'NonEmpty',
    (u): u is readonly A[] => array.is(u) && u.length > 0,
    (u, context) =>
      Array.isArray(u) && u.length === 0 ? t.failure(u, context, 'must not be empty') : array.validate(u, context),
    t.identity
  )
}

const PeerCodec: t.Type<ProfilePeer, ProfilePeer, unknown> = t.intersection([
  t.type({ endpoint }),
  t.partial({ hostOverride: hostName })
])

const OrganizationCodec: t.Type<ProfileOrganization, ProfileOrganization, unknown> = t.type({
  name: word,
  mspId: word,
  peers: some(PeerCodec),
  tlsRoot: pem,
  mspRoots: some(pem),
  identities: t.record(word, filePath)
})

/** Codec of {@link Profile}; unknown members are kept. */
export const ProfileCodec: t.Type<Profile, Profile, unknown> = t.intersection([
  t.type({
    schema: schemaName,
    channel: word,
    chaincode: word,
    kind: t.union([t.literal('embedded'), t.literal('fabric')]),
    organizations: some(OrganizationCodec)
  }),
  t.partial({ defaultIdentity: identityName })
])

// Only the path is told: an intersection or a union adds its own numbered member to the context.
const pathOf = (context: t.Context): string =>
  context
    .filter((_, i) => i > 0 && !isCombined(context[i - 1]))
    .map(entry => entry.key)
    .join('.') || '(profile)'

const isCombined = (entry: t.ContextEntry | undefined): boolean => {
  const tag: unknown = entry === undefined ? undefined : Reflect.get(entry.type, '_tag')
  return tag === 'IntersectionType' || tag === 'UnionType'
}

const issuesOf = (errors: t.Errors): readonly Issue[] => {
  const seen = new Map<string, Issue>()
  for (const error of errors) {
    const at = pathOf(error.context)
    const what = error.message ?? `must be ${error.context.at(-1)?.type.name ?? 'something else'}`
    if (!seen.has(at)) seen.set(at, { at, what })
  }
  return [...seen.values()]
}

const advice = 'Write the profile again with the program that made it, or ask whoever runs the network for a new one.'

const malformed = (what: string, issues: readonly Issue[] = []): E.Either<BimsError, never> =>
  E.left(newError('profile-malformed', what, advice, { issues }))

const repeated = (profile: Profile): readonly Issue[] => {
  const issues: Issue[] = []
  const names = new Set<string>()
  const msps = new Set<string>()
  profile.organizations.forEach((organization, i) => {
    if (names.has(organization.name)) issues.push({ at: `organizations.${i}.name`, what: 'is used twice' })
    if (msps.has(organization.mspId)) issues.push({ at: `organizations.${i}.mspId`, what: 'is used twice' })
    names.add(organization.name)
    msps.add(organization.mspId)
  })
  const identity = profile.defaultIdentity
  if (identity !== undefined && identityPath(profile, identity) === undefined)
    issues.push({ at: 'defaultIdentity', what: 'names an identity that the profile does not list' })
  return issues
}

/**
 * Finds the identity file of `ORG/USER` in a profile.
 * @returns The path relative to the folder of the profile, or undefined where it lists no such identity.
 */
export const identityPath = (profile: Profile, identity: string): string | undefined => {
  const [org, user, ...rest] = identity.split('/')
  const identities = profile.organizations.find(o => o.name === org)?.identities
  if (identities === undefined || user === undefined || rest.length > 0) return undefined
  return Object.hasOwn(identities, user) ? identities[user] : undefined
}

const parseText = (text: string): unknown => JSON.parse(text)

/**
 * Reads a `profile.json`.
 * @param bytes The file, at most {@link maxProfileBytes}.
 * @returns The profile, or `profile-malformed` with every place that is wrong.
 */
export const parseProfile = (bytes: Uint8Array): E.Either<BimsError, Profile> => {
  if (bytes.length > maxProfileBytes) return malformed(`The profile is larger than ${maxProfileBytes} bytes.`)
  let value: unknown
  try {
    value = parseText(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    return malformed('The profile is not JSON text in UTF-8.')
  }
  const decoded = ProfileCodec.decode(value)
  if (E.isLeft(decoded))
    return malformed('The profile does not have the form of bims.profile/1.', issuesOf(decoded.left))
  const issues = repeated(decoded.right)
  return issues.length > 0 ? malformed('The profile contradicts itself.', issues) : decoded
}

/** Writes a profile as the text of a `profile.json`. */
export const profileText = (profile: Profile): string => `${JSON.stringify(profile, undefined, 2)}\n`
