const pad = (text: string | number): string => String(text).padStart(2, '0')

const dateOf = (text: string): string | undefined => {
  const american = /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/.exec(text)
  if (american !== null) return `${american[3]}-${pad(american[1] ?? '')}-${pad(american[2] ?? '')}`
  const german = /^(\d{1,2})\.(\d{1,2})\.(\d{4})$/.exec(text)
  return german === null ? undefined : `${german[3]}-${pad(german[2] ?? '')}-${pad(german[1] ?? '')}`
}

const timeOf = (text: string): string | undefined => {
  const match = /^(\d{1,2}):(\d{2}):(\d{2})(?: ?([AP])M)?$/i.exec(text)
  if (match === null) return undefined
  const hour = Number(match[1])
  const half = match[4]?.toUpperCase()
  const hours = half === undefined ? hour : (hour % 12) + (half === 'P' ? 12 : 0)
  return hours > 23 ? undefined : `${pad(hours)}:${match[2]}:${match[3]}`
}

const isDate = (local: string): boolean => {
  const date = new Date(`${local}Z`)
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(local)
}

/**
 * Local date and time of FEI's texts: `06/13/2016` (month first, as FEI always writes it) or `13.06.2016`, and
 * `05:06:40 PM` or `17:06:40`. Undefined where they are not that or not a date.
 */
export const localMoment = (date: string, time: string): string | undefined => {
  const day = dateOf(date.trim())
  const hour = timeOf(time.trim())
  if (day === undefined || hour === undefined) return undefined
  const local = `${day}T${hour}`
  return isDate(local) ? local : undefined
}
