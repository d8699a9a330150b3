import type { JsonValue } from '@bims/core'
import type { HangingKind } from '../preamble.ts'
import type { ParameterDraft } from './step-draft.ts'

/** What has to be done to take a step back. */
export type Undo =
  /** The variable gets the value again that is kept under another name. */
  | { readonly kind: 'restore'; readonly variable: string; readonly kept: string }
  /** The variable was new. */
  | { readonly kind: 'remove'; readonly variable: string }
  /** What hung on the image before; empty where nothing did. */
  | {
      readonly kind: 'hang'
      readonly image: string
      readonly on: HangingKind
      readonly settings: readonly ParameterDraft[]
    }

/** Settings as parameters. */
export const settingsOf = (settings: Readonly<Record<string, JsonValue>>): readonly ParameterDraft[] =>
  Object.entries(settings).map(([name, value]) => ({ name, value }))
