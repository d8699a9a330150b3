// Runs one gate that computes without a pause in a process of its own: node tools/check/apart.ts api|snippets [--update]
import { checkApiReports } from '../packaging/api-reports.ts'
import { checkSnippets } from '../documents/snippets.ts'

const [name, flag] = process.argv.slice(2)
const { status, output } = name === 'api' ? checkApiReports(flag === '--update') : checkSnippets()
if (output !== '') console.log(output)
process.exitCode = status === 0 ? 0 : 1
