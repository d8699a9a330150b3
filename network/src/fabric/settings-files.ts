import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { writeWholeFile } from '../files/whole-file.ts'
import { channelSettings } from './channel-settings.ts'
import { writeExternalBuilder } from './external-builder.ts'
import type { Layout } from './layout.ts'
import { ordererSettings } from './orderer-settings.ts'
import { peerSettings } from './peer-settings.ts'
import type { Settings } from './peer-settings.ts'
import type { Place } from './place.ts'
import type { FabricPlan } from './plan.ts'

const writeSettings = async (folder: string, name: string, settings: Settings): Promise<void> => {
  await mkdir(folder, { recursive: true })
  await writeWholeFile(join(folder, name), `${JSON.stringify(settings, undefined, 2)}\n`)
}

/** Writes the settings of all nodes and of the channel, and the builder, as the nodes at a place need them. */
export const writeAllSettings = async (plan: FabricPlan, place: Place, layout: Layout): Promise<void> => {
  await Promise.all([
    writeExternalBuilder(layout.builder),
    writeSettings(layout.channelSettings, 'configtx.yaml', channelSettings(plan, place)),
    ...plan.peers.map(peer =>
      writeSettings(layout.node(peer.name).settings, 'core.yaml', peerSettings(plan, place, peer))
    ),
    ...plan.orderers.map(orderer =>
      writeSettings(layout.node(orderer.name).settings, 'orderer.yaml', ordererSettings(plan, place, orderer))
    )
  ])
}
