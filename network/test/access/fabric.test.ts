import { describe, it } from 'vitest'
import { startFabric } from '../fabric-network.ts'
import { access } from './suite.ts'

if (process.env.FABRIC_BIN === undefined)
  describe('access on real Fabric', () => {
    it('runs where FABRIC_BIN names its programs', context => {
      context.skip('NOT CHECKED against real Fabric: FABRIC_BIN is not set')
    })
  })
else access('real Fabric', () => startFabric({ probe: false }))
