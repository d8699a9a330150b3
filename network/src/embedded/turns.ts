/** Lets one at a time go on, in the order in which they came. */
export interface Turns {
  /** Waits for a turn; what it gives must be called when the turn is over. */
  readonly take: () => Promise<() => void>
}

/** Begins with nobody. */
export const newTurns = (): Turns => {
  let last: Promise<void> = Promise.resolve()
  return {
    take: () => {
      const before = last
      let leave = (): void => undefined
      last = new Promise(resolve => {
        leave = resolve
      })
      return before.then(() => leave)
    }
  }
}
