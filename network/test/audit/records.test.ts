import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { LedgerRecord } from '@bims/core'
import { startEmbedded } from '../../src/index.ts'
import { newMacro, openAs, recordOf, right } from '../ledger/open.ts'
import { auditBlocks, blocksOf, envelopesIn } from './chain.ts'
import { openTransaction } from './forgery.ts'
import { trustOf } from './trust.ts'

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 })

let dir: string
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'bims-records-'))
})
afterAll(async () => rm(dir, { recursive: true }))

const hex = (n: number): string => n.toString(16).padStart(64, '0')

/** A manifest that is found by everything by which one can be found. */
const manifest = (n: number): LedgerRecord =>
  recordOf({
    schema: 'bims.manifest/1',
    acquisitions: [`sha256:${hex(n)}`],
    macro: `sha256:${hex(n + 1)}`,
    images: [{ name: '0', content: hex(n + 2), digest: `bims-pixels-1:${hex(n + 3)}` }],
    sources: [{ name: 'raw', content: hex(n + 4), manifest: `sha256:${hex(n + 5)}` }]
  })
const acquisition = (n: number): LedgerRecord =>
  recordOf({ schema: 'bims.acquisition/1', instrument: `sha256:${hex(7)}`, n })

describe('records of every kind', () => {
  it('are found by exactly the keys that their contents give, in small transactions and in packed runs', async () => {
    const network = await startEmbedded({ dir: join(dir, 'network') })
    const alice = await openAs(network.profileFile, 'org1/alice')
    const many = Array.from({ length: 60 }, (_, i) => [
      manifest(1000 + 10 * i),
      acquisition(i),
      newMacro('m', i)
    ]).flat()
    for (const records of [[manifest(1)], [acquisition(1000)], many]) {
      const outcomes = right(await alice.submit(records)())
      expect(outcomes.map(({ status }) => status)).toEqual(records.map(() => 'committed'))
    }
    const macro = newMacro('to be withdrawn')
    right(await alice.submit([macro])())
    const [withdrawn] = right(await alice.submit([recordOf({ schema: 'bims.withdraw/1', target: macro.id })])())
    expect(withdrawn?.status).toBe('committed')
    alice.close()
    await network.close()
    const blocks = await blocksOf(join(dir, 'network'))
    const report = await auditBlocks(blocks, trustOf(network.profile))
    expect(report.problems).toEqual([])
    expect(report.records).toBe(many.length + 4)
    // Both forms of the index were met.
    const keys = blocks.slice(1).flatMap(bytes => {
      const open = openTransaction(envelopesIn(bytes)[0]!)
      return [Buffer.from(open.action.getResults_asU8()).toString('latin1')]
    })
    expect(keys.some(text => text.includes('\u0000entry\u0000'))).toBe(true)
    expect(keys.some(text => text.includes('\u0000run\u0000'))).toBe(true)
  })
})
