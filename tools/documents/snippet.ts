/** A piece of TypeScript that stands in a document or a doc comment. */
export interface Snippet {
  /** Where it stands, from the root: file and line. */
  readonly file: string
  readonly line: number
  readonly code: string
}

const fence = /^(\s*(?:\*\s?)?)```(?:ts|typescript)\s*(continued)?\s*$/

/**
 * The fenced `ts` blocks of a text. A fence with the word `continued` goes on where the block before it ended; any other
 * language tag, or none, is not TypeScript to be checked.
 */
const blocksOf = (file: string, text: string, from: RegExp): readonly Snippet[] => {
  const found: Snippet[] = []
  let open:
    | { readonly prefix: string; readonly line: number; readonly continued: boolean; readonly lines: string[] }
    | undefined
  text.split('\n').forEach((line, index) => {
    if (open === undefined) {
      const [, prefix, continued] = fence.exec(line) ?? []
      if (prefix !== undefined) open = { prefix, line: index + 2, continued: continued !== undefined, lines: [] }
      return
    }
    const bare = line.replace(from, '')
    if (!bare.trim().startsWith('```')) {
      open.lines.push(bare)
      return
    }
    const before = open.continued ? found.pop() : undefined
    // Blank lines keep the line numbers of a continued block right.
    const gap = before === undefined ? 0 : open.line - before.line - before.code.split('\n').length
    const code = [...(before === undefined ? [] : [before.code]), ...Array<string>(gap).fill(''), ...open.lines].join(
      '\n'
    )
    found.push({ file, line: before?.line ?? open.line, code })
    open = undefined
  })
  return found
}

/** The `ts` blocks of a Markdown file. */
export const markdownSnippets = (file: string, text: string): readonly Snippet[] => blocksOf(file, text, /^/)

/** The `ts` blocks in the doc comments of a source file. */
export const commentSnippets = (file: string, text: string): readonly Snippet[] => blocksOf(file, text, /^\s*\* ?/)
