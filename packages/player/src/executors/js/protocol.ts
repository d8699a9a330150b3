import type { BimsError, Step } from '@bims/core'
import type { Made, NamedArray } from '../executor.ts'

/** What the main thread asks of the worker. */
export type Request =
  | { readonly do: 'load'; readonly value: string; readonly pixels: NamedArray }
  | { readonly do: 'run'; readonly step: Step }
  | { readonly do: 'alias'; readonly from: string; readonly to: string }
  | { readonly do: 'fetch'; readonly value: string }
  | { readonly do: 'forget'; readonly values: readonly string[] }
  | { readonly do: 'reset' }

/** What the worker answers; one answer a request, in order. */
export type Answer =
  { readonly made: readonly Made[] } | { readonly pixels: NamedArray } | { readonly error: BimsError }
