import { setTimeout as delay } from 'node:timers/promises'

/** Waits, or ends early when the signal comes. */
export const pause = async (milliseconds: number, signal?: AbortSignal): Promise<void> => {
  await delay(milliseconds, undefined, signal === undefined ? {} : { signal }).catch(() => undefined)
}

/** A growing wait: doubled at each attempt up to a bound, with a random part so that many clients do not come back at once. */
export const backoff = (attempt: number, first: number, most: number): number =>
  Math.min(first * 2 ** attempt, most) * (0.5 + Math.random() / 2)
