import { describe, expect, it } from 'vitest'
import { fabricUp } from '../../src/index.ts'
import { startFabric } from '../fabric-network.ts'
import { joining } from './joining.ts'
import { access } from './suite.ts'

// BIMS_FABRIC_CONSENSUS=bft: with BFT orderers, for which the programs of release 3 are needed.
const consensus = process.env.BIMS_FABRIC_CONSENSUS === 'bft' ? 'bft' : 'raft'

if (process.env.FABRIC_BIN === undefined)
  describe('access on real Fabric', () => {
    it('runs where FABRIC_BIN names its programs', context => {
      context.skip('NOT CHECKED against real Fabric: FABRIC_BIN is not set')
    })
  })
else {
  access(`real Fabric (${consensus})`, () => startFabric({ consensus, probe: false }))
  joining(`real Fabric (${consensus})`, {
    start: (dir, collections) => startFabric({ consensus, probe: false, dir, collections }),
    define: async (running, dir) => {
      const { chaincodes } = await fabricUp(dir)
      expect(chaincodes).toMatchObject([{ name: 'bims', sequence: 2 }])
      return running
    }
  })
}
