import {
  canonicalText,
  ledgerLimits,
  LineageArgumentCodec,
  toJson,
  type BimsError,
  type LineageAnswer,
  type LineageArgument
} from '@bims/core/ledger-rules'
import * as E from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { LedgerState } from '../state/ledger-state.ts'
import { malformedArgument, parseArgument, plain } from './argument.ts'
import { isImageName } from './find-question.ts'
import { LineageWalk } from './lineage-walk.ts'

const members = { id: plain, image: plain, direction: plain, depth: plain }

interface Start extends LineageArgument {
  readonly begin: string
}

const checkArgument = (argument: LineageArgument): E.Either<BimsError, Start> => {
  const { depth, id, image } = argument
  if (depth > ledgerLimits.lineageDepth)
    return malformedArgument(`A lineage is followed over at most ${ledgerLimits.lineageDepth} steps.`)
  const [begin, ...rest] = [id, image].flatMap(name => name ?? [])
  if (begin === undefined || rest.length > 0) return malformedArgument('A lineage begins at either an id or an image.')
  return image === undefined || isImageName(image)
    ? E.right({ ...argument, begin })
    : malformedArgument('The image is no content key or digest.')
}

const walk = async (
  state: LedgerState,
  { begin, depth, direction }: Start
): Promise<E.Either<BimsError, LineageAnswer>> => {
  const lineage = new LineageWalk(state)
  const images = await lineage.begin(begin)
  if (E.isLeft(images)) return images
  let front = await lineage.visitAll(images.right, 0)
  for (let step = 1; step <= depth; step++) {
    if (E.isLeft(front)) return front
    const next: string[] = []
    for (const image of front.right) {
      const fresh = await lineage.expand(image, direction, step)
      if (E.isLeft(fresh)) return fresh
      next.push(...fresh.right)
    }
    front = E.right(next)
  }
  const { complete, edges, nodes } = lineage
  return E.map(() => ({ nodes, edges, complete }))(front)
}

/**
 * The query `Lineage`: what an image was made from, or what was made from it, breadth first within bounds.
 * Fails with `transaction-malformed`, `ledger-unsupported`.
 */
export const lineage =
  (state: LedgerState, argument: string): TaskEither<BimsError, string> =>
  async () => {
    const parsed = E.flatMap(checkArgument)(parseArgument(LineageArgumentCodec, members, argument))
    if (E.isLeft(parsed)) return parsed
    return E.map((answer: LineageAnswer) => canonicalText(toJson(answer)))(await walk(state, parsed.right))
  }
