import { newError } from '@bims/core/errors'
import type { ChaincodePlace, ChaincodeRequest } from '@bims/network'

/** `NAME=PLACE`, as given on the command line. */
export type ChaincodeFlag = string

const endorsementRules = ['any', 'majority', 'all'] as const

/** Tells whether a rule only counts how many organisations endorse. */
export const isEndorsementRule = (text: string): text is (typeof endorsementRules)[number] =>
  endorsementRules.some(rule => rule === text)

/** Reads `NAME=VALUE`. Throws `usage`, naming the form. */
export const pairOf = (text: string, form: string): readonly [string, string] => {
  const at = text.indexOf('=')
  if (at <= 0) throw newError('usage', `"${text}" is not ${form}.`, `Write it as ${form}, without blanks.`)
  return [text.slice(0, at), text.slice(at + 1)]
}

const isPort = (text: string): boolean => /^[0-9]{1,5}$/.test(text) && Number(text) > 0 && Number(text) < 65_536

const portOf = (text: string): number => {
  if (!isPort(text)) throw newError('usage', `"${text}" is no port.`, 'Give a number from 1 to 65535.')
  return Number(text)
}

const listening = 'listen:'

interface NamedPlace {
  readonly name: string
  /** Where only the peer of this organisation calls it. */
  readonly organization?: string
  readonly place: ChaincodePlace
}

const isShared = ({ organization }: NamedPlace): boolean => organization === undefined

const isSharedOf =
  (name: string) =>
  (place: NamedPlace): boolean =>
    place.name === name && isShared(place)

const namedPlace = (flag: ChaincodeFlag): NamedPlace => {
  const [who, at] = pairOf(flag, 'NAME=HOST:PORT')
  const [name = '', organization] = who.split('@')
  const place = at.startsWith(listening) ? { listen: portOf(at.slice(listening.length)) } : { address: at }
  return { name, place, ...(organization === undefined ? {} : { organization }) }
}

/**
 * Reads `--chaincode NAME=HOST:PORT`, `--chaincode NAME=listen:PORT` and, for the process of one organisation's peer,
 * `--chaincode NAME@ORG=…`.
 */
export const chaincodesOf = (flags: readonly ChaincodeFlag[]): readonly ChaincodeRequest[] => {
  const places = flags.map(namedPlace)
  const lone = places.find(({ name, organization }) => organization !== undefined && !places.some(isSharedOf(name)))
  if (lone !== undefined)
    throw newError(
      'usage',
      `The chaincode ${lone.name} is given for single organisations only.`,
      `Give --chaincode ${lone.name}=PLACE too, for the others.`
    )
  return places.filter(isShared).map(({ name, place }) => {
    const own = places.flatMap(one =>
      one.name === name && one.organization !== undefined ? [[one.organization, one.place] as const] : []
    )
    return { name, ...place, ...(own.length === 0 ? {} : { organizations: Object.fromEntries(own) }) }
  })
}

/** Reads `--policy NAME=RULE`. */
export const policiesOf = (flags: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(flags.map(flag => pairOf(flag, 'NAME=RULE')))

/** Reads `--port ORG=PORT`. */
export const portsOf = (flags: readonly string[]): Readonly<Record<string, number>> =>
  Object.fromEntries(
    flags.map(flag => {
      const [organization, port] = pairOf(flag, 'ORG=PORT')
      return [organization, portOf(port)]
    })
  )

/** Reads `--attribute NAME=VALUE`. */
export const pairsOf = (flags: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(flags.map(flag => pairOf(flag, 'NAME=VALUE')))
