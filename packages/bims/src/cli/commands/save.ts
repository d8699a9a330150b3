import { newError } from '@bims/core/errors'
import type { Command } from 'commander'
import type { SaveResult } from '../../save/save-result.ts'
import { attachmentBytesOf, withAttach, withExample, withIdentity, type WhoAndWhere } from '../options.ts'
import type { Act } from '../act.ts'
import { columns, counted } from '../words.ts'

interface SaveFlags extends WhoAndWhere {
  readonly log?: string
  readonly output?: string
  readonly acquisition?: string
  readonly to?: string
  readonly inPlace?: boolean
  readonly restricted?: boolean
  readonly attach?: string
}

const targetOf = ({ inPlace, to }: SaveFlags): { readonly to: string } | { readonly inPlace: true } => {
  if ((to === undefined) === (inPlace !== true)) {
    throw newError(
      'usage',
      to === undefined ? 'Where should the image be saved?' : '--to and --in-place exclude each other.',
      'Give --to FILE for a new file, or --in-place to change the image file itself.'
    )
  }
  return to === undefined ? { inPlace: true } : { to }
}

const queuedWords = ({ attached, queued, restricted }: SaveResult): string =>
  queued.length === 0
    ? 'nothing'
    : `${counted(queued.length, restricted ? 'restricted record' : 'record')}${attached.length === 0 ? '' : `, ${counted(attached.length, 'attachment')}`}`

/** `bims save IMAGE`. */
export const addSave = (program: Command, act: Act): void => {
  const command = withIdentity(
    program
      .command('save')
      .description('Store the history of an image in its file: slice its log, sign, embed, and queue for the ledger.')
      .argument('<IMAGE>')
      .option('--log <LOG>', 'log of the session that made the image')
      .option('--output <NAME>', 'name of the image in the log (default: the name of the file without its ending)')
      .option('--acquisition <FILE>', 'file whose acquisition belongs to this image')
      .option('--to <FILE>', 'write a new file')
      .option('--in-place', 'change the image file itself')
      .option('--restricted', "keep the records in your organisation's private collection, until you release them")
      .option('--no-restricted', 'make them public, though the image was made from restricted ones')
  )
  withAttach(command)
  withExample(
    command,
    'bims save mask.tif --log session.py --output mask --to mask.bims.tif',
    'bims save unpublished.tif --restricted --in-place --network ./lab'
  ).action(async (image: string, options: SaveFlags) =>
    act(options, async ({ io, print, progress }) => {
      const target = targetOf(options)
      const attachmentBytes = attachmentBytesOf(options)
      const { saveFile } = await import('../../save/save-file.ts')
      const result = await saveFile(image, {
        ...options,
        target,
        ...attachmentBytes,
        signal: io.signal,
        onProgress: progress.update
      })
      print(
        result,
        () =>
          columns([
            ['saved', result.sidecar === undefined ? result.file : `${result.file} with ${result.sidecar}`],
            ...(result.why === undefined ? [] : ([['sidecar', result.why]] as const)),
            ['manifest', result.manifest],
            ['images', String(result.images.length)],
            ...(result.macro === undefined
              ? []
              : ([
                  ['macro', `${result.macro.kept} of ${result.macro.steps} steps kept, ${result.macro.proof}`]
                ] as const)),
            ['signed by', result.signedBy ?? 'nobody: give --as or --identity to sign'],
            ['queued', queuedWords(result)]
          ]) + result.warnings.map(warning => `warning: ${warning}\n`).join('')
      )
    })
  )
}
