import type { Command } from 'commander'
import { withExample, withJson } from '../options.ts'
import type { Act } from '../act.ts'
import { columns } from '../words.ts'

/** `bims digest FILE`. */
export const addDigest = (program: Command, act: Act): void => {
  const command = withJson(
    program.command('digest').description('Digest the pixels of every image in a file.').argument('<FILE>')
  )
  withExample(command, 'bims digest cells.ome.tif').action(async (file: string, options: { json?: boolean }) =>
    act(options, async ({ io, print, progress }) => {
      const { digest } = await import('../../inspect/digest.ts')
      const { images } = await digest(file, { signal: io.signal, onProgress: progress.update })
      print({ images }, () =>
        columns(
          images.map(image => [
            image.name,
            `${image.role} ${image.dtype} ${image.axes.map((axis, i) => `${axis}=${image.shape[i] ?? ''}`).join(' ')}\n${' '.repeat(4)}${image.digest}`
          ])
        )
      )
    })
  )
}
