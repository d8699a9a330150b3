import { errorCodes, newError, type BimsError, type BimsErrorCode, type Issue } from '../errors.ts'

/** What the text of a {@link BimsError} starts with. */
export const errorTextPrefix = 'bims.error/1 '

/** Fabric carries an error's message in a header of bounded size, twice. */
const longest = 2400

const cut = (text: string, length: number): string => (text.length <= length ? text : `${text.slice(0, length - 1)}…`)

// Header values are ASCII on the way; anything else is escaped here, not left to each gRPC library.
const ascii = (text: string): string =>
  text.replaceAll(/[^\x20-\x7e]/g, c => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)

/**
 * A {@link BimsError} as one line of ASCII, for a channel that carries only an error's message, as Fabric does.
 * Bounded: of many issues only as many stand in it as there is room for. `cause` does not travel.
 */
export const errorText = (error: BimsError): string => {
  const { code, what, advice } = error
  const issues: Issue[] = []
  const write = (): string =>
    ascii(
      JSON.stringify({ advice: cut(advice, 300), code, ...(issues.length > 0 && { issues }), what: cut(what, 500) })
    )
  let text = write()
  for (const { at, what: wrong } of error.issues ?? []) {
    issues.push({ at: cut(at, 200), what: cut(wrong, 200) })
    const longer = write()
    if (longer.length > longest) break
    text = longer
  }
  return errorTextPrefix + text
}

const isObject = (u: unknown): u is Readonly<Record<string, unknown>> => typeof u === 'object' && u !== null

const isCode = (u: unknown): u is BimsErrorCode => typeof u === 'string' && Object.hasOwn(errorCodes, u)

const isIssue = (u: unknown): u is Issue => isObject(u) && typeof u['at'] === 'string' && typeof u['what'] === 'string'

/** End of the JSON object that starts at `from`: what carries the message may have put words of its own behind it. */
const endOfObject = (text: string, from: number): number => {
  let level = 0
  let inString = false
  for (let i = from; i < text.length; i++) {
    const c = text[i]
    if (inString) {
      if (c === '\\') i++
      else if (c === '"') inString = false
    } else if (c === '"') inString = true
    else if (c === '{') level++
    else if (c === '}' && --level === 0) return i + 1
  }
  return -1
}

/** Finds a {@link BimsError} that {@link errorText} wrote in a message, whatever stands around it; undefined where there is none. */
export const parseErrorText = (message: string): BimsError | undefined => {
  const start = message.indexOf(`${errorTextPrefix}{`)
  if (start < 0) return undefined
  const from = start + errorTextPrefix.length
  const to = endOfObject(message, from)
  let value: unknown
  try {
    value = JSON.parse(message.slice(from, to < 0 ? undefined : to))
  } catch {
    return undefined
  }
  if (!isObject(value)) return undefined
  const { code, what, advice, issues } = value
  if (!isCode(code) || typeof what !== 'string' || typeof advice !== 'string') return undefined
  return Array.isArray(issues) && issues.every(isIssue)
    ? newError(code, what, advice, { issues: issues.map(({ at, what: wrong }) => ({ at, what: wrong })) })
    : newError(code, what, advice)
}
