import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { deliver } from '../../src/outbox/delivery.ts'
import { openOutbox } from '../../src/outbox/outbox.ts'
import { ModelLedger } from '../stub/model-ledger.ts'
import { expectRight } from '../stub/records.ts'

let dir: string
beforeAll(async () => void (dir = await mkdtemp(join(tmpdir(), 'bims-outbox-'))))
afterAll(() => rm(dir, { recursive: true, force: true }))

/** Lets a process queue for a while after its first acknowledgement, kills it, and gives what it acknowledged. */
const queueAndKill = async (run: number, after: number): Promise<readonly string[]> => {
  const child = spawn(
    process.execPath,
    [fileURLToPath(new URL('./queueing-process.ts', import.meta.url)), dir, String(run)],
    { stdio: ['ignore', 'pipe', 'inherit'] }
  )
  let text = ''
  const first = new Promise<void>(resolve => {
    child.stdout.on('data', (data: Buffer) => {
      text += data.toString()
      resolve()
    })
  })
  const ended = new Promise<void>(resolve => void child.once('close', () => resolve()))
  await first
  await delay(after)
  child.kill('SIGKILL')
  await ended
  return text.split('\n').filter(line => line.length === 71)
}

it('keeps every acknowledged record through kill -9, with several processes queueing at once', async () => {
  const acknowledged: string[] = []
  for (let round = 0; round < 6; round++) {
    const lists = await Promise.all([
      queueAndKill(round * 2, Math.random() * 60),
      queueAndKill(round * 2 + 1, Math.random() * 60)
    ])
    acknowledged.push(...lists.flat())
  }
  const outbox = expectRight(await openOutbox(dir)())
  const ledger = new ModelLedger()
  const { problems } = expectRight(
    await deliver({
      outbox,
      ledger: { ...ledger.ledger, limits: { batch: { records: 500, bytes: 1e6 }, inFlight: 1 } }
    })()
  )
  expect(problems).toEqual([])
  expect(acknowledged.length).toBeGreaterThan(12)
  for (const id of acknowledged) expect(ledger.committed.get(id)).toHaveLength(1)
}, 300_000)
