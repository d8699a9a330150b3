import { createRequire } from 'node:module'
import { type BimsError, newError } from '@bims/core'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Parser } from 'web-tree-sitter'

/**
 * The grammar is looked up as a file of the installed package `tree-sitter-python`, and the runtime finds its own
 * WebAssembly beside itself; both packages must therefore stay external when this package is bundled.
 */
const load = async (): Promise<Parser> => {
  const tree = await import('web-tree-sitter')
  await tree.Parser.init()
  const grammar = createRequire(import.meta.url).resolve('tree-sitter-python/tree-sitter-python.wasm')
  const parser = new tree.Parser()
  parser.setLanguage(await tree.Language.load(grammar))
  return parser
}

let loading: Promise<Parser> | undefined

/** Loads the Python grammar once and gives the parser; fails with `unexpected` where its files are not installed. */
export const loadPythonParser: TE.TaskEither<BimsError, Parser> = TE.tryCatch(
  () => {
    loading ??= load()
    return loading
  },
  cause => {
    loading = undefined
    return newError(
      'unexpected',
      'The Python grammar cannot be loaded.',
      'Check that the packages web-tree-sitter and tree-sitter-python are installed whole.',
      { cause }
    )
  }
)
