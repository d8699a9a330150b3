import {
  isJsonArray,
  isJsonObject,
  ledgerLimits,
  type BimsError,
  type JsonValue,
  type LineageEdge,
  type LineageNode,
  type Term
} from '@bims/core/ledger-rules'
import * as E from 'fp-ts/lib/Either.js'
import { termPositions } from '../state/index-read.ts'
import type { LedgerState } from '../state/ledger-state.ts'
import { PageReader, type PagedRecord } from '../state/page-reader.ts'
import type { Position } from '../state/position.ts'
import { hasTerm } from './find.ts'

/** What a manifest says of where its images come from. */
interface ImageFacts {
  readonly id: string
  /** Content keys of its images; none where they were moved into an attachment. */
  readonly contents: readonly string[]
  readonly sources: readonly { readonly content: string; readonly manifest?: string }[]
}

/** A neighbour of a node. */
interface Neighbour {
  readonly image: string
  readonly by: LineageEdge['by']
}

const listOf = (value: JsonValue, name: string): readonly JsonValue[] => {
  const member = isJsonObject(value) ? value[name] : undefined
  return isJsonArray(member) ? member : []
}

const textOf = (value: JsonValue, name: string): string | undefined => {
  const member = isJsonObject(value) ? value[name] : undefined
  return typeof member === 'string' ? member : undefined
}

const factsOf = ({ ref, value }: PagedRecord): ImageFacts => ({
  id: ref.id,
  contents: [...new Set(listOf(value, 'images').flatMap(image => textOf(image, 'content') ?? []))],
  sources: listOf(value, 'sources').flatMap(source => {
    const [content, manifest] = [textOf(source, 'content'), textOf(source, 'manifest')]
    return content === undefined ? [] : [{ content, ...(manifest !== undefined && { manifest }) }]
  })
})

/** What a record says, where it is a manifest that has the term. */
const matchingFacts = (record: PagedRecord, term: Term): E.Either<BimsError, ImageFacts | undefined> =>
  E.map((matching: boolean) => (matching && record.ref.kind === 'image' ? factsOf(record) : undefined))(
    hasTerm(record, term)
  )

const isId = (image: string): boolean => image.startsWith('sha256:')

/**
 * A walk over manifests, breadth first. One image was made from another where the later manifest names the earlier one, or names the
 * content key of an image and no manifest; both directions go by this.
 */
export class LineageWalk {
  readonly #state: LedgerState
  readonly #reader: PageReader
  readonly #facts = new Map<string, ImageFacts>()
  readonly #nodes = new Map<string, LineageNode>()
  readonly #edges = new Map<string, LineageEdge>()
  #lookups = 0
  #complete = true

  constructor(state: LedgerState) {
    this.#state = state
    this.#reader = new PageReader(state, ledgerLimits.pagesPerLineage)
  }

  get nodes(): readonly LineageNode[] {
    return [...this.#nodes.values()]
  }

  get edges(): readonly LineageEdge[] {
    return [...this.#edges.values()]
  }

  get complete(): boolean {
    return this.#complete
  }

  /** Manifests with a term, each once. */
  async #manifests(term: Term): Promise<E.Either<BimsError, readonly ImageFacts[]>> {
    if (this.#lookups++ >= ledgerLimits.lookupsPerLineage) return this.#cut()
    const candidates = await termPositions(this.#state, term, ledgerLimits.lineageNodes, undefined)
    if (E.isLeft(candidates)) return candidates
    if (candidates.right.more) this.#complete = false
    return this.#collect(term, candidates.right.positions)
  }

  async #collect(term: Term, positions: readonly Position[]): Promise<E.Either<BimsError, readonly ImageFacts[]>> {
    const found = new Map<string, ImageFacts>()
    for (const { key, at } of positions) {
      const record = await this.#reader.record(key[0] ?? '', at)
      if (E.isLeft(record)) return record
      if (record.right === undefined) {
        this.#complete = false
        break
      }
      const facts = matchingFacts(record.right, term)
      if (E.isLeft(facts)) return facts
      if (facts.right !== undefined) found.set(facts.right.id, facts.right)
    }
    for (const facts of found.values()) this.#facts.set(facts.id, facts)
    return E.right([...found.values()])
  }

  #cut(): E.Either<BimsError, readonly ImageFacts[]> {
    this.#complete = false
    return E.right([])
  }

  /** What the manifest of this id says; undefined where it does not stand on the ledger. */
  async #factsOf(id: string): Promise<E.Either<BimsError, ImageFacts | undefined>> {
    const known = this.#facts.get(id)
    if (known !== undefined) return E.right(known)
    return E.map((found: readonly ImageFacts[]) => found[0])(await this.#manifests({ type: 'id', text: id }))
  }

  /** Images with a content key or digest: their manifests, or the key itself where there is none. */
  async #named(image: string): Promise<E.Either<BimsError, readonly string[]>> {
    return E.map((found: readonly ImageFacts[]) => (found.length === 0 ? [image] : found.map(({ id }) => id)))(
      await this.#manifests({ type: 'image', text: image })
    )
  }

  async #sourcesOf(image: string): Promise<E.Either<BimsError, readonly Neighbour[]>> {
    const facts = isId(image) ? await this.#factsOf(image) : E.right(undefined)
    if (E.isLeft(facts)) return facts
    const neighbours: Neighbour[] = []
    for (const { content, manifest } of facts.right?.sources ?? []) {
      if (manifest !== undefined) {
        neighbours.push({ image: manifest, by: 'manifest' })
        continue
      }
      const named = await this.#named(content)
      if (E.isLeft(named)) return named
      neighbours.push(...named.right.map((one): Neighbour => ({ image: one, by: 'content' })))
    }
    return E.right(neighbours)
  }

  async #derivedFrom(image: string): Promise<E.Either<BimsError, readonly Neighbour[]>> {
    const facts = isId(image) ? await this.#factsOf(image) : E.right(undefined)
    if (E.isLeft(facts)) return facts
    const keys = [image, ...(facts.right?.contents ?? [])]
    const neighbours: Neighbour[] = []
    for (const key of keys) {
      const found = await this.#manifests({ type: 'source', text: key })
      if (E.isLeft(found)) return found
      for (const { id, sources } of found.right) {
        const names = sources.some(({ content, manifest }) =>
          isId(key) ? manifest === key : manifest === undefined && content === key
        )
        if (names) neighbours.push({ image: id, by: isId(key) ? 'manifest' : 'content' })
      }
    }
    return E.right(neighbours)
  }

  async #visit(image: string, depth: number): Promise<E.Either<BimsError, boolean>> {
    if (this.#nodes.has(image)) return E.right(false)
    if (this.#nodes.size >= ledgerLimits.lineageNodes) {
      this.#complete = false
      return E.right(false)
    }
    const facts = isId(image) ? await this.#factsOf(image) : E.right(undefined)
    if (E.isLeft(facts)) return facts
    this.#nodes.set(image, { image, standing: facts.right !== undefined, depth })
    return E.right(true)
  }

  #join(direction: 'sources' | 'derived', image: string, { by, image: other }: Neighbour): void {
    const [source, derived] = direction === 'sources' ? [other, image] : [image, other]
    const name = `${source} ${derived}`
    if (this.#nodes.has(other) && this.#edges.get(name)?.by !== 'manifest')
      this.#edges.set(name, { source, derived, by })
  }

  /** The images at which a walk begins. */
  begin(image: string): Promise<E.Either<BimsError, readonly string[]>> {
    return isId(image) ? Promise.resolve(E.right([image])) : this.#named(image)
  }

  /** Takes in these images, and gives back those that were not known before. */
  async visitAll(images: readonly string[], depth: number): Promise<E.Either<BimsError, readonly string[]>> {
    const fresh: string[] = []
    for (const image of images) {
      const visited = await this.#visit(image, depth)
      if (E.isLeft(visited)) return visited
      if (visited.right) fresh.push(image)
    }
    return E.right(fresh)
  }

  /** Goes one step further from an image, and gives back the images that were not known before. */
  async expand(
    image: string,
    direction: 'sources' | 'derived',
    depth: number
  ): Promise<E.Either<BimsError, readonly string[]>> {
    const neighbours = direction === 'sources' ? await this.#sourcesOf(image) : await this.#derivedFrom(image)
    if (E.isLeft(neighbours)) return neighbours
    const fresh = await this.visitAll(
      neighbours.right.map(neighbour => neighbour.image),
      depth
    )
    for (const neighbour of neighbours.right) this.#join(direction, image, neighbour)
    return fresh
  }
}
