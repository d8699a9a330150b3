import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { parseProfile } from '@bims/ledger'
import type { Soak } from '../../../tools/soak/soak.ts'
import { networkDown, networkUp } from '../../src/index.ts'
import { probe } from '../fixtures/probe.ts'
import { right } from '../ledger/open.ts'
import { sendHostile } from './hostile.ts'
import { trialFolder } from './kill-points.ts'

const leastRequests = 20_000

/** `pnpm soak hostile --minutes N`: at least 20,000 requests, however short the time. */
export const soak: Soak = {
  what: 'requests changed in every way to every method of a peer, many with signatures that hold: each is answered with a status, memory is bounded, the next honest client is served',
  run: async ({ minutes, say }) => {
    const dir = await trialFolder('hostile')
    const { profile: profileFile, pid = 0 } = await networkUp(join(dir, 'network'), { chaincodes: [probe] })
    const network = { profile: right(parseProfile(await readFile(profileFile))), profileFile, pid }
    const end = Date.now() + minutes * 60_000
    const wrong: string[] = []
    try {
      let sent = 0
      let least = 0
      do {
        const report = await sendHostile({ network, count: leastRequests, next: Math.random, say })
        sent += leastRequests
        wrong.push(...report.wrong)
        for (const [path, codes] of report.outcomes)
          say(`${path}: ${[...codes].map(([code, count]) => `${count} × status ${code}`).join(', ')}`)
        say(`${sent} requests; resident at the quarters: ${report.megabytes.join(', ')} MB`)
        const last = report.megabytes.at(-1) ?? 0
        // The first quarter fills caches and the heap; what comes after must not add up.
        least = least === 0 ? (report.megabytes[1] ?? 0) : least
        if (last > 2 * least + 100) wrong.push(`the ledger grew from ${least} to ${last} MB`)
      } while (Date.now() < end && wrong.length === 0)
    } finally {
      await networkDown(join(dir, 'network'))
    }
    if (wrong.length === 0) await rm(dir, { recursive: true })
    return wrong
  }
}
