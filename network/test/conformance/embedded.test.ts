import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEmbedded } from '../../src/index.ts'
import { probe, probeCollections } from '../fixtures/probe.ts'
import { conformance } from './suite.ts'

conformance('the embedded ledger', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'bims-conformance-'))
  const network = await startEmbedded({ dir, chaincodes: [probe], collections: { probe: probeCollections } })
  return {
    ...network,
    close: async () => {
      await network.close()
      await rm(dir, { recursive: true })
    }
  }
})
