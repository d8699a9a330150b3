import type { OpenContainer } from '@bims/core'
import { entryOf, readDirectory } from '../structure/directory.ts'
import type { Pages } from '../structure/page.ts'
import type { TiffHeader, TiffReader } from '../structure/reader.ts'
import { tags } from '../structure/tags.ts'
import { indexMapOffset } from '../series/micro-manager.ts'

/** Room that is kept for a bundle where a file nears a limit: no bundle seen is nearly as large. */
export const bundleReserve = 64 * 1024 * 1024

/** Bio-Formats 6.7 loses pages of a classic TIFF whose first directory stands past this. */
const lastSignedOffset = 2 ** 31 - 1
const lastClassicOffset = 2 ** 32 - 1

/** Names of camera raw files that are TIFFs. */
const rawNames = /\.(?:3fr|arw|cr2|dcr|dng|erf|fff|iiq|k25|kdc|mef|mos|mrw|nef|nrw|pef|sr2|srf|srw)$/i

/** Why a file of a size may not grow to another, or undefined where it may. */
export const growthLimit = ({ big }: TiffHeader, several: boolean, size: number): string | undefined => {
  if (big) return undefined
  if (size > lastClassicOffset)
    return 'The file is a classic TIFF and would pass 4 GiB, which its offsets cannot address.'
  return several && size > lastSignedOffset
    ? 'The file is a classic TIFF of several pages and would pass 2^31 - 1 bytes; a widely used reader would then lose pages.'
    : undefined
}

const isCanonRaw = async (reader: TiffReader): Promise<boolean> => {
  if (reader.size < 10) return false
  const magic = await reader.bytes(8, 2, 'The header')
  return !reader.big && magic[0] === 0x43 && magic[1] === 0x52
}

/** Why a file may not be changed at all, by what wrote it. */
const originLimit = async (reader: TiffReader, pages: Pages): Promise<string | undefined> => {
  if ((await indexMapOffset(reader)) !== undefined) {
    return 'Micro-Manager wrote an index map into the file, and readers that trust it would show a wrong first plane.'
  }
  const first = await readDirectory(reader, reader.firstDirectory, 'Directory 0')
  if (entryOf(first, tags.ndpi) !== undefined || /\.ndpi$/i.test(reader.source.name)) {
    return 'The file is a Hamamatsu NDPI, whose offsets follow rules of their own.'
  }
  const raw = pages.cameraRaw || entryOf(first, tags.dngVersion) !== undefined || rawNames.test(reader.source.name)
  return raw || (await isCanonRaw(reader))
    ? "The file is camera raw, which its maker's programs may read by fixed offsets."
    : undefined
}

/**
 * Says whether a bundle can be embedded: not into Micro-Manager files with an index map, NDPI, camera raw, nor where
 * a classic TIFF would pass its limits with {@link bundleReserve} more bytes.
 */
export const placeOf = async (reader: TiffReader, pages: Pages): Promise<OpenContainer['place']> => {
  const why =
    (await originLimit(reader, pages)) ?? growthLimit(reader, pages.directories.length > 1, reader.size + bundleReserve)
  return why === undefined ? { kind: 'embedded' } : { kind: 'sidecar', why }
}
