import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { format, resolveConfig } from 'prettier'
import type { Execution } from '../workspace/execute.ts'
import { root } from '../workspace/packages.ts'

const path = `${root}docs/errors.md`

const exitCodes = [
  ['1', 'a check failed: `verify`, `audit`, a replay that differs'],
  ['2', 'bad usage or input, no permission, disk full, output exists'],
  ['3', 'cannot be answered now: incomplete, ledger unreachable where an answer needs it, not runnable'],
  ['130', 'interrupted']
]

const pageText = async (): Promise<string> => {
  const { errorCodes } = await import('../../packages/core/src/errors.ts')
  const rows = Object.entries(errorCodes).map(([code, [tag, meaning]]) => `| \`${code}\` | ${tag} | ${meaning} |`)
  const lines = [
    '# Errors',
    '',
    '<!-- Generated from packages/core/src/errors.ts by `pnpm check errors --update`. -->',
    '',
    'Every error of BIMS is a value of one shape, `BimsError`: a stable `code`, its `_tag`, `what` happened, `advice`, all',
    '`issues` where there are several places that are wrong, and the `cause` where a foreign library failed. @bims/core,',
    '@bims/adapters, @bims/ledger and @bims/player return it on the left side of an `Either`; the promises of the package',
    '`bims` reject with it; the program `bims` prints it, with `--json` as `{"error": {"code", "what", "advice"}}`.',
    '',
    'A code is never renamed or reused within a major version.',
    '',
    '| code | kind | meaning |',
    '|---|---|---|',
    ...rows,
    '',
    'The exit codes of the program `bims`; 0 is done.',
    '',
    '| exit code | when |',
    '|---|---|',
    ...exitCodes.map(([code, when]) => `| ${code} | ${when} |`),
    ''
  ]
  return format(lines.join('\n'), { ...(await resolveConfig(path)), parser: 'markdown' })
}

/** Compares docs/errors.md with the table of codes, or writes it. */
export const checkErrorPage = async (update: boolean): Promise<Execution> => {
  const text = await pageText()
  if (update) writeFileSync(path, text)
  const current = existsSync(path) ? readFileSync(path, 'utf8') : undefined
  return current === text
    ? { status: 0, output: '' }
    : { status: 1, output: 'docs/errors.md is not what packages/core/src/errors.ts says: pnpm check errors --update' }
}
