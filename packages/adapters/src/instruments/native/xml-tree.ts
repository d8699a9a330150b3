import { newError, type BimsError, type NativeEntry } from '@bims/core'
import * as E from 'fp-ts/lib/Either.js'
import { XMLParser, XMLValidator } from 'fast-xml-parser'

/** An attribute or text with the ordinal of its native entry. */
interface XmlValue {
  readonly value: string
  readonly ordinal: number
}

/** An element of XML. Names are without their namespace prefix. */
export interface XmlElement {
  readonly name: string
  readonly attributes: ReadonlyMap<string, XmlValue>
  /** Text nodes that are not blank. */
  readonly texts: readonly XmlValue[]
  readonly children: readonly XmlElement[]
}

/** XML as a tree and as native entries: one an attribute (`OME/Image/@ID`), one a non-blank text node (`OME/UUID`). */
export interface XmlTree {
  readonly root: XmlElement
  readonly entries: readonly NativeEntry[]
}

const mostCharacters = 32 * 1024 * 1024
const mostElements = 500_000
const deepest = 64

const refuse = (what: string, cause?: unknown): E.Either<BimsError, never> =>
  E.left(newError('native-malformed', what, 'The block is kept as it is; check it with an XML validator.', { cause }))

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  processEntities: false,
  ignoreDeclaration: true,
  ignorePiTags: true,
  cdataPropName: '#cdata',
  commentPropName: '#comment',
  maxNestedTags: deepest,
  // With the prefix `@` no attribute can be the name of a property that means something.
  onDangerousProperty: name => name
})

const predefined: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }

const character = (code: number): string | undefined =>
  code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff) ? String.fromCodePoint(code) : undefined

/** The five names and the numbers that XML knows without a declaration; anything else stays as it is spelled. */
const unescape = (text: string): string =>
  !text.includes('&')
    ? text
    : text.replace(
        /&(?:#x([0-9a-fA-F]{1,6})|#(\d{1,7})|(lt|gt|amp|quot|apos));/g,
        (whole, hex?: string, digits?: string, name?: string) => {
          if (name !== undefined) return predefined[name] ?? whole
          return character(hex === undefined ? Number(digits) : Number.parseInt(hex, 16)) ?? whole
        }
      )

const localName = (name: string): string => name.slice(name.indexOf(':') + 1)

type Node = Readonly<Record<string, unknown>>

const isNode = (u: unknown): u is Node => typeof u === 'object' && u !== null && !Array.isArray(u)

const nodesOf = (u: unknown): readonly Node[] => (Array.isArray(u) ? u.filter(isNode) : [])

const nameOf = (node: Node): string | undefined => Object.keys(node).find(key => key !== ':@')

const isBlankText = (node: Node): boolean => nameOf(node) === '#text' && String(node['#text']).trim() === ''

interface Walk {
  readonly entries: NativeEntry[]
  /** Paths of elements and attributes, one string for all that share it: a file may have millions of entries. */
  readonly paths: Map<string, Map<string, string>>
}

const pathOf = (walk: Walk, above: string, name: string): string => {
  const below = walk.paths.get(above) ?? new Map<string, string>()
  walk.paths.set(above, below)
  const path = below.get(name) ?? (above === '' ? name : `${above}/${name}`)
  below.set(name, path)
  return path
}

const noAttributes: ReadonlyMap<string, XmlValue> = new Map()

const cdataOf = (node: Node): string =>
  nodesOf(node['#cdata'])
    .map(part => (typeof part['#text'] === 'string' ? part['#text'] : ''))
    .join('')

const enter = (walk: Walk, key: string, value: string): XmlValue => {
  walk.entries.push({ key, value })
  return { value, ordinal: walk.entries.length - 1 }
}

const attributesOf = (walk: Walk, node: Node, path: string): ReadonlyMap<string, XmlValue> => {
  const found = node[':@']
  if (!isNode(found)) return noAttributes
  const attributes = new Map<string, XmlValue>()
  for (const [name, value] of Object.entries(found)) {
    const entered = enter(walk, pathOf(walk, path, name), unescape(String(value)))
    const local = localName(name.slice(1))
    // An attribute of a foreign namespace never hides the element's own.
    if (!attributes.has(local) || local === name.slice(1)) attributes.set(local, entered)
  }
  return attributes
}

/** The text of a text or CDATA node; undefined for anything else. */
const contentOf = (node: Node, name: string | undefined): string | undefined => {
  if (name === '#text') return unescape(String(node['#text']))
  return name === '#cdata' ? cdataOf(node) : undefined
}

const elementOf = (walk: Walk, node: Node, qualified: string, above: string): XmlElement => {
  const path = pathOf(walk, above, qualified)
  const attributes = attributesOf(walk, node, path)
  const texts: XmlValue[] = []
  const children: XmlElement[] = []
  for (const child of nodesOf(node[qualified])) {
    const name = nameOf(child)
    const content = contentOf(child, name)
    if (content !== undefined && content.trim() !== '') texts.push(enter(walk, path, content))
    else if (name !== undefined && !name.startsWith('#')) children.push(elementOf(walk, child, name, path))
  }
  return { name: localName(qualified), attributes, texts, children }
}

const countElements = (text: string): number => {
  let count = 0
  for (let at = text.indexOf('<'); at >= 0; at = text.indexOf('<', at + 1)) count++
  return count
}

const boundsProblem = (text: string): string | undefined => {
  if (text.length > mostCharacters) return `The XML has ${text.length} characters; at most ${mostCharacters} are read.`
  if (countElements(text) > 2 * mostElements) return `The XML has more than ${mostElements} elements.`
  // Declared entities are the only way in which XML grows while it is read; instruments have no use for them.
  return /<!DOCTYPE/i.test(text) ? 'The XML has a document type declaration, which is refused.' : undefined
}

const parse = (text: string): E.Either<BimsError, unknown> => {
  try {
    // The validator is the parser's own, so both agree on what XML is; its successor is another package.
    // eslint-disable-next-line @typescript-eslint/no-deprecated
    const valid = XMLValidator.validate(text)
    return valid === true
      ? E.right(parser.parse(text))
      : refuse(`The XML is not well-formed: ${valid.err.msg} (line ${valid.err.line}).`)
  } catch (cause) {
    return refuse('The XML cannot be parsed.', cause)
  }
}

/**
 * Parses XML: bounded in size, elements and depth (64), no document type declaration, order and repeats kept, values
 * as text. Fails with `native-malformed`.
 */
export const parseXml = (text: string): E.Either<BimsError, XmlTree> => {
  const problem = boundsProblem(text)
  if (problem !== undefined) return refuse(problem)
  return E.chain((document: unknown): E.Either<BimsError, XmlTree> => {
    const outside = nodesOf(document).filter(node => nameOf(node) !== '#comment' && !isBlankText(node))
    const [root] = outside
    const name = root === undefined ? undefined : nameOf(root)
    if (root === undefined || name === undefined || name.startsWith('#') || outside.length > 1)
      return refuse('The XML does not have one element that holds all others.')
    const walk: Walk = { entries: [], paths: new Map() }
    return E.right({ root: elementOf(walk, root, name, ''), entries: walk.entries })
  })(parse(text))
}

/** Children of a name. */
export const childrenOf = (element: XmlElement | undefined, name: string): readonly XmlElement[] =>
  element?.children.filter(child => child.name === name) ?? []

/** The first child of a name. */
export const childOf = (element: XmlElement | undefined, name: string): XmlElement | undefined =>
  element?.children.find(child => child.name === name)
