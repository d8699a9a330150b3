/** One block of a synthetic action log, in the form that the program writes. */
export interface ActionBlock {
  readonly name: string
  readonly doc?: string
  readonly parameters?: Readonly<Record<string, string>>
  readonly code: string
  /** Variable → identifier. */
  readonly results?: Readonly<Record<string, string>>
}

/** A synthetic action log. */
export const actionLog = (blocks: readonly ActionBlock[], version = '2024.1.0.1601'): string => {
  const head = `"""\n\n\n:author: Somebody\n:contact:\n:date: Jan 02 2025 10:00\n:dragonflyVersion: ${version}\n:UUID: 00112233445566778899aabbccddeeff\n"""\n\n__version__ = '1.0.0'\n\n# Action log Thu Jan  2 10:00:00 2025\n\n`
  return (
    head +
    blocks
      .map(({ name, doc = '', parameters = {}, code, results = {} }) => {
        const fields = Object.keys(parameters).map(
          parameter => `:param ${parameter}: The ${parameter}\n    of the operation.\n:type ${parameter}: object`
        )
        const inputs = Object.entries(parameters).map(([parameter, value]) => `${parameter} = ${value}\n`)
        const outputs = Object.entries(results).map(([variable, id]) => `# ${variable} = orsObj('${id}')\n`)
        return [
          '# ********** BEGIN MACRO ********** #',
          `"""\n${doc}\n\n:name: ${name}\n:execution: execute\n\n${fields.join('\n')}\n"""`,
          '',
          ...(inputs.length === 0
            ? []
            : [
                '# ----- BEGIN INPUT ARGUMENT DEFINITION ----- #',
                ...inputs,
                '# ----- END INPUT ARGUMENT DEFINITION ----- #'
              ]),
          '# Interface method',
          code,
          '',
          ...(outputs.length === 0
            ? []
            : [
                '# ----- BEGIN RETURNED VALUES DEFINITION ----- #',
                ...outputs,
                '# ----- END RETURNED VALUES DEFINITION ----- #'
              ]),
          '# ********** END MACRO ********** #',
          ''
        ].join('\n')
      })
      .join('\n')
  )
}

const identifiers = (text: string): ReadonlySet<string> => new Set(text.match(/[A-Za-z_]\w*/g) ?? [])

const assigned = ({ code, results = {} }: ActionBlock): ReadonlySet<string> =>
  new Set([...Object.keys(results), ...(/^([A-Za-z_]\w*)\s*=[^=]/.exec(code)?.[1]?.split(',') ?? [])])

/**
 * The baseline: what Dragonfly's "Extract Object History as Macro" keeps for an object. Backwards, a block is kept if
 * it assigns or outputs a wanted variable, and its inputs are wanted from then on; then the blocks that only delete
 * kept variables are added.
 */
export const objectHistory = (blocks: readonly ActionBlock[], wanted: string): readonly number[] => {
  const names = new Set([wanted])
  const kept = new Set<number>()
  for (const [i, block] of [...blocks.entries()].reverse()) {
    if (![...assigned(block)].some(name => names.has(name))) continue
    kept.add(i)
    for (const name of identifiers(block.code)) names.add(name)
  }
  for (const [i, { code }] of blocks.entries()) {
    const deleted = /^([A-Za-z_]\w*)\.deleteObject\(/.exec(code)?.[1]
    if (deleted !== undefined && names.has(deleted)) kept.add(i)
  }
  return [...kept].sort((a, b) => a - b)
}
