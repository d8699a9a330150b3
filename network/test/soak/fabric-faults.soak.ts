import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Soak } from '../../../tools/soak/soak.ts'
import { fabricDown } from '../../src/index.ts'
import { faultsOnFabric } from './fabric-faults.ts'

/** `FABRIC_BIN=DIR pnpm soak fabric-faults --minutes N`: at least one round; BIMS_FABRIC_CONSENSUS=bft for BFT orderers. */
export const soak: Soak = {
  what: 'a real Fabric network under load: the leading orderer, each peer and each chaincode is killed and comes back; nothing acknowledged is lost, nothing stands twice, it goes on by itself',
  run: async ({ minutes, say }) => {
    if (process.env.FABRIC_BIN === undefined) return ['NOT TRIED: FABRIC_BIN is not set']
    const dir = await mkdtemp(join(tmpdir(), 'bims-fabric-faults-'))
    const end = Date.now() + minutes * 60_000
    const consensus = process.env.BIMS_FABRIC_CONSENSUS === 'bft' ? 'bft' : 'raft'
    try {
      const report = await faultsOnFabric({
        dir,
        consensus,
        say,
        goOn: rounds => rounds === 0 || Date.now() < end
      })
      for (const [what, gaps] of report.gaps)
        say(`${what}: ${gaps.length} times, longest pause ${(Math.max(...gaps) / 1000).toFixed(1)} s`)
      say(`${report.faults} faults; ${report.acknowledged} records acknowledged, ${report.onLedger} on the ledger`)
      const slow = (report.gaps.get('one of two gateway peers') ?? []).filter(gap => gap > 2000)
      if (slow.length > 0) say(`NOTE: ${slow.length} pauses of more than 2 s where one of two gateway peers died`)
      return report.wrong
    } finally {
      await fabricDown(join(dir, 'network')).catch(() => undefined)
      await rm(dir, { recursive: true, force: true })
    }
  }
}
