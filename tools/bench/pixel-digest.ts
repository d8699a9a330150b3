import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { detectContainer } from '@bims/adapters/containers'
import { openFile } from '@bims/adapters/sources/file'
import type { Benchmark } from './benchmark.ts'
import { byTurns, timed } from './benchmark.ts'
import { writeBigTiff } from './big-tiff.ts'
import { right } from './right.ts'
import { withScratchFolder } from './scratch-folder.ts'

const digestImage = async (path: string): Promise<void> => {
  const file = await right(openFile(path))
  const container = await right(detectContainer(file))
  const image = await right(container.open(file))
  await right(image.digest(0))
  await right(file.close())
}

/** The pixel digest of a 100 MB 16-bit TIFF against SHA-256 over the same file. */
export const pixelDigest: Benchmark = {
  name: 'pixel-digest',
  what: 'pixel digest of a 100 MB 16-bit TIFF against SHA-256 of the same bytes',
  goal: 2,
  run: () =>
    withScratchFolder(async folder => {
      const path = `${folder}/noise.tif`
      await writeBigTiff(path, { width: 8192, height: 6104, sparse: false })
      await digestImage(path)
      const { subject, baseline } = await byTurns(
        5,
        () => timed(() => digestImage(path)),
        () => timed(() => pipeline(createReadStream(path, { highWaterMark: 2 ** 20 }), createHash('sha256')))
      )
      return {
        ratio: subject / baseline,
        figures: [`pixel digest ${subject.toFixed(0)} ms, SHA-256 ${baseline.toFixed(0)} ms (medians of 5)`]
      }
    })
}
