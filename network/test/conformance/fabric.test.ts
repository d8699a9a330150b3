import { describe, it } from 'vitest'

describe('conformance of real Fabric', () => {
  it('runs where FABRIC_BIN names its binaries', context => {
    const found = process.env.FABRIC_BIN
    context.skip(
      found === undefined
        ? 'NOT CHECKED against real Fabric: FABRIC_BIN is not set (a folder with peer, orderer, configtxgen, osnadmin)'
        : `NOT CHECKED against real Fabric: FABRIC_BIN is ${found}, but this version has no launcher for it yet`
    )
  })
})
