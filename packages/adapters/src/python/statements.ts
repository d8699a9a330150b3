import { parseExpression } from './expressions.ts'
import { parseString } from './literal.ts'
import { childOf, partsOf, type SyntaxNode } from './node.ts'
import { bindingsIn, rewires } from './reach.ts'
import type { Expression, ImportedName, Span, Statement } from './syntax.ts'

const spanOf = ({ start, end, line }: SyntaxNode): Span => ({ start, end, line })
const textOf = (source: string, node: SyntaxNode): string => source.slice(node.start, node.end)

/** Statements that logs do not need in detail. */
const other = (source: string, node: SyntaxNode): Statement => ({
  ...spanOf(node),
  kind: 'other',
  binds: bindingsIn(source, node),
  rewires: rewires(source, node),
  form: node.type
})

const patternNames = (source: string, node: SyntaxNode): readonly string[] | undefined => {
  if (node.type === 'identifier') return [textOf(source, node)]
  if (!['pattern_list', 'tuple_pattern', 'list_pattern'].includes(node.type)) return undefined
  const parts = partsOf(node)
  return parts.length > 1 && parts.every(part => part.type === 'identifier')
    ? parts.map(part => textOf(source, part))
    : undefined
}

interface Chain {
  readonly targets: readonly SyntaxNode[]
  readonly value: SyntaxNode
}

/** `a = b = value` is nested to the right. */
const chainOf = (node: SyntaxNode): Chain | undefined => {
  const [target, value] = [childOf(node, 'left'), childOf(node, 'right')]
  if (target === undefined || value === undefined) return undefined
  if (value.type !== 'assignment') return { targets: [target], value }
  const rest = chainOf(value)
  return rest === undefined ? undefined : { targets: [target, ...rest.targets], value: rest.value }
}

const assignment = (source: string, node: SyntaxNode): Statement => {
  const chain = chainOf(node)
  if (chain === undefined)
    return childOf(node, 'type') === undefined ? other(source, node) : { ...spanOf(node), kind: 'nothing' }
  const value = parseExpression(source, chain.value)
  const [first, ...more] = chain.targets
  if (first?.type === 'subscript' && more.length === 0) {
    const target = parseExpression(source, first)
    return target.kind === 'subscript' ? { ...spanOf(node), kind: 'item', target, value } : other(source, node)
  }
  const targets = chain.targets.map(target => patternNames(source, target))
  const known = targets.flatMap(target => (target === undefined ? [] : [target]))
  return known.length === targets.length
    ? { ...spanOf(node), kind: 'assignment', targets: known, value }
    : other(source, node)
}

const augmented = (source: string, node: SyntaxNode): Statement => {
  const [target, value, operator] = [childOf(node, 'left'), childOf(node, 'right'), childOf(node, 'operator')]
  if (target === undefined || value === undefined || operator === undefined || target.type === 'attribute')
    return other(source, node)
  return {
    ...spanOf(node),
    kind: 'augmented',
    target: parseExpression(source, target),
    operator: textOf(source, operator).slice(0, -1),
    value: parseExpression(source, value)
  }
}

/** The text of a string that stands alone; undefined where it is no plain string. */
const loneText = (source: string, node: SyntaxNode): string | undefined => {
  if (node.type !== 'string') return undefined
  const literal = parseString(textOf(source, node))
  return literal?.type === 'str' && typeof literal.value === 'string' ? literal.value : undefined
}

const expressionStatement = (source: string, node: SyntaxNode): Statement => {
  const parts = partsOf(node)
  const [inner] = parts
  if (inner === undefined) return { ...spanOf(node), kind: 'nothing' }
  if (inner.type === 'assignment') return { ...assignment(source, inner), ...spanOf(node) }
  if (inner.type === 'augmented_assignment') return { ...augmented(source, inner), ...spanOf(node) }
  if (parts.length > 1) return { ...spanOf(node), kind: 'expression', value: tupleOf(source, node, parts) }
  const text = loneText(source, inner)
  return text === undefined
    ? { ...spanOf(node), kind: 'expression', value: parseExpression(source, inner) }
    : { ...spanOf(node), kind: 'text', text }
}

const tupleOf = (source: string, node: SyntaxNode, parts: readonly SyntaxNode[]): Expression => ({
  ...spanOf(node),
  kind: 'sequence',
  items: parts.map(part => parseExpression(source, part))
})

/** `import a.b` binds `a`; `import a.b as c` binds `c` to `a.b`; `from a import b` binds `b` to `a.b`. */
const importedName = (source: string, node: SyntaxNode, from: string | undefined): ImportedName => {
  const [path, alias] = [childOf(node, 'name'), childOf(node, 'alias')]
  const prefix = from === undefined ? '' : `${from}.`
  if (path !== undefined && alias !== undefined)
    return { name: textOf(source, alias), path: prefix + textOf(source, path) }
  const whole = textOf(source, node)
  if (from !== undefined) return { name: whole, path: prefix + whole }
  const [root = whole] = whole.split('.')
  return { name: root, path: root }
}

const importStatement = (source: string, node: SyntaxNode): Statement => {
  const names = node.children.filter(child => child.field === 'name')
  const module = childOf(node, 'module_name')
  // Which names a star or a relative import binds cannot be known from the log.
  if (names.length === 0 || module?.type === 'relative_import')
    return { ...spanOf(node), kind: 'other', binds: [], rewires: true, form: 'import *' }
  const from = module === undefined ? undefined : textOf(source, module)
  return { ...spanOf(node), kind: 'import', names: names.map(name => importedName(source, name, from)) }
}

const deletion = (source: string, node: SyntaxNode): Statement => {
  const [list] = partsOf(node)
  const names =
    list === undefined ? [] : list.type === 'expression_list' || list.type === 'tuple' ? partsOf(list) : [list]
  return names.length > 0 && names.every(name => name.type === 'identifier')
    ? { ...spanOf(node), kind: 'delete', names: names.map(name => textOf(source, name)) }
    : other(source, node)
}

const simpleKinds: ReadonlySet<Statement['kind']> = new Set([
  'assignment',
  'augmented',
  'item',
  'expression',
  'text',
  'comment',
  'nothing',
  'loop',
  'delete'
])

/** The arguments of a plain call of `range`. */
const rangeOf = (call: Expression): readonly Expression[] | undefined =>
  call.kind === 'call' &&
  call.callee.kind === 'name' &&
  call.callee.name === 'range' &&
  !call.spread &&
  call.keywords.length === 0
    ? call.positional
    : undefined

const isPlainFor = (node: SyntaxNode): boolean =>
  node.children[0]?.type !== 'async' && childOf(node, 'alternative') === undefined

const loop = (source: string, node: SyntaxNode): Statement => {
  const [variable, over, body] = [childOf(node, 'left'), childOf(node, 'right'), childOf(node, 'body')]
  if (variable?.type !== 'identifier' || over === undefined || body === undefined || !isPlainFor(node))
    return other(source, node)
  const range = rangeOf(parseExpression(source, over))
  const statements = body.children.filter(child => child.named).map(child => parseStatement(source, child))
  if (range === undefined || !statements.every(statement => simpleKinds.has(statement.kind))) return other(source, node)
  return { ...spanOf(node), kind: 'loop', variable: textOf(source, variable), range, body: statements }
}

type Reader = (source: string, node: SyntaxNode) => Statement

const readers: Readonly<Record<string, Reader>> = {
  expression_statement: expressionStatement,
  import_statement: importStatement,
  import_from_statement: importStatement,
  future_import_statement: (_, node) => ({ ...spanOf(node), kind: 'nothing' }),
  pass_statement: (_, node) => ({ ...spanOf(node), kind: 'nothing' }),
  delete_statement: deletion,
  for_statement: loop,
  comment: (source, node) => ({ ...spanOf(node), kind: 'comment', text: textOf(source, node) })
}

/** Reads a statement; what logs do not need is kept as `other`. */
export const parseStatement = (source: string, node: SyntaxNode): Statement =>
  (readers[node.type] ?? other)(source, node)
