import type { Attachment } from '@bims/core'
import { escapeText } from '../../../python/print.ts'

/** Everything that a docstring says, in order. */
export interface BlockDoc {
  readonly text: string
  /** Keyword, argument (may be empty), text. */
  readonly fields: readonly (readonly [string, string, string])[]
}

const plainLines = (text: string): string => text.replaceAll(/\r\n?/g, '\n')

const escapeLine = (line: string): string => line.replaceAll('\\', '\\\\').replace(/^(\s*)([:#])/, '$1\\$2')

const fieldText = (text: string): string => plainLines(text).trim().replaceAll('\\', '\\\\').replaceAll('\n', '\\n')

/** A docstring of the Dragonfly form; whatever stands in the texts, it is one string and has only these fields. */
export const docstringText = ({ text, fields }: BlockDoc): string => {
  const lines = plainLines(text).trim().split('\n').map(escapeLine)
  const head = text.trim() === '' ? [] : [...lines, '']
  const body = fields.map(([keyword, argument, value]) =>
    `:${keyword}${argument === '' ? '' : ` ${argument}`}: ${fieldText(value)}`.trimEnd()
  )
  return `"""\n${escapeText([...head, ...body].join('\n'), '"', true)}\n"""`
}

/** The text of an `:attachment NAME:` field. */
export const attachmentText = ({ mediaType, size, digest, at }: Attachment): string =>
  `${mediaType} ${size} ${digest}${at === undefined ? '' : ` ${at}`}`

/** A block: docstring, imports, definitions, and the one call or assignment. */
export const blockText = (
  doc: BlockDoc,
  imports: readonly string[],
  definitions: readonly string[],
  code: string
): string => {
  const section =
    definitions.length === 0
      ? []
      : [
          '# ----- BEGIN INPUT ARGUMENT DEFINITION ----- #',
          ...definitions,
          '# ----- END INPUT ARGUMENT DEFINITION ----- #'
        ]
  return [
    '# ********** BEGIN MACRO ********** #',
    docstringText(doc),
    '',
    ...imports.map(path => `import ${path}`),
    ...section,
    '# Interface method',
    code,
    '# ********** END MACRO ********** #',
    '',
    ''
  ].join('\n')
}
