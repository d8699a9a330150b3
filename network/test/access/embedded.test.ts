import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEmbedded } from '../../src/index.ts'
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
