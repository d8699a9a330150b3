import { newError } from '@bims/core/errors'
import type { ChaincodeRequest } from '@bims/network'

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

/** Reads `--chaincode NAME=HOST:PORT` and `--chaincode NAME=listen:PORT`. */
export const chaincodesOf = (flags: readonly ChaincodeFlag[]): readonly ChaincodeRequest[] =>
  flags.map(flag => {
    const [name, place] = pairOf(flag, 'NAME=HOST:PORT')
    return place.startsWith(listening)
      ? { name, listen: portOf(place.slice(listening.length)) }
      : { name, address: place }
  })

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
