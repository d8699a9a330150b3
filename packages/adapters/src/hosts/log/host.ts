import { type BimsError, type Host, type MacroContent, newError } from '@bims/core'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Parser } from 'web-tree-sitter'
import { type LogText, parseLogText } from '../../python/blocks.ts'
import { loadPythonParser } from '../../python/grammar.ts'
import { readMacro } from '../../python/read-log.ts'
import { decodeSource } from '../../python/text.ts'
import { parseHeader, schemaMajor } from './header.ts'
import { newLogKnowledge } from './knowledge.ts'

const checkMajor = (text: LogText): E.Either<BimsError, LogText> => {
  const major = schemaMajor(text.header)
  return major === undefined || major === '1'
    ? E.right(text)
    : E.left(newError('record-major', `The log has the form bims.log/${major}.`, 'Update BIMS to read it.'))
}

const readSource = (parser: Parser, source: string): E.Either<BimsError, MacroContent> =>
  pipe(
    parseLogText(parser, source, { escapes: true }),
    E.chain(checkMajor),
    E.chain(text =>
      readMacro(text, parseHeader, ({ host, environment }) =>
        newLogKnowledge({ host, libraries: environment.libraries ?? {} })
      )
    )
  )

/**
 * The BIMS log form of docs/spec/log.md, and Python written by hand. Fails with `log-not-python`, `log-grammar`, and
 * `record-major` where the header names a later form.
 */
export const pythonHost: Host = {
  host: 'python',
  title: 'Python log',
  recognises: (head, name) => /\.py$/i.test(name) || /^:schema: bims\.log\//mu.test(head),
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
