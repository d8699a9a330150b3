import { littleEndianBytes } from '@bims/core'
import type { BimsError, EditableFile } from '@bims/core'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import { attempt, checkSignal, fail, unwrap } from '../../../sources/attempt.ts'
import { bundleReserve } from '../bundle/place.ts'
import { unsignedBytes } from '../structure/reader.ts'
import { newAppender, type Appender } from './appender.ts'
import { directoryBytes } from './directory-bytes.ts'
import { firstPageFields, pageFields } from './fields.ts'
import { formOf, type PlaneInput, type TiffForm, type TiffImageData, type TiffWriteOptions } from './image-data.ts'
import { omeDocument } from './ome-document.ts'

/** Bytes that a page's directory takes at most, its resolution and bits outside it included. */
const directoryRoom = ({ samples }: TiffForm): number => 400 + 6 * samples

/** Whether offsets of 32 bits do not do: with room for a bundle, and below what a widely used reader mishandles. */
const needsBig = (form: TiffForm, extra: number): boolean => {
  const size = form.pages * (form.pageBytes + 8 + directoryRoom(form)) + extra + bundleReserve
  return size > (form.pages > 1 ? 2 ** 31 - 1 : 2 ** 32 - 1)
}

const refuse = (what: string): never =>
  fail('digest-shape', what, 'Give every plane once, each with y × x × samples elements.')

/** Writes the planes as they come and returns where each stands. */
const writePlanes = async (
  to: Appender,
  image: TiffImageData,
  form: TiffForm,
  signal: AbortSignal | undefined
): Promise<Float64Array> => {
  const offsets = new Float64Array(form.pages)
  let next = 0
  for await (const input of image.planes) {
    checkSignal(signal)
    const { index, pixels } = inputOf(input, next)
    const bytes = littleEndianBytes({ shape: [pixels.length], dtype: form.dtype, data: pixels })
    if (!(index >= 0 && index < form.pages) || offsets[index] !== 0) refuse(`Plane ${index} was not expected.`)
    if (bytes.length !== form.pageBytes) refuse(`Plane ${index} has ${bytes.length} of its ${form.pageBytes} bytes.`)
    offsets[index] = await to.append(bytes)
    next = index + 1
  }
  const missing = offsets.indexOf(0)
  return missing < 0 ? offsets : refuse(`Plane ${missing} of ${form.pages} was not given.`)
}

const inputOf = (
  input: PlaneInput,
  next: number
): { readonly index: number; readonly pixels: Extract<PlaneInput, ArrayBufferView> } =>
  'pixels' in input ? input : { index: next, pixels: input }

const header = (big: boolean, firstDirectory: number): Uint8Array =>
  big
    ? new Uint8Array([0x49, 0x49, 43, 0, 8, 0, 0, 0, ...unsignedBytes(firstDirectory, 8, true)])
    : new Uint8Array([0x49, 0x49, 42, 0, ...unsignedBytes(firstDirectory, 4, true)])

const write = async (file: EditableFile, image: TiffImageData, options: TiffWriteOptions): Promise<void> => {
  const form = formOf(image, options.ome !== undefined)
  const description = options.ome === undefined ? options.description : omeDocument(form, options.ome)
  const first = firstPageFields(description, options)
  const used = pageFields(form, options, 0, true).map(({ tag }) => tag)
  const doubled = (options.tags ?? []).find(({ tag }) => used.includes(tag))
  if (doubled !== undefined) refuse(`Tag ${doubled.tag} is written anyway.`)
  const big =
    options.bigTiff === true ||
    needsBig(
      form,
      first.reduce((bytes, field) => bytes + field.bytes.length + 24, 0)
    )
  const to = newAppender(file, 16)
  const offsets = await writePlanes(to, image, form, options.signal)
  const at = to.end()
  for (const [page, offset] of offsets.entries()) {
    const fields = [...pageFields(form, options, offset, big), ...(page === 0 ? first : [])]
    await to.append(directoryBytes(fields, to.end(), big, page === form.pages - 1))
  }
  await to.flush()
  // Last: until then the file is no TIFF that anyone would open.
  await unwrap(file.write(0, header(big, at)))
}

/**
 * Writes an image as TIFF or OME-TIFF into an empty file: uncompressed, little-endian, one strip a page, directories
 * at the end. In memory are one plane and the planes' offsets. bool is written as uint8 0 and 1.
 * Fails with `digest-shape`, `tiff-unsupported`, `unit-unknown`, `disk-full`, `interrupted`.
 */
export const writeTiffInto = (
  file: EditableFile,
  image: TiffImageData,
  options: TiffWriteOptions = {}
): TaskEither<BimsError, void> => attempt(() => write(file, image, options))
