import type { InstrumentFormat, InstrumentReading, NativeBlock, NativeText, OpenContainer } from '@bims/core'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { descriptionKind } from '../native/description.ts'
import { newDraft, type Draft } from '../native/draft.ts'
import { firstImage } from '../native/series-image.ts'
import { decodeText } from '../native/text.ts'

/** Id of the text of tag 270 where no other format reads it. */
const description = 'tiff-description'

const textOf = (blocks: readonly NativeBlock[], tag: number): string => {
  const block = blocks.find(candidate => candidate.tag === tag)
  return block === undefined ? '' : (decodeText(block.bytes).text.split('\u0000')[0]?.trim() ?? '')
}

/** TIFF's own `2015:05:12 16:03:02`, and the spelling with slashes that some programs use. */
const momentOf = (text: string): string | undefined => {
  const match = /^(\d{4})[:/-](\d{2})[:/-](\d{2})[ T](\d{2}):(\d{2})(?::(\d{2}))?$/.exec(text)
  if (match === null) return undefined
  const [, year, month, day, hour, minute, second = '00'] = match
  return `${year}-${month}-${day}T${hour}:${minute}:${second}`
}

const putTags = (draft: Draft, blocks: readonly NativeBlock[]): void => {
  for (const [member, tag] of [
    ['maker', 271],
    ['model', 272],
    ['softwareName', 305]
  ] as const) {
    draft.instrument.text(member, { value: textOf(blocks, tag), ordinals: [] })
  }
  const local = momentOf(textOf(blocks, 306))
  if (local !== undefined) draft.acquiredAt({ local, source: 'TIFF DateTime (306)' }, [])
  draft.setting('common', 'operator', textOf(blocks, 315), [])
}

/** Texts and metadata that TIFF and its public extensions define; no instrument's own. */
const publicTags: ReadonlySet<number> = new Set([
  33432, 33723, 34377, 34665, 34675, 34853, 33550, 33922, 34735, 34736, 34737, 42112, 42113, 65519
])

/** Tags that the instrument formats of this version read. */
const readTags: ReadonlySet<number> = new Set([34680, 34682, 50838, 50839, 51123])

const unread = (blocks: readonly NativeBlock[]): readonly string[] =>
  blocks
    .filter(({ tag }) => tag !== undefined && tag >= 32768 && !publicTags.has(tag) && !readTags.has(tag))
    .slice(0, 20)
    .map(
      ({ at, bytes }) =>
        `${at} (${bytes.length} bytes) is read by no instrument format; it stays in the file, uncounted`
    )

const isForeign = (block: NativeBlock): boolean => descriptionKind(block) === 'other'

const descriptionOf = (block: NativeBlock): NativeText => ({
  format: description,
  mediaType: `text/plain; charset=${decodeText(block.bytes).charset}`,
  bytes: block.bytes,
  at: block.at,
  entries: []
})

const readBlocks = (blocks: readonly NativeBlock[], container: OpenContainer): readonly InstrumentReading[] => {
  const draft = newDraft(firstImage(container), ['generic'])
  putTags(draft, blocks)
  for (const warning of unread(blocks)) draft.warn(warning)
  const reading = draft.reading(blocks.filter(isForeign).map(descriptionOf))
  const { instrument, acquisition, native, warnings } = reading
  const isEmpty =
    instrument === undefined &&
    acquisition.acquiredAt === undefined &&
    acquisition.settings === undefined &&
    native.length + warnings.length === 0
  return isEmpty ? [] : [reading]
}

/**
 * Baseline TIFF tags: Make, Model, Software, DateTime, Artist. They are not native entries and are not counted; a
 * description (270) that no other format reads is carried whole. Goes last, so that an instrument's own word counts.
 */
export const tiffTagsFormat: InstrumentFormat = {
  format: 'tiff-tags',
  title: 'Baseline TIFF tags',
  texts: [description],
  read: container =>
    container.format !== 'tiff'
      ? TE.right([])
      : pipe(
          container.native(),
          TE.map(blocks => readBlocks(blocks, container))
        ),
  parse: blocks => blocks.map(() => E.right([]))
}
