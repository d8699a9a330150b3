import type { NamedArray, OutputReport, Plan, Play, PlayableMacro } from '@bims/player'
import type { ReadBundle } from '@bims/core'
import type { GivenInput } from './playable.ts'

/** What is known of a replay once it has begun. */
export interface Prepared {
  readonly read: ReadBundle
  readonly macro: PlayableMacro
  readonly plan: Plan
  readonly inputs: readonly GivenInput[]
  readonly play: Play
}

/** A replay as the saving of its outputs sees it. */
export interface PlayedReplay {
  readonly prepare: () => Promise<Prepared>
  readonly output: (name: string) => Promise<NamedArray | undefined>
  readonly outputs: () => Promise<readonly OutputReport[]>
}
