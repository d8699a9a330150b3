import { describe, it } from 'vitest'
import { startFabric } from '../fabric-network.ts'
import { conformance } from './suite.ts'

// BIMS_FABRIC_CONSENSUS=bft: with BFT orderers, for which the programs of release 3 are needed.
const consensus = process.env.BIMS_FABRIC_CONSENSUS === 'bft' ? 'bft' : 'raft'

if (process.env.FABRIC_BIN === undefined)
  describe('conformance of real Fabric', () => {
    it('runs where FABRIC_BIN names its programs', context => {
      context.skip(
        'NOT CHECKED against real Fabric: FABRIC_BIN is not set (a folder with peer, orderer, configtxgen, osnadmin)'
      )
    })
  })
else conformance(`real Fabric (${consensus})`, () => startFabric({ consensus, guarded: true }))
