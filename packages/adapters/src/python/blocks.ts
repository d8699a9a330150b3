import { type BimsError, type Issue, newError } from '@bims/core'
import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js'
import type { Parser } from 'web-tree-sitter'
import { type DocText, parseDocstring } from './docstring.ts'
import { parseDeadline, type ParsedSource, parsePython } from './parse.ts'
import { parseStatement } from './statements.ts'
import type { Statement } from './syntax.ts'

/** A piece of a log: a framed macro block, or a statement that stands outside of any. */
export interface LogBlock {
  /** Between BEGIN MACRO and END MACRO. */
  readonly framed: boolean
  /** False where it is not Python; then there are no statements. */
  readonly parses: boolean
  readonly doc: DocText
  /** Without texts and comments. */
  readonly statements: readonly Statement[]
  /** Comments in it, whole, in order. */
  readonly comments: readonly string[]
  /** From the first statement to the last, verbatim. */
  readonly code: string
  /** 1-based. */
  readonly line: number
  /** The text that the spans of the statements count in, and the line of the log on which it starts. */
  readonly source: string
  readonly firstLine: number
}

/** A log taken apart; nothing in it is interpreted yet. */
export interface LogText {
  readonly source: string
  readonly header: DocText
  readonly blocks: readonly LogBlock[]
}

/** How a host writes docstrings. */
export interface LogTextOptions {
  /** See {@link parseDocstring}. */
  readonly escapes: boolean
}

type MarkerKind = 'begin' | 'end'

interface Marker {
  readonly kind: MarkerKind
  readonly start: number
  readonly end: number
  readonly line: number
}

const markerLine = /^#[ \t]*\*{3,}[ \t]*(BEGIN|END) MACRO[ \t]*\*{3,}[ \t]*#?[ \t]*$/u

const markerKind = (text: string): MarkerKind | undefined => {
  const match = markerLine.exec(text)
  return match === null ? undefined : match[1] === 'BEGIN' ? 'begin' : 'end'
}

const treeMarkers = (statements: readonly Statement[]): readonly Marker[] =>
  statements.flatMap(statement => {
    const kind = statement.kind === 'comment' ? markerKind(statement.text.trimEnd()) : undefined
    return kind === undefined ? [] : [{ kind, start: statement.start, end: statement.end, line: statement.line }]
  })

const textMarkers = (source: string): readonly Marker[] => {
  const markers: Marker[] = []
  let start = 0
  let line = 1
  for (const text of source.split('\n')) {
    const kind = markerKind(text.replace(/\r$/, ''))
    if (kind !== undefined) markers.push({ kind, start, end: start + text.length, line })
    start += text.length + 1
    line += 1
  }
  return markers
}

interface Frame {
  readonly start: number
  readonly end: number
  readonly line: number
}

const frameIssue = (line: number, what: string): Issue => ({ at: `line ${line}`, what })

/** Pairs BEGIN with END; what is open or closed without the other is an issue. */
const framesOf = (
  markers: readonly Marker[]
): { readonly frames: readonly Frame[]; readonly issues: readonly Issue[] } => {
  const frames: Frame[] = []
  const issues: Issue[] = []
  let open: Marker | undefined
  for (const marker of markers) {
    if (marker.kind === 'begin') {
      if (open !== undefined) issues.push(frameIssue(open.line, 'BEGIN MACRO without END MACRO'))
      open = marker
    } else if (open === undefined) issues.push(frameIssue(marker.line, 'END MACRO without BEGIN MACRO'))
    else {
      frames.push({ start: open.end, end: marker.start, line: open.line })
      open = undefined
    }
  }
  if (open !== undefined) issues.push(frameIssue(open.line, 'BEGIN MACRO without END MACRO'))
  return { frames, issues }
}

const noDoc: DocText = { text: '', fields: [] }

const isCode = (statement: Statement): boolean => !['text', 'comment', 'nothing'].includes(statement.kind)

const commentsOf = (statements: readonly Statement[]): readonly string[] =>
  statements.flatMap(statement => (statement.kind === 'comment' ? [statement.text] : []))

const framedBlock = (
  source: string,
  frame: Frame,
  statements: readonly Statement[],
  options: LogTextOptions
): LogBlock => {
  const text = statements.find(statement => statement.kind === 'text' || isCode(statement))
  const code = statements.filter(isCode)
  const [first, last] = [code[0], code.at(-1)]
  return {
    framed: true,
    parses: true,
    doc: text?.kind === 'text' ? parseDocstring(text.text, options.escapes) : noDoc,
    statements: code,
    comments: commentsOf(statements),
    code: first === undefined || last === undefined ? '' : source.slice(first.start, last.end),
    line: first?.line ?? frame.line,
    source,
    firstLine: 1
  }
}

const brokenBlock = (source: string, frame: Frame): LogBlock => ({
  framed: true,
  parses: false,
  doc: noDoc,
  statements: [],
  comments: [],
  code: source.slice(frame.start, frame.end).trim(),
  line: frame.line,
  source,
  firstLine: 1
})

/** The comment lines right above a statement are what people wrote about it. */
const commentAbove = (source: string, statements: readonly Statement[], at: number): string => {
  const lines: string[] = []
  let below = statements[at]
  for (let i = at - 1; i >= 0; i--) {
    const above = statements[i]
    if (
      above?.kind !== 'comment' ||
      below === undefined ||
      !/^[ \t]*\r?\n[ \t]*$/.test(source.slice(above.end, below.start))
    )
      break
    if (/^#!|^#.*coding[:=]|^# ?[-*]{3}/.test(above.text)) break
    lines.unshift(above.text.replace(/^#+ ?/, '').trimEnd())
    below = above
  }
  return lines.join('\n').trim()
}

const looseBlocks = (source: string, statements: readonly Statement[]): readonly LogBlock[] =>
  statements.flatMap((statement, at) => {
    if (!isCode(statement)) return []
    const doc: DocText = { text: commentAbove(source, statements, at), fields: [] }
    return [
      {
        framed: false,
        parses: true,
        doc,
        statements: [statement],
        comments: [],
        code: source.slice(statement.start, statement.end),
        line: statement.line,
        source,
        firstLine: 1
      }
    ]
  })

const shift = (source: ParsedSource, text: string): readonly Statement[] =>
  source.root.children.filter(node => node.named).map(node => parseStatement(text, node))

const headerOf = (statements: readonly Statement[], options: LogTextOptions): DocText => {
  const first = statements.find(statement => statement.kind !== 'comment' && statement.kind !== 'nothing')
  return first?.kind === 'text' ? parseDocstring(first.text, options.escapes) : noDoc
}

const notPython = (issues: readonly Issue[]): BimsError =>
  newError(
    'log-not-python',
    'The log does not parse as Python.',
    'Correct the lines listed, or give a log that the program wrote.',
    { issues }
  )

const badFrames = (issues: readonly Issue[]): BimsError =>
  newError(
    'log-grammar',
    'The macro blocks of the log do not pair.',
    'Close every BEGIN MACRO line with an END MACRO line.',
    { issues }
  )

/** Statements between frames and those in them, in the order of the text. */
const arrange = (
  source: string,
  statements: readonly Statement[],
  frames: readonly Frame[],
  options: LogTextOptions
): readonly LogBlock[] => {
  const blocks: LogBlock[] = []
  let at = 0
  const take = (end: number): readonly Statement[] => {
    const from = at
    while (at < statements.length && (statements[at]?.start ?? end) < end) at += 1
    return statements.slice(from, at)
  }
  for (const frame of frames) {
    blocks.push(...looseBlocks(source, take(frame.start)))
    blocks.push(framedBlock(source, frame, take(frame.end), options))
  }
  blocks.push(...looseBlocks(source, take(Number.POSITIVE_INFINITY)))
  return blocks
}

/** Blanks what the frame does not cover, so that offsets and lines stay those of the log. */
const blank = (text: string): string => text.replace(/[^\n]/g, ' ')

/** The text with its frames blanked. */
const outsideOf = (source: string, frames: readonly Frame[]): string => {
  const pieces: string[] = []
  let from = 0
  for (const { start, end } of frames) {
    pieces.push(source.slice(from, start), blank(source.slice(start, end)))
    from = end
  }
  return [...pieces, source.slice(from)].join('')
}

const parseFrame = (parser: Parser, source: string, frame: Frame, options: LogTextOptions, until: number): LogBlock => {
  const text = source.slice(frame.start, frame.end)
  const inner = parsePython(parser, text, until)
  return isLeft(inner) || inner.right.issues.length > 0
    ? brokenBlock(source, frame)
    : moveBlock(framedBlock(text, frame, shift(inner.right, text), options), frame.line)
}

/**
 * A log that does not parse as a whole: each block is parsed by itself, and those that fail are kept as they are.
 * Undefined where there are no blocks, or none of them parses.
 */
const parsePieces = (
  parser: Parser,
  source: string,
  options: LogTextOptions,
  until: number
): Either<BimsError, LogText> | undefined => {
  const { frames, issues } = framesOf(textMarkers(source))
  if (frames.length === 0 || issues.length > 0) return undefined
  const rest = parsePython(parser, outsideOf(source, frames), until)
  if (isLeft(rest)) return rest
  if (rest.right.issues.length > 0) return left(notPython(rest.right.issues))
  const loose = shift(rest.right, source)
  const blocks: LogBlock[] = []
  let at = 0
  const takeLoose = (end: number): readonly Statement[] => {
    const first = at
    while (at < loose.length && (loose[at]?.start ?? end) < end) at += 1
    return loose.slice(first, at)
  }
  for (const frame of frames)
    blocks.push(...looseBlocks(source, takeLoose(frame.start)), parseFrame(parser, source, frame, options, until))
  blocks.push(...looseBlocks(source, takeLoose(Number.POSITIVE_INFINITY)))
  return blocks.some(block => block.framed && block.parses)
    ? right({ source, header: headerOf(loose, options), blocks })
    : undefined
}

const moveBlock = (block: LogBlock, line: number): LogBlock => ({
  ...block,
  line: block.line + line - 1,
  firstLine: line
})

/**
 * Takes a log apart into its header, macro blocks and statements outside of blocks. Fails with `log-not-python`
 * (nothing in it parses, or what stands outside the blocks does not), `log-grammar` (blocks that do not pair).
 */
export const parseLogText = (parser: Parser, source: string, options: LogTextOptions): Either<BimsError, LogText> => {
  const parsed = parsePython(parser, source)
  if (isLeft(parsed)) return parsePieces(parser, source, options, parseDeadline()) ?? parsed
  if (parsed.right.issues.length > 0)
    return parsePieces(parser, source, options, parseDeadline()) ?? left(notPython(parsed.right.issues))
  const statements = shift(parsed.right, source)
  const { frames, issues } = framesOf(treeMarkers(statements))
  if (issues.length > 0) return left(badFrames(issues))
  return right({ source, header: headerOf(statements, options), blocks: arrange(source, statements, frames, options) })
}
