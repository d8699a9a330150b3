import type { InstrumentFormat, InstrumentReading, NativeBlock, NativeText, OpenContainer } from '@bims/core'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { seriesImages } from '../native/series-image.ts'
import { unreadable } from '../native/unreadable.ts'
import { parseIni, parseStored, thermoIni } from './ini.ts'
import { readIni } from './reading.ts'

/** Tag numbers: SFEG (34680) and Helios/Quanta (34682). */
const tags: ReadonlySet<number | undefined> = new Set([34680, 34682])

const directoryOf = (block: NativeBlock): number => Number(/^tiff:(\d+)\//.exec(block.at)?.[1] ?? 0)

const readBlock = (block: NativeBlock, container: OpenContainer): InstrumentReading => {
  const images = seriesImages(container)
  // One directory a series in FEI's files; with one series everything belongs to it.
  const own = images.length > 1 ? (images[directoryOf(block)] ?? images[0]) : images[0]
  const image = own?.image ?? { axes: [], shape: [], dtype: 'uint8' as const }
  const series = images.length > 1 && own !== undefined ? { series: [own.series] } : {}
  const native = (entries: NativeText['entries'], charset: string): NativeText => ({
    format: thermoIni,
    mediaType: `text/plain; charset=${charset}`,
    bytes: block.bytes,
    at: block.at,
    entries
  })
  return pipe(
    parseIni(block.bytes),
    E.match(
      (error): InstrumentReading => ({ ...unreadable(thermoIni, 'text/plain', [block], image, error), ...series }),
      ini => ({
        ...readIni(
          ini,
          native(
            ini.lines.map(({ key, value }) => ({ key, value })),
            ini.charset
          ),
          image
        ),
        ...series
      })
    )
  )
}

/** Thermo Fisher / FEI scanning electron and dual-beam microscopes: the INI text of TIFF tags 34680 and 34682. */
export const thermoFormat: InstrumentFormat = {
  format: 'thermo',
  title: 'Thermo Fisher / FEI TIFF',
  texts: [thermoIni],
  read: container =>
    pipe(
      container.native(),
      TE.map(blocks => blocks.filter(block => tags.has(block.tag)).map(block => readBlock(block, container)))
    ),
  parse: parseStored
}
