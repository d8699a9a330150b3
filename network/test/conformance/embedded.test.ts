import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { revoke, startEmbedded } from '../../src/index.ts'
import { guardedProbes, probe, probeCollections, probePolicies } from '../fixtures/probe.ts'
import { conformance } from './suite.ts'

conformance('the embedded ledger', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'bims-conformance-'))
  let network = await startEmbedded({
    dir,
    chaincodes: [probe, ...guardedProbes],
    collections: { probe: probeCollections },
    policies: probePolicies
  })
  return {
    profile: network.profile,
    profileFile: network.profileFile,
    restart: async () => {
      await network.close()
      network = await startEmbedded({ dir })
    },
    revoke: identity => revoke(dir, identity),
    close: async () => {
      await network.close()
      await rm(dir, { recursive: true })
    }
  }
})
