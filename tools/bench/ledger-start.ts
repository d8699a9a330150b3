import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { networkDown, networkUp } from '@bims/network'
import { appendBlocks } from '../../network/test/soak/many-blocks.ts'
import { type Benchmark, median, timed } from './benchmark.ts'
import { withScratchFolder } from './scratch-folder.ts'

const blocks = 100_000
const emptyLimitMs = 1000
const fullLimitMs = 3000

interface Start {
  readonly ms: number
  readonly megabytes: number
}

// `VmRSS: 123 kB` of proc(5); 0 where the system has no such thing.
const residentOf = async (pid: number | undefined): Promise<number> => {
  const text = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) / 1024
}

const start = async (dir: string): Promise<Start> => {
  let pid: number | undefined
  const ms = await timed(async () => void (pid = (await networkUp(dir)).pid))
  const megabytes = await residentOf(pid)
  await networkDown(dir)
  return { ms, megabytes }
}

const startThrice = async (dir: string): Promise<Start> => {
  const starts = [await start(dir), await start(dir), await start(dir)]
  return { ms: median(starts.map(({ ms }) => ms)), megabytes: Math.max(...starts.map(({ megabytes }) => megabytes)) }
}

const figure = (what: string, { ms, megabytes }: Start): string =>
  `${what}: ${ms.toFixed(0)} ms, ${megabytes.toFixed(0)} MB resident`

/** A ledger of its own process until it answers, with no block but the first and with 100,000. */
export const ledgerStart: Benchmark = {
  name: 'ledger-start',
  what: 'start of the embedded ledger against its limits, 1 s empty and 3 s with 100,000 blocks (the worse of the two)',
  goal: 1,
  run: () =>
    withScratchFolder(async folder => {
      const dir = join(folder, 'network')
      const first = await start(dir)
      const empty = await startThrice(dir)
      await appendBlocks(join(dir, 'ledger', 'blocks'), blocks)
      const indexed = await start(dir)
      const full = await startThrice(dir)
      return {
        ratio: Math.max(empty.ms / emptyLimitMs, full.ms / fullLimitMs),
        figures: [
          figure('a new folder, keys and first block made', first),
          figure('empty', empty),
          figure(`${blocks} blocks, the index built from them`, indexed),
          figure(`${blocks} blocks`, full)
        ]
      }
    })
}
