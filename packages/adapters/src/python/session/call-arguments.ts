import type { CallEffects } from './knowledge.ts'
import { isAllBindings, type Value } from './value.ts'

/** An argument as it stands in a call. */
export interface GivenArgument {
  /** Undefined where it is positional. */
  readonly keyword: string | undefined
  readonly value: Value
}

/** An expression that makes a step: what runs, on what. */
export interface Computation {
  /** Full path, or what else names the operation. */
  readonly id: string
  readonly effects: CallEffects | undefined
  readonly arguments: readonly GivenArgument[]
  /** It may run code that reaches every value. */
  readonly everything: boolean
}

/** An argument with the name of the parameter that it fills. */
export interface NamedArgument {
  readonly name: string
  readonly value: Value
}

/**
 * Gives every argument its name by the signature; undefined where the call does not fit it, because then nobody
 * knows what the call does.
 */
export const nameArguments = (
  effects: CallEffects,
  given: readonly GivenArgument[]
): readonly NamedArgument[] | undefined => {
  const named: NamedArgument[] = []
  const taken = new Set<string>()
  for (const [at, { keyword, value }] of given.entries()) {
    const name = keyword ?? effects.signature[at]
    if (name === undefined || taken.has(name)) return undefined
    if (!effects.signature.includes(name) && effects.settings !== true) return undefined
    taken.add(name)
    named.push({ name, value })
  }
  return named
}

/** Names for the arguments of a call that is not known: `args[0]` where no keyword stands. */
export const plainArguments = (given: readonly GivenArgument[]): readonly NamedArgument[] =>
  given.map(({ keyword, value }, at) => ({ name: keyword ?? `args[${at}]`, value }))

const outNames: ReadonlySet<string> = new Set(['out', 'output'])

/** Arguments that a known call changes in place: those of its table, and a given `out`. */
export const changedArguments = (effects: CallEffects, named: readonly NamedArgument[]): readonly NamedArgument[] =>
  named.filter(({ name, value }) => effects.mutates.includes(name) || (outNames.has(name) && isAllBindings(value)))

/** `copy=False`, or anything else than True, lets the result be the input itself. */
export const mayNotCopy = (named: readonly NamedArgument[]): boolean =>
  named.some(({ name, value }) => name === 'copy' && !(value.kind === 'literal' && value.literal.value === true))
