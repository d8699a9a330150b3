import { rm } from 'node:fs/promises'
import { compileDiskFaults, whyNoDiskFaults } from '../../../tools/faults/disk-faults.ts'
import type { Soak } from '../../../tools/soak/soak.ts'
import { trialFolder } from './kill-points.ts'
import { cutPower } from './power-cuts.ts'
import { chainSubject, outboxSubject } from './subjects.ts'

/** `pnpm soak power-cut --minutes N`: a cut before every call, in seven ways each, and again while recovering. */
export const soak: Soak = {
  what: 'the power is cut before every call that outbox and chain make; of what was not synced yet some is lost: nothing acknowledged is, nothing stands twice; without fsync the same trial must find a loss',
  run: async ({ minutes, say }) => {
    const faults = await compileDiskFaults()
    if (faults === undefined) return [whyNoDiskFaults]
    const dir = await trialFolder('victims')
    const end = Date.now() + minutes * 60_000
    const wrong: string[] = []
    let cuts = 0
    const shared = { faults, next: Math.random, say }
    for (let length = 6; wrong.length === 0 && (length === 6 || Date.now() < end); length += 4) {
      for (const subject of [await chainSubject(dir, length), await outboxSubject(dir, length)]) {
        const report = await cutPower({ ...shared, subject, stride: 1, again: 20 })
        cuts += report.cuts
        wrong.push(...report.wrong)
        say(`${subject.name}: ${report.cuts} cuts in a run of ${report.calls} calls`)
      }
    }
    say(`${cuts} cuts in all`)
    for (const [subject, letter, what] of [
      [await chainSubject(dir), 'S', 'the fsyncs of files'],
      [await chainSubject(dir), 'F', 'the fsyncs of folders'],
      [await outboxSubject(dir), 'S', 'the fsyncs of files'],
      [await outboxSubject(dir), 'F', 'the fsyncs of folders']
    ] as const) {
      const control = await cutPower({
        ...shared,
        subject,
        stride: 3,
        again: 0,
        without: ({ call }) => call === letter
      })
      say(`control, ${subject.name} without ${what}: ${control.wrong[0] ?? 'nothing was found'}`)
      if (control.wrong.length === 0) wrong.push(`${subject.name} without ${what} was not found out`)
    }
    await rm(dir, { recursive: true })
    await faults.close()
    return wrong
  }
}
