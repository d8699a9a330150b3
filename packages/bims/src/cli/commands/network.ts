import { newError } from '@bims/core/errors'
import { Option, type Command } from 'commander'
import { withExample, withJson } from '../options.ts'
import type { Act } from '../act.ts'
import { columns } from '../words.ts'

interface NetworkFlags {
  readonly json?: boolean
  readonly dir: string
  readonly fabric?: boolean
}

const actions = ['up', 'down', 'status'] as const

const isAction = (text: string): text is (typeof actions)[number] => actions.some(action => action === text)

/** `bims network up|down|status`. */
export const addNetwork = (program: Command, act: Act): void => {
  const command = withJson(
    program
      .command('network')
      .description('Start, stop or ask for an embedded ledger of two organisations on this machine.')
      .argument('<up|down|status>')
      .addOption(new Option('--dir <DIR>', 'folder of the network').env('BIMS_NETWORK').default('./.bims'))
      .option('--fabric', "a real Hyperledger Fabric network from Fabric's own binaries")
  )
  withExample(command, 'bims network up --dir ./lab', 'bims network status --dir ./lab').action(
    async (action: string, options: NetworkFlags) =>
      act(options, async ({ print }) => {
        if (!isAction(action))
          throw newError('usage', `"${action}" is nothing to do with a network.`, 'Use up, down or status.')
        if (options.fabric === true)
          throw newError(
            'ledger-unsupported',
            'A real Fabric network is not started by this version.',
            'Leave --fabric out for the embedded ledger, or bring the profile.json of a network that runs.'
          )
        const network = await import('@bims/network')
        const work = { up: network.networkUp, down: network.networkDown, status: network.networkStatus }[action]
        const result = await work(options.dir)
        print(result, () =>
          columns([
            ['profile', result.profile],
            ['running', result.running ? 'yes' : 'no'],
            ...result.organizations.map(
              ({ endpoint, identities, name }) =>
                [name, `${endpoint}, as ${identities.map(user => `${name}/${user}`).join(', ')}`] as const
            )
          ])
        )
      })
  )
}
