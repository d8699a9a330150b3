import type { Literal } from '../literal.ts'
import type { Binding } from './scope.ts'

/** What an expression within a call is. */
export type Value =
  /** A constant; `binding` where a name stands for it that a step of the log defined. */
  | { readonly kind: 'literal'; readonly literal: Literal; readonly binding?: Binding; readonly variable?: string }
  /** A value of the session; `variable` where a plain name stands for it. */
  | { readonly kind: 'binding'; readonly binding: Binding; readonly variable?: string }
  | { readonly kind: 'sequence'; readonly items: readonly Value[]; readonly text: string }
  /** Code that is kept as text: what it reads, and whether it may run unknown code. */
  | { readonly kind: 'code'; readonly text: string; readonly bindings: readonly Binding[]; readonly calls: boolean }

/** The bindings that a value reads. */
export const bindingsOf = (value: Value): readonly Binding[] => {
  if (value.kind === 'binding') return [value.binding]
  if (value.kind === 'literal') return value.binding === undefined ? [] : [value.binding]
  return value.kind === 'code' ? value.bindings : value.items.flatMap(bindingsOf)
}

/** Whether using the value may run code that reaches every value. */
export const runsCode = (value: Value): boolean => {
  if (value.kind === 'sequence') return value.items.some(runsCode)
  if (value.kind === 'code' && value.calls) return true
  return bindingsOf(value).some(binding => binding.runs === 'always')
}

/** Whether every part of the value is a value of the session. */
export const isAllBindings = (value: Value): boolean =>
  value.kind === 'binding' || (value.kind === 'sequence' && value.items.length > 0 && value.items.every(isAllBindings))
