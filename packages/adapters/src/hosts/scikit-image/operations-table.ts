import type { Operation, OperationParameter, ParameterValue } from '@bims/core'

const pythonText = (value: ParameterValue): string => {
  if (value === null) return 'None'
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (typeof value === 'string') return `'${value}'`
  return typeof value === 'number' ? String(value) : `(${value.map(pythonText).join(', ')})`
}

const cell = (text: string): string => text.replaceAll('|', '\\|')

const rowOf = (parameter: OperationParameter): string => {
  const byDefault = parameter.default === undefined ? 'required' : `\`${pythonText(parameter.default)}\``
  return `| \`${parameter.name}\` | ${cell(parameter.type)} | ${byDefault} | ${parameter.unit ?? ''} | ${cell(parameter.doc)} |`
}

const sectionOf = (operation: Operation): string => {
  const { id, name, tool, version, doc, signature, reads, writes, parameters } = operation
  const lines = [
    `## ${name}`,
    '',
    `\`${id}(${signature.join(', ')})\` — ${tool} ${version}`,
    '',
    doc,
    '',
    `Reads ${reads.length === 0 ? 'nothing' : reads.map(read => `\`${read}\``).join(', ')}; writes ${writes.map(one => `\`${one}\``).join(', ')}.`
  ]
  if (parameters.length > 0)
    lines.push(
      '',
      '| Parameter | Type | Default | Unit | Meaning |',
      '| --- | --- | --- | --- | --- |',
      ...parameters.map(rowOf)
    )
  return lines.join('\n')
}

/** The page docs/operations.md: every operation with its signature, effects and parameters, as Markdown. */
export const operationsTable = (operations: readonly Operation[]): string =>
  [
    '# Operations',
    '',
    'Made from the vocabulary by `operationsTable()`; do not edit by hand.',
    '',
    "A whole number stands for a Python int; a Python float that is whole or not finite is given as the text of its literal, such as `'2.0'` or `'inf'`.",
    '',
    operations.map(sectionOf).join('\n\n'),
    ''
  ].join('\n')
