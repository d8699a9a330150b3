import { checkErrorPage } from './error-page.ts'
import { writeReference } from './reference.ts'

/** `pnpm run docs`: renews docs/errors.md and writes the reference documentation to docs/api. */
export const docs = async (): Promise<number> => {
  await checkErrorPage(true)
  const { status, output } = await writeReference()
  if (output !== '') console.log(output)
  console.log(status === 0 ? 'docs/api/index.html' : 'The reference documentation has faults.')
  return status
}
