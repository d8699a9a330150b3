import type { CommandContext } from './context.ts'

/** Runs a command's work with a fresh context; a command says nothing of how it ends but through it. */
export type Act = (
  options: { readonly json?: boolean },
  work: (context: CommandContext) => Promise<void>
) => Promise<void>
