/** Which Python variable holds which version of a value. */
export interface Spelling {
  /** The variable of a versioned value, or of a plain name; undefined where no variable holds it any more. */
  readonly variableOf: (value: string) => string | undefined
  /** The variable now holds the value too. */
  readonly hold: (value: string, variable: string) => void
  /** Everything that the variable held, another holds from now on. */
  readonly move: (variable: string, to: string) => void
  readonly forget: (variable: string) => void
}

/** Starts with nothing. */
export const newSpelling = (): Spelling => {
  const variables = new Map<string, string>()
  const values = new Map<string, Set<string>>()
  const drop = (variable: string): ReadonlySet<string> => {
    const held = values.get(variable) ?? new Set<string>()
    values.delete(variable)
    for (const value of held) variables.delete(value)
    return held
  }
  const hold = (value: string, variable: string): void => {
    const before = variables.get(value)
    if (before !== undefined) values.get(before)?.delete(value)
    variables.set(value, variable)
    const held = values.get(variable) ?? new Set<string>()
    held.add(value)
    values.set(variable, held)
  }
  return {
    variableOf: value => variables.get(value),
    hold,
    move: (variable, to) => {
      for (const value of drop(variable)) hold(value, to)
    },
    forget: variable => {
      drop(variable)
    }
  }
}
