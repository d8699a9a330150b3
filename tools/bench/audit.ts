import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { newLedgerRecord, parsePem, sealRecord } from '@bims/core'
import { auditChain, blocksInFolder, parseProfile, type AuditReport, type Profile } from '@bims/ledger'
import { networkDown, networkUp } from '@bims/network'
import { byTurns, type Benchmark } from './benchmark.ts'
import { openAsDefault } from './open-ledger.ts'
import { right, rightOf } from './right.ts'
import { withScratchFolder } from './scratch-folder.ts'
import { startVerifiers } from './verification-rate.ts'

/** BIMS_BENCH_AUDIT_TRANSACTIONS makes the chain shorter: then a thread's start, about a second until its code is fast, weighs more. */
const transactions = Number(process.env['BIMS_BENCH_AUDIT_TRANSACTIONS'] ?? 48_000)
const lanes = 100

// About 2 KB of realistic settings.
const record = (n: number): Uint8Array =>
  rightOf(
    sealRecord('acquisition', {
      schema: 'bims.acquisition/1',
      image: { axes: ['y', 'x'], shape: [2048, 2048], dtype: 'uint16' },
      channels: [
        {
          modality: 'light',
          name: 'DAPI',
          path: Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`bench:setting${i}`, `${n} ${i * n} of run`]))
        }
      ],
      acquiredAt: { local: '2026-11-23T14:00:00', source: 'clock' }
    })
  ).bytes

/** A chain of transactions of one record each, endorsed by two organisations. */
const makeChain = async (dir: string): Promise<Profile> => {
  // In a process of its own, as where an auditor meets it.
  const { profile: profileFile } = await networkUp(dir)
  const ledger = await openAsDefault(profileFile)
  let next = 0
  const lane = async (): Promise<void> => {
    while (next < transactions) {
      const [outcome] = await right(ledger.submit([rightOf(newLedgerRecord(record(next++)))]))
      if (outcome?.status !== 'committed') throw new Error(outcome?.error?.what ?? 'a record is missing')
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  ledger.close()
  await networkDown(dir)
  return rightOf(parseProfile(await readFile(profileFile)))
}

const auditOnce = async (dir: string, profile: Profile): Promise<AuditReport> => {
  const trust = profile.organizations.flatMap(({ mspId, mspRoots }) =>
    mspRoots.flatMap(pem => rightOf(parsePem(pem)).map(certificate => ({ certificate, mspId })))
  )
  const report = await right(auditChain({ source: blocksInFolder(join(dir, 'ledger', 'blocks')), trust }))
  if (!report.ok || report.records < transactions) throw new Error(JSON.stringify(report.problems.slice(0, 3)))
  return report
}

/** The audit against plain verification of as many signatures, both on all cores, by turns. */
export const auditSpeed: Benchmark = {
  name: 'audit',
  what: 'audit of one-record transactions with two endorsements against node:crypto verifying as many signatures on all cores',
  goal: 1 / 0.7,
  run: () =>
    withScratchFolder(async folder => {
      const dir = join(folder, 'network')
      const profile = await makeChain(dir)
      const { signatures, blocks } = await auditOnce(dir, profile)
      const verifiers = await startVerifiers(256)
      try {
        const { subject, baseline } = await byTurns(
          5,
          async () => {
            const start = performance.now()
            await auditOnce(dir, profile)
            return performance.now() - start
          },
          () => verifiers.time(signatures)
        )
        const rate = (time: number): string => `${((signatures / time) * 1000).toFixed(0)} signatures a second`
        return {
          ratio: subject / baseline,
          figures: [
            `${transactions} transactions in ${blocks} blocks, ${signatures} signatures`,
            `audit ${subject.toFixed(0)} ms, start of its threads included: ${rate(subject)}`,
            `node:crypto in ${verifiers.threads} threads ${baseline.toFixed(0)} ms: ${rate(baseline)}`,
            `the audit has ${(baseline / subject).toFixed(2)} of that rate (wanted: 0.70)`
          ]
        }
      } finally {
        await verifiers.close()
      }
    })
}
