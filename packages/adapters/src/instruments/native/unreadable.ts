import type { AcquiredImage, BimsError, InstrumentReading, NativeBlock } from '@bims/core'

/**
 * The reading of blocks that do not parse: they are carried as they are, nothing is counted, and a warning says why.
 * Damaged metadata does not keep an image from being saved.
 */
export const unreadable = (
  format: string,
  mediaType: string,
  blocks: readonly NativeBlock[],
  image: AcquiredImage,
  error: BimsError
): InstrumentReading => ({
  native: blocks.map(({ bytes, at }) => ({ format, mediaType, bytes, at, entries: [] })),
  mapping: new Map(),
  acquisition: { image, channels: [] },
  personal: [],
  warnings: [`${blocks[0]?.at ?? format}: ${error.what}`]
})
