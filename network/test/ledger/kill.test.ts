import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { killAtRandom } from '../soak/kill.ts'

// The short form of `pnpm soak kill --minutes N`.
it('loses nothing that was acknowledged and doubles nothing over a few kills', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'bims-kill-'))
  const lines: string[] = []
  const seed = randomUUID()
  const report = await killAtRandom({ dir, seed, goOn: kills => kills < 6, say: line => void lines.push(line) })
  expect(report.wrong, `seed ${seed}\n${lines.join('\n')}`).toEqual([])
  expect(report.kills.ledger + report.kills.submitter).toBe(6)
  expect(report.onLedger).toBeGreaterThanOrEqual(report.acknowledged)
  await rm(dir, { recursive: true, force: true })
}, 600_000)
