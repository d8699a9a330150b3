import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Soak } from '../../../tools/soak/soak.ts'
import { killAtRandom } from './kill.ts'

const leastKills = 50

/** `pnpm soak kill --minutes N`: at least 50 kills, however short the time. */
export const soak: Soak = {
  what: 'kill -9 of the embedded ledger and of the submitting process at random, in the middle of submissions: nothing acknowledged is lost, nothing stands twice',
  run: async ({ minutes, say }) => {
    const dir = await mkdtemp(join(tmpdir(), 'bims-kill-'))
    const seed = randomUUID()
    const end = Date.now() + minutes * 60_000
    say(`seed ${seed}, folder ${dir}`)
    const report = await killAtRandom({ dir, seed, say, goOn: kills => kills < leastKills || Date.now() < end })
    say(
      `${report.kills.ledger} kills of the ledger, ${report.kills.submitter} of the submitter; ${report.acknowledged} records acknowledged, ${report.onLedger} on the ledger`
    )
    if (report.wrong.length === 0) await rm(dir, { recursive: true, force: true })
    return report.wrong
  }
}
