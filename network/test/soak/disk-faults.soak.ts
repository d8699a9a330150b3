import { rm } from 'node:fs/promises'
import { compileDiskFaults, whyNoDiskFaults, type FaultPlan } from '../../../tools/faults/disk-faults.ts'
import type { Soak } from '../../../tools/soak/soak.ts'
import { killAtPoints, trialFolder } from './kill-points.ts'
import { chainSubject, networkSubject, outboxSubject, type Subject } from './subjects.ts'

type Acts = readonly NonNullable<FaultPlan['act']>[]
const failing: Acts = ['ENOSPC', 'EIO']
const slow: Acts = ['delay']
const always = 1_000_000

/** `pnpm soak disk-faults --minutes N`. */
export const soak: Soak = {
  what: 'outbox, chain and embedded ledger on a disk that is full, fails or is slow, from every call on, for one call or for all that follow: nothing acknowledged is lost, nothing stands twice',
  run: async ({ minutes, say }) => {
    const faults = await compileDiskFaults()
    if (faults === undefined) return [whyNoDiskFaults]
    const dir = await trialFolder('victims')
    const end = Date.now() + minutes * 60_000
    const wrong: string[] = []
    let runs = 0
    const put = async (subject: Subject, acts: Acts, calls: number, stride: number): Promise<void> => {
      if (wrong.length > 0) return
      const shared = { faults, subject, acts, calls, stride, delay: 20_000, next: Math.random, say }
      const report = await killAtPoints({ ...shared, random: 10 })
      runs += report.runs
      wrong.push(...report.wrong)
      say(`${subject.name}, ${acts.join(' or ')} for ${calls === 1 ? 'one call' : 'all calls'}: ${report.runs} runs`)
    }
    do {
      for (const subject of [await chainSubject(dir), await outboxSubject(dir)]) {
        await put(subject, failing, 1, 1)
        await put(subject, failing, always, 2)
        await put(subject, slow, always, 20)
      }
      await put(networkSubject(), failing, 1, 20)
      await put(networkSubject(), failing, always, 40)
      await put(networkSubject(), slow, always, 200)
    } while (Date.now() < end && wrong.length === 0)
    say(`${runs} runs in all`)
    await rm(dir, { recursive: true })
    await faults.close()
    return wrong
  }
}
