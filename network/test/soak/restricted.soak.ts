import { compileDiskFaults, whyNoDiskFaults } from '../../../tools/faults/disk-faults.ts'
import type { Call } from '../../../tools/faults/trace.ts'
import type { Soak } from '../../../tools/soak/soak.ts'
import { killAtPoints } from './kill-points.ts'
import { cutPower } from './power-cuts.ts'
import { restrictedSubject } from './subjects.ts'

/** Leaves out the fsyncs of the files of private data alone; asked of each call in turn. */
const privateSyncs = (): ((call: Call) => boolean) => {
  const files = new Set<string>()
  return call => {
    if (call.call === 'C' && call.path.includes('/ledger/private/')) files.add(call.file)
    else if (call.call === 'C') files.delete(call.file)
    return call.call === 'S' && files.has(call.file)
  }
}

// Calls of a whole run, about: what comes first makes certificates and keys.
const points = 1150
const firstOfLedger = 430

/** `pnpm soak restricted --minutes N`: kills, then power cuts, each spread over a whole run. */
export const soak: Soak = {
  what: 'kill -9 and power cuts of an embedded ledger that takes restricted records with attachments and purges some: nothing acknowledged is lost, nothing purged is read again or stands in a file, nothing is shown to others; without the fsyncs of private data the same trial must find a loss',
  run: async ({ minutes, say }) => {
    const faults = await compileDiskFaults()
    if (faults === undefined) return [whyNoDiskFaults]
    const shared = { faults, subject: restrictedSubject(), next: Math.random, say }
    // A run of the ledger takes seconds: so many fit, a third of them kills.
    const runs = Math.max(60, Math.floor((minutes * 60) / 2))
    const [kills, cuts] = [Math.ceil(runs / 3), Math.ceil((2 * runs) / 3)]
    const killed = await killAtPoints({
      ...shared,
      stride: Math.ceil((2 * points) / kills),
      random: Math.ceil(kills / 2)
    })
    say(`${killed.kills} kills, ${killed.points} points, ${killed.acknowledged} acknowledgements`)
    if (killed.wrong.length > 0) return killed.wrong
    const stride = Math.ceil((8 * points) / cuts)
    // Where it begins differs from run to run, so that many of them reach every call.
    const cut = await cutPower({ ...shared, stride, from: Math.floor(Math.random() * stride), again: 0 })
    say(`${cut.cuts} power cuts in a run of ${cut.calls} calls`)
    if (cut.wrong.length > 0) return cut.wrong
    const without = privateSyncs()
    const control = await cutPower({ ...shared, stride, from: firstOfLedger, again: 0, without })
    say(`control, without the fsyncs of private data: ${control.wrong[0] ?? 'nothing was found'}`)
    await faults.close()
    return control.wrong.length > 0 ? [] : ['private data without fsync was not found out']
  }
}
