import { formatValueName, parseValueName, type ValueKind } from '@bims/core'
import type { Literal } from '../literal.ts'
import { sessionStates } from './knowledge.ts'

/** What a variable, or an expression within a call, stands for. */
export interface Binding {
  /** The object in memory; views of one another are objects of one group. */
  readonly object: number
  readonly kind: ValueKind
  /** Versioned name of the value now; undefined for a constant that no step made. */
  readonly value: string | undefined
  /** The constant, while it is one. */
  readonly literal?: Literal
  /** Whether calling it, or its methods, may run code that reaches every value. */
  readonly runs: 'no' | 'methods' | 'always'
  /** Whether it can be changed in place. */
  readonly mutable: boolean
  /** A step made it. */
  readonly made: boolean
  /** It only keeps a version for undoing. */
  readonly kept?: true
}

/** The binding without its constant: it was changed. */
export const withoutLiteral = (binding: Binding): Binding => {
  const { object, kind, value, runs, mutable, made, kept } = binding
  return { object, kind, value, runs, mutable, made, ...(kept === undefined ? {} : { kept }) }
}

/** A value that no variable holds. */
export interface Surrounding {
  readonly kind: ValueKind
  readonly name: string
  readonly value: string
  /** It hangs on the variable of that name. */
  readonly hangs: boolean
}

/** Variables, their values and who shares memory with whom. */
export interface Scope {
  readonly variables: ReadonlyMap<string, Binding>
  readonly imports: ReadonlyMap<string, string>
  readonly newObject: () => number
  readonly newValue: (kind: ValueKind, name: string) => string
  /** Whether a name has had a version. */
  readonly isUsed: (kind: ValueKind, name: string) => boolean
  readonly bind: (variable: string, binding: Binding) => void
  readonly unbind: (variable: string) => void
  readonly importName: (name: string, path: string) => void
  /** From now on the objects may share memory, or hold one another. */
  readonly link: (objects: readonly number[]) => void
  readonly linkAll: () => void
  /** Variables that may share memory with an object. */
  readonly sharing: (object: number) => readonly string[]
  /** Current value of what hangs on a variable, by kind. */
  readonly hanging: (variable: string) => ReadonlyMap<ValueKind, string>
  readonly hang: (variable: string, kind: ValueKind) => string
  /** Current value of a session state or a file. */
  readonly state: (kind: ValueKind, name: string) => string
  readonly writeState: (kind: ValueKind, name: string) => string
  readonly isWritten: (kind: ValueKind, name: string) => boolean
  /** Everything that is there besides variables: states, files, and what hangs on variables, as kind, name, value. */
  readonly surroundings: () => readonly Surrounding[]
}

const partsOfValue = (value: string): { readonly kind: ValueKind; readonly name: string } => {
  const { kind, name } = parseValueName(value) ?? { kind: 'state' as const, name: value }
  return { kind, name }
}

const key = (kind: ValueKind, name: string): string => `${kind}:${name}`

interface Groups {
  readonly newObject: () => number
  readonly find: (object: number) => number
  readonly members: (object: number) => Set<string>
  readonly link: (objects: readonly number[]) => void
}

/** Union-find with the variables of each group. */
const newGroups = (): Groups => {
  const parents: number[] = []
  const members: Set<string>[] = []
  const find = (object: number): number => {
    let root = object
    while (parents[root] !== undefined && parents[root] !== root) root = parents[root] ?? root
    let at = object
    while (at !== root) {
      const next = parents[at] ?? root
      parents[at] = root
      at = next
    }
    return root
  }
  const membersOf = (object: number): Set<string> => members[find(object)] ?? new Set()
  const join = (a: number, b: number): void => {
    const [from, to] = membersOf(a).size < membersOf(b).size ? [find(a), find(b)] : [find(b), find(a)]
    if (from === to) return
    for (const variable of members[from] ?? []) members[to]?.add(variable)
    members[from] = new Set()
    parents[from] = to
  }
  return {
    newObject: () => {
      parents.push(parents.length)
      members.push(new Set())
      return parents.length - 1
    },
    find,
    members: membersOf,
    link: objects => {
      const [first, ...rest] = objects
      if (first !== undefined) for (const object of rest) join(first, object)
    }
  }
}

/** Makes an empty scope. */
export const newScope = (): Scope => {
  const variables = new Map<string, Binding>()
  const imports = new Map<string, string>()
  const counters = new Map<string, number>()
  const hangings = new Map<string, Map<ValueKind, string>>()
  const states = new Map<string, string>()
  const groups = newGroups()
  const newValue = (kind: ValueKind, name: string): string => {
    const version = counters.get(key(kind, name)) ?? 0
    counters.set(key(kind, name), version + 1)
    return formatValueName({ kind, name, version })
  }
  const unbind = (variable: string): void => {
    const before = variables.get(variable)
    if (before !== undefined) groups.members(before.object).delete(variable)
    variables.delete(variable)
    imports.delete(variable)
  }
  const state = (kind: ValueKind, name: string): string => {
    const value = states.get(key(kind, name)) ?? newValue(kind, name)
    states.set(key(kind, name), value)
    return value
  }
  const writeState = (kind: ValueKind, name: string): string => {
    // Session state was there before the log: its version 0 is what the log found.
    if (kind !== 'file') state(kind, name)
    const value = newValue(kind, name)
    states.set(key(kind, name), value)
    return value
  }
  return {
    variables,
    imports,
    newObject: groups.newObject,
    newValue,
    isUsed: (kind, name) => counters.has(key(kind, name)),
    bind: (variable, binding) => {
      unbind(variable)
      variables.set(variable, binding)
      groups.members(binding.object).add(variable)
    },
    unbind,
    importName: (name, path) => {
      unbind(name)
      imports.set(name, path)
    },
    link: groups.link,
    linkAll: () => groups.link([...variables.values()].map(binding => binding.object)),
    sharing: object => [...groups.members(object)],
    hanging: variable => hangings.get(variable) ?? new Map(),
    hang: (variable, kind) => {
      const hanging = hangings.get(variable) ?? new Map<ValueKind, string>()
      const value = newValue(kind, variable)
      hanging.set(kind, value)
      hangings.set(variable, hanging)
      return value
    },
    state,
    writeState,
    isWritten: (kind, name) => states.has(key(kind, name)),
    surroundings: () => {
      for (const kind of sessionStates) state(kind, 'session')
      const all: Surrounding[] = [...states.values()].map(value => ({ ...partsOfValue(value), value, hangs: false }))
      for (const hanging of hangings.values())
        for (const value of hanging.values()) all.push({ ...partsOfValue(value), value, hangs: true })
      return all
    }
  }
}
