import type { BimsError, Host, MacroContent } from '@bims/core'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Parser } from 'web-tree-sitter'
import { parseLogText } from '../../python/blocks.ts'
import { type DocText, fieldOf } from '../../python/docstring.ts'
import { loadPythonParser } from '../../python/grammar.ts'
import { type LogHeader, readMacro } from '../../python/read-log.ts'
import { decodeSource } from '../../python/text.ts'
import { newDragonflyKnowledge } from './knowledge.ts'

const parseHeader = (doc: DocText): LogHeader => {
  const version = fieldOf(doc, 'dragonflyVersion')
  return {
    host: { name: 'Dragonfly', ...(version === undefined || version === '' ? {} : { version }) },
    environment: {}
  }
}

const readSource = (parser: Parser, source: string): E.Either<BimsError, MacroContent> =>
  pipe(
    parseLogText(parser, source, { escapes: false }),
    E.chain(text => readMacro(text, parseHeader, ({ host }) => newDragonflyKnowledge(host)))
  )

/**
 * Action logs of Dragonfly. Names that nothing binds are inputs; a block that people changed (a loop, several calls)
 * is `edited`. Fails with `log-not-python`, `log-grammar`.
 */
export const dragonflyHost: Host = {
  host: 'dragonfly',
  title: 'Dragonfly action log',
  recognises: head => /^:dragonflyVersion:/mu.test(head),
  read: log =>
    pipe(
      TE.fromEither(decodeSource(log)),
      TE.chain(source =>
        pipe(
          loadPythonParser,
          TE.chainEitherK(parser => readSource(parser, source))
        )
      )
    )
}
