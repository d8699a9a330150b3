import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { collectionsConfig } from '@bims/core'
import type { CollectionConfig } from '@bims/core'
import { auditChain } from '@bims/ledger'
import { expect, it, vi } from 'vitest'
import { startEmbedded } from '../../src/index.ts'
import { openAs, right } from '../ledger/open.ts'
import { trustOf } from './trust.ts'

// No test fails on a time: a slow machine only takes longer.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 })

const notesFor = async (change: (own: CollectionConfig) => CollectionConfig): Promise<readonly string[]> => {
  const dir = await mkdtemp(join(tmpdir(), 'bims-exposure-'))
  const bims = right(collectionsConfig(['Org1MSP', 'Org2MSP'])).map(change)
  const network = await startEmbedded({ dir, collections: { bims } })
  const ledger = await openAs(network.profileFile, 'org1/alice')
  const report = right(await auditChain({ source: ledger.chain(), trust: trustOf(network.profile) })())
  ledger.close()
  await network.close()
  await rm(dir, { recursive: true })
  expect(report.problems).toEqual([])
  return report.notes.filter(note => note.includes('collection'))
}

it('an audit tells which definition lets others read what is restricted', async () => {
  expect(await notesFor(own => own)).toEqual([])
  const told = ['block 1: the definition of bims lets others than Org1MSP read its collection restricted_Org1MSP']
  const ofOrg1 =
    (change: Partial<CollectionConfig>) =>
    (own: CollectionConfig): CollectionConfig =>
      own.name === 'restricted_Org1MSP' ? { ...own, ...change } : own
  expect(await notesFor(ofOrg1({ policy: "OR('Org1MSP.member', 'Org2MSP.member')" }))).toEqual(told)
  expect(await notesFor(ofOrg1({ memberOnlyRead: false }))).toEqual(told)
})
