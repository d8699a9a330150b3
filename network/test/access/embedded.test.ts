import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { collectionsConfig } from '@bims/core'
import { startEmbedded } from '../../src/index.ts'
import { right } from '../ledger/open.ts'
import { joining } from './joining.ts'
import { access } from './suite.ts'

access('the embedded ledger', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'bims-access-'))
  const network = await startEmbedded({ dir })
  return {
    ...network,
    close: async () => {
      await network.close()
      await rm(dir, { recursive: true })
    }
  }
})

joining('the embedded ledger', {
  start: (dir, collections) => startEmbedded({ dir, collections }),
  define: async (running, dir) => {
    await running.close()
    const { organizations } = running.profile
    const bims = right(collectionsConfig(organizations.map(({ mspId }) => mspId)))
    return startEmbedded({ dir, collections: { bims } })
  }
})
