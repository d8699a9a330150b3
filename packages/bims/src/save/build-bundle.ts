import {
  newBundle,
  sealRecord,
  signRecord,
  spillRecord,
  toBase64,
  type Bundle,
  type BundledAttachment,
  type Manifest,
  type ManifestImage,
  type NotCovered,
  type Opening,
  type SealedRecord,
  type Signature,
  type Signer,
  type Source
} from '@bims/core'
import type { SealedAcquisition } from '../acquire/sealed-acquisition.ts'
import type { Capabilities } from '../production.ts'
import { promised, value } from '../promise.ts'
import { version } from '../version.ts'
import type { SealedMacro } from './macro-record.ts'

/** An acquisition that an earlier file carried: its records and the signatures over them go along. */
export interface CarriedAcquisition {
  readonly records: readonly SealedRecord[]
  /** Id of the acquisition. */
  readonly acquisition: string
  readonly signatures: readonly Signature[]
  /** What the earlier bundle held of its attachments and withheld values. */
  readonly attachments: readonly BundledAttachment[]
  readonly openings: readonly Opening[]
}

/** Everything that a saved file tells. */
export interface SaveParts {
  readonly images: readonly ManifestImage[]
  readonly notCovered: readonly NotCovered[]
  readonly acquired: readonly SealedAcquisition[]
  readonly carried: readonly CarriedAcquisition[]
  readonly macro?: Omit<SealedMacro, 'slice'>
  readonly sources: readonly Source[]
  readonly replayOf?: Manifest['replayOf']
  /** The program that saves, besides BIMS itself. */
  readonly software: Manifest['software']
  /** The image is to stay restricted: its manifest gets a salt. What it carries has its own, or none. */
  readonly restricted: boolean
}

/** Who signs, and whether as the instrument that acquired. */
export interface SigningIdentity {
  readonly signer: Signer
  readonly isInstrument: boolean
}

/** A bundle that is ready to be embedded, with the records to be submitted. */
export interface BuiltBundle {
  readonly bundle: Bundle
  readonly manifest: SealedRecord<'image'>
  /** In the order in which they refer to each other: instrument, acquisition, macro, image. */
  readonly records: readonly SealedRecord[]
}

const unique = (ids: readonly string[]): readonly string[] => [...new Set(ids)]

const newManifest = (parts: SaveParts, { now, random }: Capabilities): Manifest => ({
  schema: 'bims.manifest/1',
  images: parts.images,
  ...(parts.notCovered.length === 0 ? {} : { notCovered: parts.notCovered }),
  acquisitions: unique([
    ...parts.acquired.map(({ acquisition }) => acquisition.id),
    ...parts.carried.map(({ acquisition }) => acquisition)
  ]),
  ...(parts.macro === undefined ? {} : { macro: parts.macro.macro.id }),
  sources: parts.sources,
  software: [...parts.software, { name: 'bims', version }],
  created: now(),
  ...(parts.replayOf === undefined ? {} : { replayOf: parts.replayOf }),
  ...(parts.restricted ? { salt: toBase64(random(16)) } : {})
})

const recordsOf = (parts: SaveParts): readonly SealedRecord[] => [
  ...parts.acquired.flatMap(({ instrument }) => instrument ?? []),
  ...parts.carried.flatMap(({ records }) => records),
  ...parts.acquired.map(({ acquisition }) => acquisition),
  ...(parts.macro === undefined ? [] : [parts.macro.macro])
]

// Two sources may carry the same acquisition, and acquisitions the same instrument.
const distinct = <A>(all: readonly A[], nameOf: (one: A) => string): readonly A[] => [
  ...new Map(all.map(one => [nameOf(one), one])).values()
]

/** Puts a bundle together and signs it: the manifest by whoever saves, acquisitions by their instrument. */
export const buildBundle = async (
  parts: SaveParts,
  identity: SigningIdentity | undefined,
  capabilities: Capabilities
): Promise<BuiltBundle> => {
  const spilled = spillRecord('image', newManifest(parts, capabilities), () => capabilities.random(16))
  const manifest = value(sealRecord('image', spilled.record))
  const records = distinct(recordsOf(parts), ({ id }) => id)
  const toSign =
    identity === undefined
      ? []
      : [manifest, ...(identity.isInstrument ? parts.acquired.map(({ acquisition }) => acquisition) : [])]
  const signatures: Signature[] = [
    ...distinct(
      parts.carried.flatMap(({ signatures: before }) => before),
      ({ over, signature }) => `${over} ${signature}`
    )
  ]
  for (const sealed of toSign)
    if (identity !== undefined) signatures.push(await promised(signRecord(sealed, identity.signer)))
  return {
    manifest,
    records: [...records, manifest],
    bundle: newBundle({
      manifest,
      records,
      attachments: distinct(
        [
          ...parts.acquired.flatMap(({ attachments }) => attachments),
          ...parts.carried.flatMap(({ attachments }) => attachments),
          ...(parts.macro?.attachments ?? []),
          ...spilled.attachments
        ],
        ({ digest }) => digest
      ),
      openings: distinct(
        [
          ...parts.acquired.flatMap(({ openings }) => openings),
          ...parts.carried.flatMap(({ openings }) => openings),
          ...(parts.macro?.openings ?? [])
        ],
        ({ withheld }) => withheld
      ),
      signatures
    })
  }
}
