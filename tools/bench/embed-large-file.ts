import { execute } from '../workspace/execute.ts'
import { root } from '../workspace/packages.ts'
import type { Benchmark } from './benchmark.ts'
import { byTurns } from './benchmark.ts'
import { writeBigTiff } from './big-tiff.ts'
import { withScratchFolder } from './scratch-folder.ts'

interface Trial {
  readonly milliseconds: number
  readonly residentBytes: number
}

const mostResidentBytes = 200e6

const embedIn = async (path: string): Promise<Trial> => {
  const { status, output } = await execute('node', [`${root}tools/bench/embed-trial.ts`, path])
  if (status !== 0) throw new Error(output)
  return JSON.parse(output) as Trial
}

/** Embedding a bundle in place in a 1 GB file against the same in a 10 MB file, the digest given. */
export const embedLargeFile: Benchmark = {
  name: 'embed-large-file',
  what: 'embedding in place in a sparse 1 GB BigTIFF against a 10 MB one, digest given; memory under 200 MB',
  goal: 1.5,
  run: () =>
    withScratchFolder(async folder => {
      const [large, small] = [`${folder}/large.tif`, `${folder}/small.tif`]
      await writeBigTiff(large, { width: 25_000, height: 20_000, sparse: true })
      await writeBigTiff(small, { width: 2500, height: 2000, sparse: true })
      let resident = 0
      const embedLarge = async (): Promise<number> => {
        const { milliseconds, residentBytes } = await embedIn(large)
        resident = Math.max(resident, residentBytes)
        return milliseconds
      }
      const embedSmall = async (): Promise<number> => (await embedIn(small)).milliseconds
      const { subject, baseline } = await byTurns(3, embedLarge, embedSmall)
      return {
        ratio: subject / baseline,
        figures: [
          `1 GB ${subject.toFixed(2)} ms, 10 MB ${baseline.toFixed(2)} ms (medians of 3 processes of 7)`,
          `resident memory ${(resident / 1e6).toFixed(0)} MB`
        ],
        alsoHolds: resident < mostResidentBytes
      }
    })
}
