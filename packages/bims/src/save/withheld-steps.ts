import { findOperation } from '@bims/adapters/hosts/scikit-image'
import { withhold, type JsonValue, type MacroContent, type Opening, type Step, type Withheld } from '@bims/core'

/** Parameter names behind which people write names, places and remarks. */
const personalNames = /(?:^|_)(?:file|filename|fname|path|folder|dir|directory|user|operator|author|patient|specimen|sample|comment|comments|note|notes|title|description)(?:$|_)/i

/** A text that looks like a path: it tells user names and projects. */
const looksLikePath = (text: string): boolean => /[/\\]/.test(text) || /\.[A-Za-z]\w{1,4}$/.test(text)

const isPersonal = (name: string, value: JsonValue): boolean => typeof value === 'string' && (personalNames.test(name) || looksLikePath(value))

/** What withholding hands out as it goes. */
interface Withholder {
  readonly hide: (value: JsonValue) => { readonly $withheld: string }
  readonly openings: Opening[]
}

const newWithholder = (newSalt: () => Uint8Array): Withholder => {
  const openings: Opening[] = []
  return {
    openings,
    hide: value => {
      const { opening, withheld } = withhold(value, newSalt())
      openings.push(opening)
      return withheld
    }
  }
}

const text = (words: string | Withheld, hidden: boolean, { hide }: Withholder): string | Withheld =>
  hidden && typeof words === 'string' && words !== '' ? hide(words) : words

/** A comment may say anything; a `#` inside of a string hides the code as well, which does no harm. */
const hasFreeText = (code: string | Withheld): boolean => typeof code === 'string' && code.includes('#')

const withholdStep = (step: Step, withholder: Withholder): Step => {
  const personal = step.parameters.map(({ name, value }) => isPersonal(name, value))
  const any = personal.some(Boolean)
  // Documentation of a known operation is the library's own; any other text was written by somebody.
  const ownWords = step.doc !== findOperation(step.operation.id)?.doc
  return {
    ...step,
    parameters: step.parameters.map((parameter, i) => (personal[i] === true ? { ...parameter, value: withholder.hide(parameter.value) } : parameter)),
    code: text(step.code, any || hasFreeText(step.code) || step.operation.id === '', withholder),
    doc: text(step.doc, any || ownWords, withholder)
  }
}

/**
 * Withholds what is personal in a log before ids and leaves are made over it: file names, texts that look like paths,
 * free text in documentation and comments. The values stay in the openings.
 */
export const withholdLog = (
  log: MacroContent,
  newSalt: () => Uint8Array
): { readonly log: MacroContent; readonly openings: readonly Opening[] } => {
  const withholder = newWithholder(newSalt)
  return {
    log: {
      ...log,
      inputs: log.inputs.map(input => (input.file === undefined ? input : { ...input, file: text(input.file, true, withholder) })),
      steps: log.steps.map(step => withholdStep(step, withholder))
    },
    openings: withholder.openings
  }
}
