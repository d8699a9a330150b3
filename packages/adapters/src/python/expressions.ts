import {
  joinStrings,
  type Literal,
  negate,
  newDict,
  newSequence,
  parseFloatLiteral,
  parseInteger,
  parseString,
  typedText
} from './literal.ts'
import { childOf, contains, partsOf, type SyntaxNode } from './node.ts'
import type { Expression, Span } from './syntax.ts'

const spanOf = ({ start, end, line }: SyntaxNode): Span => ({ start, end, line })

const callTypes: ReadonlySet<string> = new Set([
  'call',
  'lambda',
  'list_comprehension',
  'set_comprehension',
  'dictionary_comprehension',
  'generator_expression',
  'await',
  'yield',
  'named_expression',
  'interpolation'
])

/** Every identifier below a node, except attribute and keyword names. */
export const namesIn = (source: string, node: SyntaxNode): readonly string[] => {
  const names = new Set<string>()
  const visit = (at: SyntaxNode): void => {
    if (at.type === 'identifier') names.add(source.slice(at.start, at.end))
    for (const child of at.children) {
      if (at.type === 'attribute' && child.field === 'attribute') continue
      if (at.type === 'keyword_argument' && child.field === 'name') continue
      visit(child)
    }
  }
  visit(node)
  return [...names]
}

const other = (source: string, node: SyntaxNode): Expression => ({
  ...spanOf(node),
  kind: 'other',
  names: namesIn(source, node),
  calls: contains(node, callTypes)
})

const ofLiteral = (source: string, node: SyntaxNode, literal: Literal | undefined): Expression =>
  literal === undefined ? other(source, node) : { ...spanOf(node), kind: 'literal', literal }

const literalsOf = (items: readonly Expression[]): readonly Literal[] | undefined => {
  const literals = items.flatMap(item => (item.kind === 'literal' ? [item.literal] : []))
  return literals.length === items.length ? literals : undefined
}

type Reader = (source: string, node: SyntaxNode) => Expression

const isSpread = (node: SyntaxNode): boolean => node.type.endsWith('_splat') || node.type.endsWith('splat_pattern')

const sequence =
  (kind: 'tuple' | 'list'): Reader =>
  (source, node) => {
    const parts = partsOf(node)
    if (parts.some(isSpread)) return other(source, node)
    const items = parts.map(part => parseExpression(source, part))
    const literals = literalsOf(items)
    return literals === undefined
      ? { ...spanOf(node), kind: 'sequence', items }
      : ofLiteral(source, node, newSequence(kind, literals))
  }

const dictionary: Reader = (source, node) => {
  const pairs = partsOf(node)
  const items = pairs.flatMap(pair =>
    pair.type === 'pair' ? partsOf(pair).map(part => parseExpression(source, part)) : []
  )
  const literals = literalsOf(items)
  if (literals === undefined || literals.length !== 2 * pairs.length) return other(source, node)
  const entries = pairs.flatMap((_, i): (readonly [Literal, Literal])[] => {
    const [key, value] = [literals[2 * i], literals[2 * i + 1]]
    return key === undefined || value === undefined ? [] : [[key, value]]
  })
  return ofLiteral(source, node, newDict(entries))
}

const strings: Reader = (source, node) => {
  const parts = partsOf(node).map(part => parseString(source.slice(part.start, part.end)))
  const known = parts.flatMap(part => (part === undefined ? [] : [part]))
  return ofLiteral(source, node, known.length === parts.length ? joinStrings(known) : undefined)
}

const attribute: Reader = (source, node) => {
  const [object, name] = [childOf(node, 'object'), childOf(node, 'attribute')]
  if (object === undefined || name === undefined) return other(source, node)
  return {
    ...spanOf(node),
    kind: 'attribute',
    object: parseExpression(source, object),
    name: source.slice(name.start, name.end)
  }
}

const keywordOf = (source: string, node: SyntaxNode): readonly (readonly [string, Expression])[] => {
  const [name, value] = [childOf(node, 'name'), childOf(node, 'value')]
  return name === undefined || value === undefined
    ? []
    : [[source.slice(name.start, name.end), parseExpression(source, value)]]
}

const call: Reader = (source, node) => {
  const [callee, list] = [childOf(node, 'function'), childOf(node, 'arguments')]
  if (callee === undefined || list?.type !== 'argument_list') return other(source, node)
  const parts = partsOf(list)
  const plain = parts.filter(part => !isSpread(part))
  return {
    ...spanOf(node),
    kind: 'call',
    callee: parseExpression(source, callee),
    // What is spread counts among the positional arguments, so that its names are seen.
    positional: parts.filter(part => part.type !== 'keyword_argument').map(part => parseExpression(source, part)),
    keywords: plain.filter(part => part.type === 'keyword_argument').flatMap(part => keywordOf(source, part)),
    spread: plain.length !== parts.length
  }
}

const subscript: Reader = (source, node) => {
  const object = childOf(node, 'value')
  const keys = node.children.filter(child => child.field === 'subscript').map(key => parseExpression(source, key))
  return object === undefined
    ? other(source, node)
    : { ...spanOf(node), kind: 'subscript', object: parseExpression(source, object), keys }
}

const slice: Reader = (source, node) => {
  const bounds: (Expression | undefined)[] = [undefined]
  for (const child of node.children) {
    if (child.type === ':') bounds.push(undefined)
    else if (child.named && child.type !== 'comment') bounds[bounds.length - 1] = parseExpression(source, child)
  }
  return { ...spanOf(node), kind: 'slice', bounds }
}

const operatorOf = (source: string, node: SyntaxNode): string | undefined => {
  const signs = node.children.filter(child => child.field === 'operator' || child.field === 'operators')
  return signs.length === 1 && signs[0] !== undefined ? source.slice(signs[0].start, signs[0].end) : undefined
}

const binary: Reader = (source, node) => {
  const operator = operatorOf(source, node)
  const [left, right, ...more] = partsOf(node)
  if (operator === undefined || left === undefined || right === undefined || more.length > 0) return other(source, node)
  const [a, b] = [parseExpression(source, left), parseExpression(source, right)]
  return complexOf(a, b, operator, node) ?? { ...spanOf(node), kind: 'binary', operator, left: a, right: b }
}

/** `1+2j` is one complex number. */
const complexOf = (a: Expression, b: Expression, operator: string, node: SyntaxNode): Expression | undefined => {
  if (a.kind !== 'literal' || b.kind !== 'literal' || (operator !== '+' && operator !== '-')) return undefined
  const literal = addImaginary(a.literal, operator === '+' ? b.literal : negate(b.literal))
  return literal === undefined ? undefined : { ...spanOf(node), kind: 'literal', literal }
}

const addImaginary = (real: Literal, imaginary: Literal | undefined): Literal | undefined => {
  if ((real.type !== 'int' && real.type !== 'float') || typeof real.value !== 'number' || imaginary?.type !== 'complex')
    return undefined
  const text = typedText(imaginary.value)?.split(',')[1]
  return text === undefined
    ? undefined
    : { value: { $type: 'complex128', text: `${real.value},${text}` }, type: 'complex' }
}

const unary: Reader = (source, node) => {
  const operator = operatorOf(source, node)
  const part = childOf(node, 'argument')
  if (operator === undefined || part === undefined) return other(source, node)
  const operand = parseExpression(source, part)
  const literal = operand.kind !== 'literal' ? undefined : operator === '-' ? negate(operand.literal) : undefined
  return literal === undefined
    ? { ...spanOf(node), kind: 'unary', operator, operand }
    : { ...spanOf(node), kind: 'literal', literal }
}

const parenthesised: Reader = (source, node) => {
  const [inner, ...more] = partsOf(node)
  return inner === undefined || more.length > 0
    ? other(source, node)
    : { ...parseExpression(source, inner), ...spanOf(node) }
}

const textOf = (source: string, node: SyntaxNode): string => source.slice(node.start, node.end)

const readers: Readonly<Record<string, Reader>> = {
  identifier: (source, node) => ({ ...spanOf(node), kind: 'name', name: textOf(source, node) }),
  integer: (source, node) =>
    ofLiteral(source, node, parseInteger(textOf(source, node)) ?? parseFloatLiteral(imaginary(textOf(source, node)))),
  float: (source, node) => ofLiteral(source, node, parseFloatLiteral(textOf(source, node))),
  string: (source, node) => ofLiteral(source, node, parseString(textOf(source, node))),
  concatenated_string: strings,
  true: (source, node) => ofLiteral(source, node, { value: true, type: 'bool' }),
  false: (source, node) => ofLiteral(source, node, { value: false, type: 'bool' }),
  none: (source, node) => ofLiteral(source, node, { value: null, type: 'None' }),
  tuple: sequence('tuple'),
  expression_list: sequence('tuple'),
  list: sequence('list'),
  dictionary,
  attribute,
  call,
  subscript,
  slice,
  binary_operator: binary,
  comparison_operator: binary,
  unary_operator: unary,
  parenthesized_expression: parenthesised
}

/** tree-sitter calls `2j` an integer; an integer too large for 64 bits must not become a float. */
const imaginary = (text: string): string => (/[jJ]$/.test(text) ? text : '')

/** Reads an expression; what logs do not need is kept as `other`. */
export const parseExpression = (source: string, node: SyntaxNode): Expression =>
  (readers[node.type] ?? other)(source, node)
