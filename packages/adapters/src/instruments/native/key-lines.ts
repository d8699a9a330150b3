import type { NativeEntry } from '@bims/core'

/** One `key=value` line. */
export interface KeyLine extends NativeEntry {
  readonly section: string
  /** Key without its section, as it is spelled. */
  readonly name: string
}

/** What stands in an INI-like text. */
interface KeyLines {
  /** In order; blank values and repeats are kept. */
  readonly lines: readonly KeyLine[]
  /** Non-blank lines that are neither a section nor `key=value`. */
  readonly other: number
}

const sectionOf = (line: string): string | undefined => {
  const trimmed = line.trim()
  return trimmed.startsWith('[') && trimmed.endsWith(']') ? trimmed.slice(1, -1) : undefined
}

/** Most entries that are read of one block of native text. */
export const mostEntries = 1_000_000

/** Lines one by one, whatever ends them. */
function* linesOf(text: string): Generator<string> {
  const newline = /\r\n|\n|\r/g
  let at = 0
  for (let match = newline.exec(text); match !== null; match = newline.exec(text)) {
    yield text.slice(at, match.index)
    at = newline.lastIndex
  }
  yield text.slice(at)
}

/**
 * Reads INI-like text: every line with a `=` behind a key is an entry, named `[Section] key`, or `key` before any
 * section. Undefined where there are more than {@link mostEntries}.
 */
export const parseKeyLines = (text: string): KeyLines | undefined => {
  const lines: KeyLine[] = []
  let section = ''
  let other = 0
  for (const line of linesOf(text)) {
    if (lines.length > mostEntries) return undefined
    const title = sectionOf(line)
    const equals = line.indexOf('=')
    if (title !== undefined && !(equals > 0 && line.indexOf('[') > equals)) section = title
    else if (equals > 0) {
      const name = line.slice(0, equals).trim()
      lines.push({ section, name, key: section === '' ? name : `[${section}] ${name}`, value: line.slice(equals + 1) })
    } else if (line.trim() !== '') other++
  }
  return { lines, other }
}
