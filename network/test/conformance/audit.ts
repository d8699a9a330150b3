import { describe, expect, it } from 'vitest'
import { auditChain } from '@bims/ledger'
import { trustOf } from '../audit/trust.ts'
import { openAs, right } from '../ledger/open.ts'
import type { ConformanceContext } from './context.ts'

/** What the suite left behind, recomputed: last, so that its chain holds every kind of transaction that the suite makes. */
export const audit = (on: ConformanceContext): void => {
  describe('audit', () => {
    it('recomputes every hash, signature, policy and validation flag of the chain, and agrees', async () => {
      const ledger = await openAs(on.network.profileFile, 'org1/alice')
      try {
        const report = right(
          await auditChain({ source: ledger.chain(), trust: trustOf(on.network.profile), chaincode: 'bims' })()
        )
        expect(report.problems).toEqual([])
        expect(report.ok).toBe(true)
        expect(report.blocks).toBe((report.last?.block ?? -1) + 1)
        expect(Object.keys(report.invalid)).toEqual(
          expect.arrayContaining(['MVCC_READ_CONFLICT', 'PHANTOM_READ_CONFLICT'])
        )
        console.log(
          `audited ${report.blocks} blocks, ${report.transactions} transactions, ${report.signatures} signatures; invalid ${JSON.stringify(report.invalid)}; ${report.notes.join('; ')}`
        )
      } finally {
        ledger.close()
      }
    })
  })
}
