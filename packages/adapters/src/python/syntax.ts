import type { Literal } from './literal.ts'

/** Where something stands in the source: UTF-16 offsets and the 1-based line of its start. */
export interface Span {
  readonly start: number
  readonly end: number
  readonly line: number
}

/** An expression as far as logs need it. */
export type Expression = Span &
  (
    | { readonly kind: 'literal'; readonly literal: Literal }
    | { readonly kind: 'name'; readonly name: string }
    | { readonly kind: 'attribute'; readonly object: Expression; readonly name: string }
    | {
        readonly kind: 'call'
        readonly callee: Expression
        readonly positional: readonly Expression[]
        readonly keywords: readonly (readonly [string, Expression])[]
        /** The call passes `*args` or `**kwargs`. */
        readonly spread: boolean
      }
    | { readonly kind: 'subscript'; readonly object: Expression; readonly keys: readonly Expression[] }
    | { readonly kind: 'slice'; readonly bounds: readonly (Expression | undefined)[] }
    | { readonly kind: 'binary'; readonly operator: string; readonly left: Expression; readonly right: Expression }
    | { readonly kind: 'unary'; readonly operator: string; readonly operand: Expression }
    | { readonly kind: 'sequence'; readonly items: readonly Expression[] }
    /** Anything else: the names in it, and whether it may call or define code. */
    | { readonly kind: 'other'; readonly names: readonly string[]; readonly calls: boolean }
  )

/** One name that an import binds, and the dotted path that it stands for. */
export interface ImportedName {
  readonly name: string
  readonly path: string
}

/** A statement as far as logs need it. */
export type Statement = Span &
  /** `a = b = value`: one list of names a target; `a, b = value` has two names. */
  (
    | { readonly kind: 'assignment'; readonly targets: readonly (readonly string[])[]; readonly value: Expression }
    /** `target op= value`. */
    | { readonly kind: 'augmented'; readonly target: Expression; readonly operator: string; readonly value: Expression }
    /** `a[keys] = value`. */
    | {
        readonly kind: 'item'
        readonly target: Expression & { readonly kind: 'subscript' }
        readonly value: Expression
      }
    | { readonly kind: 'expression'; readonly value: Expression }
    | { readonly kind: 'text'; readonly text: string }
    | { readonly kind: 'comment'; readonly text: string }
    | { readonly kind: 'import'; readonly names: readonly ImportedName[] }
    | { readonly kind: 'delete'; readonly names: readonly string[] }
    | { readonly kind: 'nothing' }
    /** `for variable in range(…)` over simple statements. */
    | {
        readonly kind: 'loop'
        readonly variable: string
        readonly range: readonly Expression[]
        readonly body: readonly Statement[]
      }
    /** Anything else: what it reads and binds, and whether it may change what names of libraries mean. */
    | { readonly kind: 'other'; readonly binds: readonly string[]; readonly rewires: boolean; readonly form: string }
  )
