import { isLeft } from 'fp-ts/lib/Either.js'
import type { Parser } from 'web-tree-sitter'
import { loadPythonParser } from '../../src/python/grammar.ts'
import { parseExpression } from '../../src/python/expressions.ts'
import { parsePython } from '../../src/python/parse.ts'
import { parseStatement } from '../../src/python/statements.ts'
import type { Expression, Statement } from '../../src/python/syntax.ts'
import { partsOf } from '../../src/python/node.ts'

/** The parser, or the reason why there is none. */
export const pythonParser = async (): Promise<Parser> => {
  const loaded = await loadPythonParser()
  if (isLeft(loaded)) throw new Error(loaded.left.what)
  return loaded.right
}

/** All statements of a source that must be Python. */
export const statementsOf = (parser: Parser, source: string): readonly Statement[] => {
  const parsed = parsePython(parser, source)
  if (isLeft(parsed)) throw new Error(parsed.left.what)
  if (parsed.right.issues.length > 0) throw new Error(JSON.stringify(parsed.right.issues))
  return parsed.right.root.children.filter(node => node.named).map(node => parseStatement(source, node))
}

/** One expression that must be Python. */
export const expressionOf = (parser: Parser, source: string): Expression => {
  const text = `x = ${source}`
  const parsed = parsePython(parser, text)
  if (isLeft(parsed) || parsed.right.issues.length > 0) throw new Error(`not Python: ${source}`)
  const assignment = parsed.right.root.children[0]?.children[0]
  const value = assignment === undefined ? undefined : partsOf(assignment).at(-1)
  if (value === undefined) throw new Error(`no value: ${source}`)
  return parseExpression(text, value)
}
