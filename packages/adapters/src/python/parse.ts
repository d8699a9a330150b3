import { type BimsError, type Issue, newError } from '@bims/core'
import { type Either, left, right } from 'fp-ts/lib/Either.js'
import type { Parser, Tree } from 'web-tree-sitter'
import { copyTree, type SyntaxNode } from './node.ts'

/** Largest Python source in UTF-16 units. */
export const maxSourceLength = 2 ** 24

const bounds = { depth: 250, nodes: 2 ** 22 }
const maxIssues = 100

/** Milliseconds after which parsing is given up: hostile text can make error recovery slow. */
const patience = 20_000

/** A parsed source: its tree, and what is wrong with it. */
export interface ParsedSource {
  readonly root: SyntaxNode
  /** Empty where the source is Python. */
  readonly issues: readonly Issue[]
}

const excerpt = (source: string, node: SyntaxNode): string =>
  JSON.stringify(source.slice(node.start, Math.min(node.end, node.start + 40)))

/** What the grammar takes and Python 3 refuses. */
const oldForms: ReadonlySet<string> = new Set(['print_statement', 'exec_statement'])

const refusedForm = (source: string, node: SyntaxNode): string | undefined => {
  if (oldForms.has(node.type)) return 'Python 2'
  if (node.type === 'integer' && /[lL]$/.test(source.slice(node.start, node.end))) return 'Python 2'
  if (node.type !== 'argument_list') return undefined
  const parts = node.children.filter(child => child.named && child.type !== 'comment')
  const firstKeyword = parts.findIndex(part => part.type === 'keyword_argument')
  const late =
    firstKeyword >= 0 &&
    parts.slice(firstKeyword).some(part => !['keyword_argument', 'dictionary_splat', 'list_splat'].includes(part.type))
  return late ? 'a positional argument after a keyword' : undefined
}

const isIndented = (source: string, node: SyntaxNode): boolean =>
  node.named &&
  node.type !== 'comment' &&
  node.start > 0 &&
  (source[node.start - 1] === ' ' || source[node.start - 1] === '\t') &&
  source.slice(source.lastIndexOf('\n', node.start - 1) + 1, node.start).trim() === ''

const syntaxIssues = (source: string, root: SyntaxNode): readonly Issue[] => {
  const issues: Issue[] = []
  const report = (node: SyntaxNode, what: string): void => {
    issues.push({ at: `line ${node.line}`, what: `not Python: ${what}` })
  }
  const visit = (node: SyntaxNode): void => {
    if (issues.length >= maxIssues) return
    if (node.type === 'ERROR') return report(node, excerpt(source, node))
    if (node.missing) return report(node, `a ${JSON.stringify(node.type)} is missing`)
    const refused = refusedForm(source, node)
    if (refused !== undefined) return report(node, `${refused}: ${excerpt(source, node)}`)
    for (const child of node.children) visit(child)
  }
  visit(root)
  for (const node of root.children)
    if (issues.length < maxIssues && isIndented(source, node)) report(node, 'unexpected indentation')
  return issues
}

const tooMuch = (what: string): BimsError =>
  newError('log-not-python', `The source is ${what}.`, 'Split the log into several.')

const parseTree = (parser: Parser, source: string, until: number): Tree | undefined => {
  try {
    // The library declares the callback as void, but stops where it returns true.
    return parser.parse(source, null, { progressCallback: () => performance.now() > until }) ?? undefined
  } catch {
    return undefined
  } finally {
    parser.reset()
  }
}

/** The time (of `performance.now()`) by which what is parsed from now on must be done. */
export const parseDeadline = (): number => performance.now() + patience

/**
 * Parses Python. Syntax errors are data, in `issues`; fails with `log-not-python` only where the source is too large,
 * too deep, or not done by `until`.
 */
export const parsePython = (
  parser: Parser,
  source: string,
  until: number = parseDeadline()
): Either<BimsError, ParsedSource> => {
  if (source.length > maxSourceLength) return left(tooMuch(`larger than ${maxSourceLength} characters`))
  const tree = parseTree(parser, source, until)
  if (tree === undefined) return left(tooMuch('too tangled to be parsed'))
  try {
    const root = copyTree(tree, bounds)
    if (root === undefined)
      return left(tooMuch(`nested deeper than ${bounds.depth} levels or made of more than ${bounds.nodes} parts`))
    return right({ root, issues: syntaxIssues(source, root) })
  } finally {
    tree.delete()
  }
}
