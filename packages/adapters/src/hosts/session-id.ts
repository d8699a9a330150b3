/** The session that the head of a log names: `:session:` of the BIMS form, `:UUID:` of Dragonfly's. */
export const sessionIn = (head: string): string | undefined => {
  const docstring = /^\s*(?:#[^\n]*\n\s*)*"""([\s\S]*?)(?:"""|$)/u.exec(head)?.[1]
  return docstring === undefined
    ? undefined
    : /^:(?:session|UUID):[ \t]*(\S[^\r\n]{0,199}?)[ \t]*\r?$/mu.exec(docstring)?.[1]
}
