import { rm } from 'node:fs/promises'
import { compileDiskFaults, whyNoDiskFaults } from '../../../tools/faults/disk-faults.ts'
import type { Soak } from '../../../tools/soak/soak.ts'
import { killAtPoints, trialFolder } from './kill-points.ts'
import { chainSubject, networkSubject, outboxSubject } from './subjects.ts'

const leastKills = 1000

/** `pnpm soak kill-points --minutes N`: at least 1,000 kills, however short the time. */
export const soak: Soak = {
  what: 'kill -9 of outbox, chain and embedded ledger at every write, fsync, rename, link, unlink and truncate: nothing acknowledged is lost, nothing stands twice',
  run: async ({ minutes, say }) => {
    const faults = await compileDiskFaults()
    if (faults === undefined) return [whyNoDiskFaults]
    const dir = await trialFolder('victims')
    const end = Date.now() + minutes * 60_000
    const wrong: string[] = []
    let kills = 0
    let acknowledged = 0
    const put = async (
      subject: Awaited<ReturnType<typeof chainSubject>>,
      stride: number,
      random: number
    ): Promise<void> => {
      const report = await killAtPoints({ faults, subject, stride, random, next: Math.random, say })
      kills += report.kills
      acknowledged += report.acknowledged
      wrong.push(...report.wrong)
      say(`${subject.name}: ${report.kills} kills, ${report.points} points, ${report.acknowledged} acknowledgements`)
    }
    await put(await chainSubject(dir), 1, 400)
    await put(await outboxSubject(dir), 1, 400)
    await put(networkSubject(), 6, 30)
    while (wrong.length === 0 && (kills < leastKills || Date.now() < end)) {
      await put(await chainSubject(dir, 20), 7, 100)
      await put(await outboxSubject(dir, 12), 7, 100)
    }
    say(`${kills} kills in all, ${acknowledged} acknowledgements`)
    await rm(dir, { recursive: true })
    await faults.close()
    return wrong
  }
}
