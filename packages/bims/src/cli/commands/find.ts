import type { Command } from 'commander'
import { newError } from '@bims/core/errors'
import { Option } from 'commander'
import type { FindReport } from '../../find/find.ts'
import type { Act } from '../act.ts'
import { withExample, withIdentity, type WhoAndWhere } from '../options.ts'
import { columns, counted, short } from '../words.ts'

interface FindFlags extends WhoAndWhere {
  readonly id?: string
  readonly image?: string
  readonly source?: string
  readonly reference?: string
  readonly instrument?: string
  readonly kind?: string
  readonly owner?: string
  readonly from?: string
  readonly to?: string
  readonly lineage?: 'sources' | 'derived'
  readonly depth?: string
  readonly restricted?: boolean
  readonly output?: string
}

const depthOf = (text: string): number => {
  if (!/^(?:[0-9]|1[0-6])$/.test(text)) throw newError('usage', `"${text}" is no depth.`, 'Give a number from 0 to 16.')
  return Number(text)
}

const lineageWords = ({ lineage }: FindReport): string =>
  lineage === undefined
    ? ''
    : lineage.nodes
        .map(
          ({ image, depth, standing }) => `${'  '.repeat(depth)}${short(image)}${standing ? '' : ' (no manifest)'}\n`
        )
        .join('') + (lineage.complete ? '' : 'and more than fits an answer\n')

const words = (report: FindReport): string =>
  lineageWords(report) +
  columns(
    report.records.map(({ enrollmentId, id, kind, mspId, time }) => [
      `${kind.padEnd(11)} ${id}`,
      `${mspId}/${enrollmentId}${time === undefined ? '' : ` ${time}`}`
    ])
  ) +
  `${counted(report.records.length, 'record')}${report.output === undefined ? '' : ` in ${report.output}`}\n`

/** `bims find`. */
export const addFind = (program: Command, act: Act): void => {
  const command = withIdentity(
    program
      .command('find')
      .description(
        'Look records up on the ledger: by id, by the pixels of an image, by what it was made from, by instrument, kind, owner, time. Without any of these: all that you may read.'
      )
      .option('--id <ID>', 'the record with this id')
      .option('--image <CONTENT|FILE>', 'manifests of the image with this content key or digest, or of those in a file')
      .option('--source <CONTENT|ID|FILE>', 'manifests of images that were made from this one')
      .option('--reference <ID>', 'records that name this one')
      .option('--instrument <ID>', 'acquisitions of this instrument')
      .option('--kind <KIND>', 'instrument, acquisition, macro, image, share, supersede or withdraw')
      .option('--owner <ORG>', 'submitted by this organisation')
      .option('--from <TIME>', 'not submitted before (RFC 3339)')
      .option('--to <TIME>', 'submitted before (RFC 3339)')
      .addOption(
        new Option('--lineage <WHICH>', 'what the image was made from, or what was made from it').choices([
          'sources',
          'derived'
        ])
      )
      .option('--depth <N>', 'steps of the lineage, at most 16')
      .option(
        '--restricted',
        "restricted records that you may read: your organisation's, and what others shared with it"
      )
      .option('--output <DIR>', 'write the records there: a file each, or a line each where the name ends with .ndjson')
  )
  withExample(
    command,
    'bims find --image figure.tif --network ./lab',
    'bims find --image figure.tif --lineage sources --network ./lab',
    'bims find --kind acquisition --owner org1 --from 2026-11-01T00:00:00Z --output harvest.ndjson --network ./lab'
  ).action(async (options: FindFlags) =>
    act(options, async ({ io, print, progress }) => {
      const { find } = await import('../../find/find.ts')
      const { depth, ...rest } = options
      const report = await find({
        ...rest,
        ...(depth === undefined ? {} : { depth: depthOf(depth) }),
        signal: io.signal,
        onProgress: progress.update
      })
      print(report, () => words(report))
    })
  )
}
