import { malformed } from '../structure/reader.ts'

/** What geotiff's decoders must know of a strip or tile. */
export interface ForeignForm {
  readonly width: number
  readonly height: number
  readonly bits: number
  readonly samples: number
  readonly tables?: Uint8Array
}

/**
 * Decodes a strip or tile with the library geotiff; loaded only when a file needs it. The predictor is ours.
 * The one place where its exceptions are caught. Throws `tiff-malformed`.
 */
export const decodeForeign = async (compression: number, bytes: Uint8Array, form: ForeignForm): Promise<Uint8Array> => {
  const { getDecoder } = await import('geotiff')
  try {
    const parameters = {
      tileWidth: form.width,
      tileHeight: form.height,
      predictor: 1,
      planarConfiguration: 1,
      bitsPerSample: Array.from({ length: form.samples }, () => form.bits),
      ...(form.tables === undefined ? {} : { JPEGTables: form.tables })
    }
    const decoder = await getDecoder(compression, parameters)
    return new Uint8Array(await decoder.decode(new Uint8Array(bytes).buffer))
  } catch (thrown) {
    return malformed(`A strip or tile cannot be decoded: ${thrown instanceof Error ? thrown.message : String(thrown)}.`)
  }
}
