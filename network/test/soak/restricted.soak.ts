import { compileDiskFaults, whyNoDiskFaults } from '../../../tools/faults/disk-faults.ts'
import type { Soak } from '../../../tools/soak/soak.ts'
import { killAtPoints } from './kill-points.ts'
import { cutPower } from './power-cuts.ts'
import { restrictedSubject } from './subjects.ts'

/** `pnpm soak restricted --minutes N`: about a half for kills, a half for power cuts, each spread over the whole run. */
export const soak: Soak = {
  what: 'kill -9 and power cuts of an embedded ledger that takes restricted records with attachments and purges some: nothing acknowledged is lost, nothing purged is read again or stands in a file, nothing is shown to others',
  run: async ({ minutes, say }) => {
    const faults = await compileDiskFaults()
    if (faults === undefined) return [whyNoDiskFaults]
    const wrong: string[] = []
    const shared = { faults, subject: restrictedSubject(), next: Math.random, say }
    // A run of the ledger takes seconds: so many fit.
    const runs = Math.max(10, Math.floor((minutes * 60) / 3))
    const points = 1200
    const kills = await killAtPoints({ ...shared, stride: Math.ceil((2 * points) / runs), random: Math.ceil(runs / 2) })
    say(`${kills.kills} kills, ${kills.points} points, ${kills.acknowledged} acknowledgements`)
    wrong.push(...kills.wrong)
    const stride = Math.ceil((8 * points) / (2 * runs))
    if (wrong.length === 0) {
      const cuts = await cutPower({ ...shared, stride, again: 0 })
      say(`${cuts.cuts} power cuts in a run of ${cuts.calls} calls`)
      wrong.push(...cuts.wrong)
    }
    if (wrong.length === 0) {
      const without = await cutPower({ ...shared, stride, again: 0, without: ({ call }) => call === 'S' })
      say(`control, without the fsyncs of files: ${without.wrong[0] ?? 'nothing was found'}`)
      if (without.wrong.length === 0) wrong.push('a ledger without fsync was not found out')
    }
    await faults.close()
    return wrong
  }
}
