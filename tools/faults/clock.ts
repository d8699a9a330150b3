/**
 * Module that a program loads before all else (`node --import …/clock.ts`, also through NODE_OPTIONS): its clock goes wrong by as
 * many milliseconds as stand in the file that BIMS_CLOCK names, from the moment they stand there. Timers go on as they are,
 * as those of a machine do whose clock is set.
 */
import { readFileSync } from 'node:fs'

const file = process.env['BIMS_CLOCK']
const TrueDate = Date
// The file is read now and then only: clocks are asked for thousands of times a second.
const readEveryMs = 20
let readAt = -Infinity
let offset = 0

const readOffset = (path: string): number => {
  try {
    const found = Number(readFileSync(path, 'utf8'))
    return Number.isFinite(found) ? found : offset
  } catch {
    return offset
  }
}

const wrongNow = (path: string): number => {
  const at = performance.now()
  if (at - readAt > readEveryMs) {
    readAt = at
    offset = readOffset(path)
  }
  return TrueDate.now() + offset
}

if (file !== undefined)
  globalThis.Date = new Proxy(TrueDate, {
    construct: (target, given: readonly unknown[], newTarget) =>
      Reflect.construct(target, given.length === 0 ? [wrongNow(file)] : given, newTarget) as Date,
    apply: () => new TrueDate(wrongNow(file)).toString(),
    get: (target, name, receiver): unknown =>
      name === 'now' ? () => wrongNow(file) : Reflect.get(target, name, receiver)
  })
