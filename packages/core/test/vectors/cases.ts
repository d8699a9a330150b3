import * as E from 'fp-ts/lib/Either.js'
import {
  arrayDigest,
  attachmentDigest,
  canonicalText,
  codedDigest,
  contentKey,
  dtypes,
  fromBase64,
  idOf,
  inclusionProof,
  leafHash,
  littleEndianBytes,
  merkleRoot,
  parseCanonical,
  preAuthenticationEncoding,
  payloadType,
  recordBounds,
  redactSteps,
  sliceMacro,
  toBase64,
  toHex,
  toJson,
  utf8,
  withhold,
  type DType,
  type Elements,
  type JsonValue,
  type MacroContent,
  type NdArray,
  type SealedRecord,
  type Step
} from '@bims/core'
import { exampleLog, exampleSteps } from '../fixtures/example-log.ts'
import {
  acquisition,
  comment,
  commentText,
  instrument,
  macro,
  manifest,
  native,
  nativeText
} from '../fixtures/example-records.ts'
import { saltOf, stepSalts } from '../fixtures/salts.ts'

const base64 = (bytes: Uint8Array): string => toBase64(bytes)
const bytesOf = (text: string): Uint8Array => fromBase64(text) ?? new Uint8Array()

/** Canonical forms and ids: what is written, its canonical form, its id. */
export const canonicalCase = (json: string) => {
  const canonical = canonicalText(JSON.parse(json) as JsonValue)
  return { json, canonical, id: idOf(utf8(canonical)) }
}

const canonicalJson = [
  '{}',
  '[]',
  'null',
  'true',
  '"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"',
  '{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001]}',
  '{ "b" : 1, "a" : [ true , false , null ], "B" : {} }',
  '{"\u20ac":"Euro","\\r":"CR","\ufb33":"Dalet","1":"One","\u{1f600}":"Emoji","\u0080":"Control","\u00f6":"o"}',
  '["\\u0000\\u001f\\u007f\\u0080\\u2028\\ud83d\\ude00"]',
  '{"10":1,"9":2,"":3,"a.b":4}',
  '[0.1,-0.5,1e21,1e-7,123456789012345680000,5e-324,9007199254740991]'
]

/** A number by the bits of its double, as hex, and its text. */
export const numberCase = (bits: string) => ({
  bits,
  text: canonicalText(new Float64Array(BigUint64Array.of(BigInt(`0x${bits}`)).buffer)[0] as number)
})

const numberBits = [
  '0000000000000000',
  '0000000000000001',
  '8000000000000001',
  '7fefffffffffffff',
  'ffefffffffffffff',
  '4340000000000000',
  'c340000000000000',
  '4430000000000000',
  '44b52d02c7e14af5',
  '44b52d02c7e14af6',
  '44b52d02c7e14af7',
  '444b1ae4d6e2ef4e',
  '444b1ae4d6e2ef4f',
  '444b1ae4d6e2ef50',
  '3eb0c6f7a0b5ed8c',
  '3eb0c6f7a0b5ed8d',
  '41b3de4355555553',
  '41b3de4355555554',
  '41b3de4355555555',
  '41b3de4355555556',
  '41b3de4355555557',
  'becbf647612f3696',
  '43143ff3c1cb0959',
  '3ff0000000000000',
  '3fb999999999999a',
  '3e7ad7f29abcaf48',
  '4024000000000000',
  '4059000000000000',
  '3ff8000000000000',
  '0010000000000000'
]

/** What canonical JSON of the value domain is refused for. */
export const refusedCase = (json: string) => {
  const parsed = parseCanonical(utf8(json), recordBounds)
  return { json, code: E.isLeft(parsed) ? parsed.left.code : 'none' }
}

const refusedJson = [
  '',
  '{',
  '[1,]',
  '\ufeff{}',
  '{"a": 1}',
  '{"b":1,"a":2}',
  '{"a":1,"a":1}',
  '[1.0]',
  '[1e2]',
  '[9007199254740993]',
  '["\\u0061"]',
  '["\\/"]',
  '["\\u001F"]',
  '{}\n',
  '[-0]',
  '[1e999]',
  '["\\ud800"]',
  '{"\\udc00":1}',
  '{"$x":1}',
  '{"$type":"int32","text":"1"}',
  '{"$type":"int64","text":"01"}',
  '{"$type":"int64","text":"9223372036854775808"}',
  '{"$type":"uint64","text":"-1"}',
  '{"$type":"float64","text":"1.5"}',
  '{"$type":"complex128","text":"1"}',
  '{"$type":"bytes","text":"AB=="}',
  '{"$type":"bytes","text":"AA"}',
  '{"$withheld":"sha256:00"}',
  `{"$withheld":"sha256:${'0'.repeat(64)}","a":1}`,
  '['.repeat(65) + ']'.repeat(65)
]

const typedValues: readonly JsonValue[] = [
  { $type: 'int64', text: '-9223372036854775808' },
  { $type: 'int64', text: '9007199254740993' },
  { $type: 'uint64', text: '18446744073709551615' },
  ...['NaN', 'Infinity', '-Infinity', '-0'].map(text => ({ $type: 'float64', text })),
  { $type: 'complex128', text: '1.5,-Infinity' },
  { $type: 'bytes', text: 'AAECAw==' },
  { $type: 'bytes', text: 'tWQ=', charset: 'windows-1252' },
  { $withheld: `sha256:${'0'.repeat(64)}` }
]

/** A withheld value. */
export const withheldCase = (value: JsonValue, salt: string) => ({
  value,
  salt,
  ...withhold(value, bytesOf(salt)).withheld
})

/** An attachment. */
export const attachmentCase = (bytes: string, salt: string) => ({
  bytes,
  salt,
  size: bytesOf(bytes).length,
  digest: attachmentDigest(bytesOf(salt), bytesOf(bytes))
})

/** Trees over the first leaves of a list (hex), and audit paths. */
export const treeCase = (leaves: readonly string[]) => {
  const hashes = leaves.map(leaf => leafHash(Uint8Array.from(Buffer.from(leaf, 'hex'))))
  return {
    leaves,
    leafHashes: hashes.map(toHex),
    root: toHex(merkleRoot(hashes)),
    proofs: leaves.map((_, index) => ({ index, path: inclusionProof(hashes, index).map(toHex) }))
  }
}

const treeLeaves = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f']

/** Pixels: bytes of a NumPy array in C order, little-endian, with axes in the order of digests. */
export const pixelCase = (name: string, array: NdArray, axes: readonly string[]) => ({
  name,
  axes,
  shape: array.shape,
  dtype: array.dtype,
  bytes: base64(littleEndianBytes(array)),
  ...arrayDigest(array, axes)
})

/** An array from its little-endian bytes. */
export const arrayOf = (dtype: DType, shape: readonly number[], bytes: Uint8Array): NdArray => {
  const buffer = Uint8Array.from(bytes).buffer
  const data: Readonly<Record<DType, () => Elements>> = {
    bool: () => new Uint8Array(buffer),
    uint8: () => new Uint8Array(buffer),
    int8: () => new Int8Array(buffer),
    uint16: () => new Uint16Array(buffer),
    int16: () => new Int16Array(buffer),
    uint32: () => new Uint32Array(buffer),
    int32: () => new Int32Array(buffer),
    uint64: () => new BigUint64Array(buffer),
    int64: () => new BigInt64Array(buffer),
    float16: () => new Uint16Array(buffer),
    float32: () => new Float32Array(buffer),
    float64: () => new Float64Array(buffer),
    complex64: () => new Float32Array(buffer),
    complex128: () => new Float64Array(buffer)
  }
  return { dtype, shape, data: data[dtype]() }
}

const sizes: Readonly<Record<DType, number>> = {
  bool: 1,
  uint8: 1,
  int8: 1,
  uint16: 2,
  int16: 2,
  uint32: 4,
  int32: 4,
  uint64: 8,
  int64: 8,
  float16: 2,
  float32: 4,
  float64: 8,
  complex64: 8,
  complex128: 16
}

const pattern = (dtype: DType, shape: readonly number[]): NdArray => {
  const n = shape.reduce((product, length) => product * length, sizes[dtype])
  return arrayOf(
    dtype,
    shape,
    Uint8Array.from({ length: n }, (_, i) => (dtype === 'bool' ? i % 2 : (i * 37 + 11) % 251))
  )
}

const pixelCases = () => [
  ...dtypes.map(dtype => pixelCase(dtype, pattern(dtype, [2, 3]), ['y', 'x'])),
  pixelCase(
    'float32 with NaN, infinities and both zeros',
    arrayOf(
      'float32',
      [1, 6],
      new Uint8Array(Uint32Array.of(0x7fc00000, 0x7fc00001, 0x7f800000, 0xff800000, 0, 0x80000000).buffer)
    ),
    ['y', 'x']
  ),
  pixelCase('one row', pattern('uint8', [1, 5]), ['y', 'x']),
  pixelCase('256 rows: one band', pattern('uint8', [256, 2]), ['y', 'x']),
  pixelCase('257 rows: two bands', pattern('uint8', [257, 2]), ['y', 'x']),
  pixelCase('three bands and two planes', pattern('uint16', [2, 513, 1]), ['z', 'y', 'x']),
  pixelCase('axes of length 1 are left out, y and x are not', pattern('uint8', [1, 3, 1, 2]), ['t', 'c', 'y', 'x']),
  pixelCase('all axes', pattern('uint8', [2, 2, 2, 2, 2, 2, 2]), ['position', 't', 'angle', 'c', 'z', 'y', 'x']),
  pixelCase('axes that nobody named', pattern('int16', [3, 2, 2]), ['plane', 'y', 'x'])
]

/** A lossily coded image: directories of tables and tiles. */
export const codedCase = (given: {
  readonly axes: readonly string[]
  readonly coding: string
  readonly dtype: DType
  readonly shape: readonly number[]
  readonly planeShape: readonly [number, number]
  readonly directories: readonly { readonly tables: string; readonly tiles: readonly string[] }[]
}) => {
  const leaves = given.directories.map(({ tables, tiles }) => [tables, ...tiles].map(part => leafHash(bytesOf(part))))
  return {
    ...given,
    digest: codedDigest({
      axes: given.axes,
      coding: given.coding,
      dtype: given.dtype,
      shape: given.shape,
      leaves: leaves.flat()
    }),
    content: contentKey({
      dtype: given.dtype,
      planes: leaves.map(list => toHex(merkleRoot(list))),
      shape: given.planeShape
    })
  }
}

const text64 = (text: string): string => base64(utf8(text))

const codedCases = () => [
  codedCase({
    axes: ['c', 'y', 'x'],
    coding: 'jpeg',
    dtype: 'uint8',
    shape: [3, 16, 32],
    planeShape: [16, 32],
    directories: [{ tables: text64('tables'), tiles: [text64('tile 0'), text64('tile 1')] }]
  }),
  codedCase({
    axes: ['z', 'y', 'x'],
    coding: 'jpeg2000',
    dtype: 'uint16',
    shape: [2, 8, 8],
    planeShape: [8, 8],
    directories: [
      { tables: '', tiles: [text64('first plane'), ''] },
      { tables: '', tiles: [text64('second plane'), text64('its second tile')] }
    ]
  })
]

/** A log, the slice of it for an output, and its redaction. */
export const macroCase = (log: MacroContent, output: string, salts: readonly string[]) => {
  const slice = sliceMacro(log, output)
  if (E.isLeft(slice)) throw new Error(slice.left.what)
  const { dropped, inputs, kept, value } = slice.right
  const { root, size, tree } = redactSteps(log.steps, salts.map(bytesOf), new Set(kept.map(step => step.index)))
  return { output, log, salts, value, kept: kept.map(step => step.index), dropped, inputs, head: { size, root }, tree }
}

const bare = (index: number): Step => ({
  ...(exampleSteps[0] as Step),
  index,
  reads: [{ arg: 'image', value: `raw@${index}` }],
  writes: [{ arg: 'return', value: `raw@${index + 1}` }],
  parameters: [],
  code: '',
  doc: ''
})

const macroCases = () => [
  macroCase(exampleLog, 'mask', stepSalts(7).map(base64)),
  macroCase(exampleLog, 'other', stepSalts(7).map(base64)),
  macroCase(exampleLog, 'raw', stepSalts(7).map(base64)),
  macroCase(
    { ...exampleLog, outputs: [{ name: 'raw', value: 'raw@5' }], steps: Array.from({ length: 13 }, (_, i) => bare(i)) },
    'raw',
    stepSalts(13).map(base64)
  )
]

/** A record: the canonical text that its id is over, and what is signed of it. */
export const recordCase = ({ bytes, id, kind }: SealedRecord) => ({
  kind,
  canonical: new TextDecoder().decode(bytes),
  id,
  payloadType: payloadType(kind),
  signed: base64(preAuthenticationEncoding(payloadType(kind), bytes))
})

/** All golden vectors but the signed bundle, computed from code. */
export const allVectors = (): Readonly<Record<string, JsonValue>> => ({
  canonical: toJson({
    version: 1,
    values: canonicalJson.map(canonicalCase),
    numbers: numberBits.map(numberCase),
    refused: refusedJson.map(refusedCase)
  }),
  values: toJson({
    version: 1,
    typed: typedValues,
    withheld: [
      withheldCase('cells-of-patient-7.tif', base64(saltOf('file name'))),
      withheldCase({ b: [1.5, null], a: 'µ' }, base64(saltOf('object'))),
      withheldCase(null, base64(saltOf('null')))
    ]
  }),
  attachments: toJson({
    version: 1,
    attachments: [
      attachmentCase('', base64(saltOf('empty'))),
      attachmentCase('AAECAw==', base64(saltOf('bytes'))),
      attachmentCase(base64(nativeText), native.bundled.salt),
      attachmentCase(base64(commentText), comment.bundled.salt)
    ]
  }),
  merkle: toJson({
    version: 1,
    trees: Array.from({ length: treeLeaves.length + 1 }, (_, n) => treeCase(treeLeaves.slice(0, n)))
  }),
  pixels: toJson({ version: 1, pixels: pixelCases(), coded: codedCases() }),
  macros: toJson({ version: 1, macros: macroCases() }),
  records: toJson({ version: 1, records: [instrument, acquisition, macro, manifest].map(recordCase) })
})
