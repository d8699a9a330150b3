import { profileSchema, profileText } from '@bims/ledger'
import type { Profile, ProfileOrganization } from '@bims/ledger'
import { writeWholeFile } from '../files/whole-file.ts'
import { defaultIdentity } from '../organizations/default-organizations.ts'
import { identityFiles, readRoots } from './organization-files.ts'
import type { Layout } from './layout.ts'
import { bimsChaincode, peersOf } from './plan.ts'
import type { FabricPlan } from './plan.ts'

/** Writes the profile of a network: all that a client needs to know of it. */
export const writeProfile = async (plan: FabricPlan, layout: Layout): Promise<Profile> => {
  const organizations = await Promise.all(
    plan.organizations.map(async ({ name, mspId }): Promise<ProfileOrganization> => {
      const { root, tlsRoot } = await readRoots(layout.dir, name)
      return {
        name,
        mspId,
        peers: peersOf(plan, name).map(({ port }) => ({ endpoint: `localhost:${port}` })),
        tlsRoot,
        mspRoots: [root],
        identities: await identityFiles(layout.dir, name)
      }
    })
  )
  const [organization, user] = defaultIdentity.split('/')
  const known = plan.organizations.some(o => o.name === organization && o.users.some(({ name }) => name === user))
  const profile: Profile = {
    schema: profileSchema,
    channel: plan.channel,
    chaincode: bimsChaincode,
    kind: 'fabric',
    organizations,
    ...(known ? { defaultIdentity } : {})
  }
  await writeWholeFile(layout.profile, profileText(profile))
  return profile
}
