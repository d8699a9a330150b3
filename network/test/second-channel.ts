import { join } from 'node:path'
import { findBinaries } from '../src/fabric/binaries.ts'
import { runCommand } from '../src/fabric/command.ts'
import type { Command } from '../src/fabric/command.ts'
import { packageIdOf } from '../src/fabric/deployment.ts'
import { layoutOf } from '../src/fabric/layout.ts'
import { approveChaincode, commitChaincode, joinOrderer, joinPeer, makeGenesisBlock } from '../src/fabric/lifecycle.ts'
import { nativePlace } from '../src/fabric/place.ts'
import { peersOf } from '../src/fabric/plan.ts'
import type { PlannedChaincode } from '../src/fabric/plan.ts'
import { readPlan } from '../src/fabric/plan-codec.ts'

/** Makes a second channel of a running Fabric network, of the same organisations, with a chaincode that the first one has. */
export const addSecondChannel = async (dir: string, channel: string, chaincode: string): Promise<void> => {
  const layout = layoutOf(dir)
  const first = (await readPlan(layout.plan))!
  const plan = { ...first, channel }
  const place = {
    ...nativePlace(dir),
    layout: { ...layout, genesisBlock: join(layout.channelSettings, `${channel}.block`) }
  }
  const { path } = await findBinaries()
  const run = (...commands: readonly Command[]): Promise<unknown> =>
    Promise.all(commands.map(command => runCommand(path[command.program], command)))
  const { collections: _, ...known } = first.chaincodes.find(({ name }) => name === chaincode)!
  const wanted: PlannedChaincode = { ...known, sequence: 1, endorsement: 'majority' }
  const one = plan.organizations.flatMap(({ name }) => peersOf(plan, name).slice(0, 1))
  await run(makeGenesisBlock(plan, place))
  await run(...plan.orderers.map(orderer => joinOrderer(plan, place, orderer)))
  await run(...plan.peers.map(peer => joinPeer(plan, place, peer)))
  const ids = await Promise.all(one.map(({ organization }) => packageIdOf(layout, wanted, organization)))
  await run(...one.map((peer, i) => approveChaincode(plan, place, wanted, peer, ids[i]!)))
  await run(commitChaincode(plan, place, wanted, one[0]!))
}
