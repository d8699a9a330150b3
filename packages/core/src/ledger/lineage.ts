import * as t from 'io-ts'
import { CountCodec, Sha256IdCodec } from '../json/codec.ts'

/** Which way a lineage is followed: to what an image was made from, or to what was made from it. */
export type LineageDirection = 'sources' | 'derived'

/** The argument of the transaction `Lineage`: exactly one of id and image. */
export interface LineageArgument {
  /** Id of a manifest. */
  readonly id?: string
  /** Content key or digest of an image. */
  readonly image?: string
  readonly direction: LineageDirection
  /** Steps away from where it begins; at most 16. */
  readonly depth: number
}

/** An image of a lineage: a manifest, or an image of which no manifest stands on the ledger. */
export interface LineageNode {
  /** Id of the manifest, or content key (digest, where the lineage began with one) of the image. */
  readonly image: string
  /** Whether the manifest stands on the ledger. */
  readonly standing: boolean
  /** Steps from where it began. */
  readonly depth: number
}

/** One image was made from another. */
export interface LineageEdge {
  /** {@link LineageNode.image} of what it was made from. */
  readonly source: string
  /** {@link LineageNode.image} of what was made. */
  readonly derived: string
  /** How the later manifest names the source: by the id of its manifest, or only by the content key of the image. */
  readonly by: 'manifest' | 'content'
}

/** The answer of `Lineage`, breadth first. */
export interface LineageAnswer {
  readonly nodes: readonly LineageNode[]
  readonly edges: readonly LineageEdge[]
  /** False where something within the depth asked for was left out for the bounds of an answer. */
  readonly complete: boolean
}

const DirectionCodec: t.Type<LineageDirection, unknown, unknown> = t.union([t.literal('sources'), t.literal('derived')])

/** Codec of {@link LineageArgument}. */
export const LineageArgumentCodec: t.Type<LineageArgument, unknown, unknown> = t.intersection(
  [t.type({ direction: DirectionCodec, depth: CountCodec }), t.partial({ id: Sha256IdCodec, image: t.string })],
  'LineageArgument'
)

/** Codec of {@link LineageAnswer}. */
export const LineageAnswerCodec: t.Type<LineageAnswer, unknown, unknown> = t.type(
  {
    nodes: t.readonlyArray(t.type({ image: t.string, standing: t.boolean, depth: CountCodec })),
    edges: t.readonlyArray(
      t.type({ source: t.string, derived: t.string, by: t.union([t.literal('manifest'), t.literal('content')]) })
    ),
    complete: t.boolean
  },
  'LineageAnswer'
)
