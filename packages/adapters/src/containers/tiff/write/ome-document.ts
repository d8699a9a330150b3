import type { DType, Quantity } from '@bims/core'
import { fail } from '../../../sources/attempt.ts'
import type { OmeDescription, TiffForm } from './image-data.ts'

/** PixelType of OME 2016-06 by dtype. */
const pixelTypes: Readonly<Partial<Record<DType, string>>> = {
  int8: 'int8',
  int16: 'int16',
  int32: 'int32',
  uint8: 'uint8',
  uint16: 'uint16',
  uint32: 'uint32',
  float32: 'float',
  float64: 'double',
  complex64: 'complex',
  complex128: 'double-complex'
}

/** UnitsLength of OME 2016-06 by UCUM unit. */
const lengthUnits: Readonly<Record<string, string>> = {
  m: 'm',
  dm: 'dm',
  cm: 'cm',
  mm: 'mm',
  um: 'µm',
  nm: 'nm',
  pm: 'pm',
  fm: 'fm',
  Ao: 'Å',
  '[in_i]': 'in'
}

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

/** Text for an attribute; what XML 1.0 cannot hold becomes U+FFFD. */
const escaped = (text: string): string =>
  text
    .replace(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '\u{fffd}')
    .replace(/[&<>"]/g, character => escapes[character] ?? '')
    .replace(/[\t\n\r]/g, character => `&#${character.charCodeAt(0)};`)

const attributes = (values: Readonly<Record<string, string | number | undefined>>): string =>
  Object.entries(values)
    .flatMap(([name, value]) => (value === undefined ? [] : [` ${name}="${escaped(String(value))}"`]))
    .join('')

const length = (name: string, quantity: Quantity | undefined): Readonly<Record<string, string | number>> => {
  if (quantity === undefined) return {}
  const unit =
    lengthUnits[quantity.unit] ??
    fail('unit-unknown', `OME-XML has no length in ${quantity.unit}.`, 'Give the length in m, mm, um or nm.')
  if (!(quantity.value > 0) || !Number.isFinite(quantity.value))
    fail(
      'digest-shape',
      `A length of ${quantity.value} ${quantity.unit} cannot be.`,
      'Give lengths over zero, or none.'
    )
  return { [name]: quantity.value, [`${name}Unit`]: unit }
}

const channelElements = (form: TiffForm, ome: OmeDescription): string =>
  Array.from({ length: form.size.c / form.samples }, (_, i) => {
    const channel = ome.channels?.[i]
    return `<Channel${attributes({
      ID: `Channel:0:${i}`,
      Name: channel?.name,
      SamplesPerPixel: form.samples,
      ...length('ExcitationWavelength', channel?.excitation),
      ...length('EmissionWavelength', channel?.emission)
    })}/>`
  }).join('')

/**
 * The OME-XML (schema 2016-06) of one image whose pages follow each other as t, c, z, the last fastest.
 * Throws `tiff-unsupported` for an element type that OME does not have, `unit-unknown` for a length unit.
 */
export const omeDocument = (form: TiffForm, ome: OmeDescription): string => {
  const type =
    pixelTypes[form.dtype] ??
    fail('tiff-unsupported', `OME-TIFF has no ${form.dtype}.`, 'Write a plain TIFF, or convert the pixels first.')
  const pixels = attributes({
    ID: 'Pixels:0',
    DimensionOrder: 'XYZCT',
    Type: type,
    BigEndian: 'false',
    Interleaved: form.samples > 1 ? 'true' : undefined,
    SizeX: form.width,
    SizeY: form.height,
    SizeZ: form.size.z,
    SizeC: form.size.c,
    SizeT: form.size.t,
    ...length('PhysicalSizeX', ome.pixelSize?.x),
    ...length('PhysicalSizeY', ome.pixelSize?.y),
    ...length('PhysicalSizeZ', ome.pixelSize?.z)
  })
  const date = ome.acquiredAt === undefined ? '' : `<AcquisitionDate>${escaped(ome.acquiredAt)}</AcquisitionDate>`
  const namespace = 'http://www.openmicroscopy.org/Schemas/OME/2016-06'
  return (
    '<?xml version="1.0" encoding="UTF-8"?>' +
    `<OME xmlns="${namespace}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="${namespace} ${namespace}/ome.xsd">` +
    `<Image${attributes({ ID: 'Image:0', Name: ome.name })}>${date}` +
    `<Pixels${pixels}>${channelElements(form, ome)}<TiffData IFD="0" PlaneCount="${form.pages}"/></Pixels></Image></OME>`
  )
}
