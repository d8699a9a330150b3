/** Lines of two columns, the first as wide as its longest entry. */
export const columns = (rows: readonly (readonly [string, string])[], indent = ''): string => {
  const width = Math.max(0, ...rows.map(([name]) => name.length))
  return rows.map(([name, text]) => `${indent}${name.padEnd(width)}  ${text}\n`).join('')
}

/** A share in per cent, without decimals unless it is small. */
export const percent = (part: number, whole: number): string =>
  whole === 0 ? '–' : `${Math.round((100 * part) / whole)} %`

/** `1 step`, `2 steps`. */
export const counted = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`

/** The first 12 digits of an id or digest, for people. */
export const short = (id: string): string => {
  const at = id.lastIndexOf(':') + 1
  return `${id.slice(0, at + 12)}…`
}
