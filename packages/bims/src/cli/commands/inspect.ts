import type { Command } from 'commander'
import type { InspectReport } from '../../inspect/inspect.ts'
import { withExample, withJson } from '../options.ts'
import type { Act } from '../act.ts'
import { columns, percent } from '../words.ts'

const words = (report: InspectReport): string => {
  const { completeness, coverage, images, instrument, warnings } = report
  const tiers = (['essential', 'recommended', 'full'] as const).map(tier => {
    const { applicable, missing, present } = completeness[tier]
    const list =
      missing.length === 0
        ? ''
        : `, missing ${missing.slice(0, 8).join(', ')}${missing.length > 8 ? ` and ${missing.length - 8} more` : ''}`
    return [tier, `${present} of ${applicable}${list}`] as const
  })
  return (
    columns([
      ['file', report.file],
      ['container', report.adapter],
      ['metadata', report.formats.join(', ') || 'none that is known'],
      [
        'instrument',
        [instrument?.maker, instrument?.model, instrument?.serial].filter(Boolean).join(' ') || 'not told'
      ],
      [
        'images',
        images
          .map(
            image =>
              `${image.name} ${image.role} ${image.dtype} ${image.axes.map((axis, i) => `${axis}=${image.shape[i] ?? ''}`).join(' ')}`
          )
          .join('\n            ')
      ],
      [
        'native',
        `${coverage.native} entries, ${coverage.carried} carried, ${coverage.mapped} understood (${percent(coverage.mapped, coverage.native)})`
      ]
    ]) +
    'completeness\n' +
    columns(tiers, '  ') +
    warnings.map(warning => `warning: ${warning}\n`).join('')
  )
}

/** `bims inspect FILE`. */
export const addInspect = (program: Command, act: Act): void => {
  const command = withJson(
    program.command('inspect').description('Show what an image file tells of its acquisition.').argument('<FILE>')
  )
  withExample(command, 'bims inspect sem.tif').action(async (file: string, options: { json?: boolean }) =>
    act(options, async ({ print }) => {
      const { inspect } = await import('../../inspect/inspect.ts')
      const report = await inspect(file)
      print(report, () => words(report))
    })
  )
}
