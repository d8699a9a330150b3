export { embeddedMarkerOid } from './profile/marker.ts'
export { identityPath, maxProfileBytes, parseProfile, ProfileCodec, profileSchema, profileText } from './profile/profile.ts'
export type { NetworkKind, Profile, ProfileOrganization, ProfilePeer } from './profile/profile.ts'
