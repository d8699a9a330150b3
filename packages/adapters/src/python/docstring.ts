/** One `:keyword argument: text` line of a docstring. */
export interface DocField {
  readonly keyword: string
  /** What stands between keyword and colon; empty where nothing does. */
  readonly argument: string
  readonly text: string
}

/** A docstring taken apart. */
export interface DocText {
  /** The text before and between the fields. */
  readonly text: string
  readonly fields: readonly DocField[]
}

const fieldLine = /^\s*:([A-Za-z][\w-]*)((?:[ \t]+[^:\n]*?)?):(?:[ \t]+([^\n\r]*))?$/u
const maxFields = 20_000

const unescapeText = (text: string): string =>
  text.replace(/\\([\\:#n"])/gu, (_, sign: string) => (sign === 'n' ? '\n' : sign))

/**
 * Reads a docstring of the Dragonfly form: free text, then `:keyword:` and `:keyword argument:` fields. A line that is
 * indented by four spaces or more continues the field above it. `\:`, `\#`, `\"`, `\\` and `\n` stand for themselves
 * and a new line where `escapes` is set.
 */
export const parseDocstring = (docstring: string, escapes: boolean): DocText => {
  const restore = escapes ? unescapeText : (text: string): string => text
  const { lines, fields } = collectLines(docstring)
  return {
    text: restore(lines.join('\n').trim()),
    fields: fields.map(({ keyword, argument, text }) => ({ keyword, argument: restore(argument), text: restore(text) }))
  }
}

interface Growing {
  readonly keyword: string
  readonly argument: string
  text: string
}

const parseField = (line: string): Growing | undefined => {
  const [, keyword, argument = '', text = ''] = fieldLine.exec(line) ?? []
  return keyword === undefined ? undefined : { keyword, argument: argument.trim(), text: text.trim() }
}

const collectLines = (
  docstring: string
): { readonly lines: readonly string[]; readonly fields: readonly Growing[] } => {
  const lines: string[] = []
  const fields: Growing[] = []
  let open: Growing | undefined
  for (const line of docstring.split(/\r\n|\n|\r/u)) {
    const field = fields.length < maxFields ? parseField(line) : undefined
    if (field === undefined && open !== undefined && /^ {4,}\S/u.test(line)) {
      open.text = `${open.text} ${line.trim()}`.trim()
      continue
    }
    open = field
    if (field === undefined) lines.push(line.trimEnd())
    else fields.push(field)
  }
  return { lines, fields }
}

/** The text of the first field of a keyword. */
export const fieldOf = (doc: DocText, keyword: string, argument = ''): string | undefined =>
  doc.fields.find(field => field.keyword === keyword && field.argument === argument)?.text

/** All fields of a keyword, by their argument; the first of equal ones counts. */
export const fieldsOf = (doc: DocText, keyword: string): ReadonlyMap<string, string> => {
  const found = new Map<string, string>()
  for (const field of doc.fields)
    if (field.keyword === keyword && !found.has(field.argument)) found.set(field.argument, field.text)
  return found
}
