import type { MacroOutput } from '@bims/core'
import type { LogState } from './log-state.ts'

/** Every image that the log makes, by its variable, then the files into which it saves. */
export const outputsOf = (state: LogState): readonly MacroOutput[] => {
  const outputs: MacroOutput[] = []
  for (const [name, { kind, value, made, kept }] of state.scope.variables) {
    if (kind === 'image' && value !== undefined && made && kept !== true) outputs.push({ name, value })
  }
  return [...outputs, ...state.saved]
}
