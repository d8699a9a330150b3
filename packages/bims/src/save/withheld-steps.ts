import { findOperation } from '@bims/adapters/hosts/scikit-image'
import {
  formatValueName,
  parseValueName,
  withhold,
  type JsonValue,
  type MacroContent,
  type Opening,
  type Operation,
  type Parameter,
  type Step,
  type Withheld
} from '@bims/core'
import { holdsPersonalText, looksLikePath } from '../acquire/personal-text.ts'

/** What withholding hands out as it goes. */
interface Withholder {
  readonly hide: (value: JsonValue) => { readonly $withheld: string }
  readonly openings: Opening[]
  /** Texts that are withheld somewhere: code and documentation with one of them inside are withheld too. */
  readonly secrets: ReadonlySet<string>
  /** Name that a value is called by. */
  readonly rename: (value: string) => string
}

/** Strings of a value that are too long to stand in other text by chance. */
const textsIn = (value: JsonValue): readonly string[] => {
  if (typeof value === 'string') return value.length > 2 ? [value] : []
  if (typeof value !== 'object' || value === null) return []
  return Object.values<JsonValue | undefined>(value).flatMap(child => (child === undefined ? [] : textsIn(child)))
}

const isPersonal = ({ name, value }: Parameter): boolean => holdsPersonalText(name, value)

const secretsIn = ({ inputs, steps }: MacroContent): ReadonlySet<string> =>
  new Set([
    ...inputs.flatMap(({ file }) => (typeof file === 'string' ? textsIn(file) : [])),
    ...steps.flatMap(({ parameters }) => parameters.filter(isPersonal).flatMap(({ value }) => textsIn(value)))
  ])

/** A saved file is a value of its own, called by its path; here it is called by a number. */
const renaming = ({ steps }: MacroContent, output: string): ((value: string) => string) => {
  const numbers = new Map<string, number>()
  for (const { value } of steps.flatMap(({ reads, writes }) => [...reads, ...writes])) {
    const name = parseValueName(value)
    if (name?.kind === 'file' && looksLikePath(name.name) && !numbers.has(name.name))
      numbers.set(name.name, numbers.size + 1)
  }
  return value => {
    const name = parseValueName(value)
    const number = name?.kind === 'file' && name.name !== output ? numbers.get(name.name) : undefined
    return name === undefined || number === undefined ? value : formatValueName({ ...name, name: `saved-${number}` })
  }
}

const newWithholder = (log: MacroContent, output: string, newSalt: () => Uint8Array): Withholder => {
  const openings: Opening[] = []
  return {
    openings,
    secrets: secretsIn(log),
    rename: renaming(log, output),
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

const tells = (words: string | Withheld | undefined, { secrets }: Withholder): boolean =>
  typeof words === 'string' && [...secrets].some(secret => words.includes(secret))

const withholdParameter = (parameter: Parameter, ownWords: boolean, withholder: Withholder): Parameter => {
  const { doc, ...rest } = parameter
  return {
    ...rest,
    ...(doc === undefined || ownWords ? {} : { doc }),
    ...(isPersonal(parameter) ? { value: withholder.hide(parameter.value) } : {})
  }
}

const withWords = (doc: Step['doc'], parameters: readonly Parameter[]): Step['doc'] =>
  typeof doc === 'string'
    ? [doc, ...parameters.map(({ doc: words = '', name }) => `${name}: ${words}`)].join('\n').trim()
    : doc

/** What somebody wrote about a parameter cannot be withheld in its place: it goes along with the documentation. */
const ownWordsIn = ({ parameters }: Step, operation: Operation | undefined): readonly Parameter[] => {
  const known = new Map(operation?.parameters.map(({ doc, name }) => [name, doc]))
  return parameters.filter(({ doc, name }) => doc !== undefined && doc !== known.get(name))
}

const withholdStep = (step: Step, withholder: Withholder): Step => {
  const any = step.parameters.some(isPersonal)
  const operation = findOperation(step.operation.id)
  const { template, ...rest } = step
  const ownWords = ownWordsIn(step, operation)
  const doc = withWords(step.doc, ownWords)
  const named = <A extends { readonly value: string }>(one: A): A => ({ ...one, value: withholder.rename(one.value) })
  const showsTemplate =
    template !== undefined && !hasFreeText(template) && !looksLikePath(template) && !tells(template, withholder)
  return {
    ...rest,
    reads: step.reads.map(named),
    writes: step.writes.map(named),
    // The source of a loop cannot be withheld in its place; the code of its iterations says the same.
    ...(showsTemplate ? { template } : {}),
    parameters: step.parameters.map(parameter =>
      withholdParameter(parameter, ownWords.includes(parameter), withholder)
    ),
    code: text(
      step.code,
      any || hasFreeText(step.code) || step.operation.id === '' || tells(step.code, withholder),
      withholder
    ),
    // Documentation of a known operation is the library's own; any other text was written by somebody.
    doc: text(doc, any || doc !== operation?.doc, withholder)
  }
}

/**
 * Withholds what is personal in a log before ids and leaves are made over it: file names, texts that look like paths,
 * free text in documentation and comments. The values stay in the openings. `output` keeps its name, whoever chose it.
 * `files`: how the files of inputs are named to the reader, by input name, where it is not as in the log.
 */
export const withholdLog = (
  log: MacroContent,
  output: string,
  newSalt: () => Uint8Array,
  files: ReadonlyMap<string, string> = new Map()
): { readonly log: MacroContent; readonly openings: readonly Opening[] } => {
  const withholder = newWithholder(log, output, newSalt)
  return {
    log: {
      ...log,
      inputs: log.inputs.map(input =>
        input.file === undefined
          ? input
          : { ...input, file: text(files.get(input.name) ?? input.file, true, withholder) }
      ),
      steps: log.steps.map(step => withholdStep(step, withholder))
    },
    openings: withholder.openings
  }
}
