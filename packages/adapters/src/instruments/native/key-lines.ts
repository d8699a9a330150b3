import type { NativeEntry } from '@bims/core'

/** One `key=value` line. */
export interface KeyLine extends NativeEntry {
  readonly section: string
  /** Key without its section, as it is spelled. */
  readonly name: string
}

/** What stands in an INI-like text. */
export interface KeyLines {
  /** In order; blank values and repeats are kept. */
  readonly lines: readonly KeyLine[]
  /** Non-blank lines that are neither a section nor `key=value`. */
  readonly other: number
}

const sectionOf = (line: string): string | undefined => {
  const trimmed = line.trim()
  return trimmed.startsWith('[') && trimmed.endsWith(']') ? trimmed.slice(1, -1) : undefined
}

/** Reads INI-like text: every line with a `=` behind a key is an entry, named `[Section] key`, or `key` before any section. */
export const parseKeyLines = (text: string): KeyLines => {
  const lines: KeyLine[] = []
  let section = ''
  let other = 0
  for (const line of text.split(/\r\n|\n|\r/)) {
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
