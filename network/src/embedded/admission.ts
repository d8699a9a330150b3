/** Lets calls in up to a limit. */
export interface Admission {
  /**
   * Lets a call of a connection in, and gives what must be called when it is over; undefined where it must be refused.
   * A connection has at most half of all places, so that one that floods leaves room for the others.
   */
  readonly enter: (connection: string) => (() => void) | undefined
  readonly limit: number
}

/** Begins to count calls. */
export const newAdmission = (limit: number): Admission => {
  const share = Math.ceil(limit / 2)
  const held = new Map<string, number>()
  let all = 0
  const leave = (connection: string): void => {
    const left = (held.get(connection) ?? 1) - 1
    all -= 1
    if (left === 0) held.delete(connection)
    else held.set(connection, left)
  }
  return {
    limit,
    enter: connection => {
      const own = held.get(connection) ?? 0
      if (all >= limit || own >= share) return undefined
      all += 1
      held.set(connection, own + 1)
      let over = false
      return () => {
        if (over) return
        over = true
        leave(connection)
      }
    }
  }
}
