import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { common, msp } from '@hyperledger/fabric-protos'
import { newError } from '@bims/core'
import type { Command } from './command.ts'
import { fetchConfiguration, updateConfiguration } from './lifecycle.ts'
import type { Place } from './place.ts'
import { mspIdOf, peersOf } from './plan.ts'
import type { FabricPlan } from './plan.ts'

const { ConfigGroup, ConfigUpdate, ConfigUpdateEnvelope, ConfigValue } = common

const configOf = (block: Uint8Array): common.Config => {
  const [data] = common.Block.deserializeBinary(block).getData()?.getDataList_asU8() ?? []
  const envelope = common.Envelope.deserializeBinary(data ?? new Uint8Array())
  const payload = common.Payload.deserializeBinary(envelope.getPayload_asU8())
  const config = common.ConfigEnvelope.deserializeBinary(payload.getData_asU8()).getConfig()
  if (config === undefined) throw newError('fabric-failed', 'The channel tells no configuration.', 'Please report it.')
  return config
}

// Of the same version as it is: in an update it says that nothing of it changes but what stands below it.
const unchanged = (group: common.ConfigGroup): common.ConfigGroup => {
  const same = new ConfigGroup()
  same.setVersion(group.getVersion())
  return same
}

const withList = (value: common.ConfigValue, list: Uint8Array): common.ConfigValue => {
  const config = msp.MSPConfig.deserializeBinary(value.getValue_asU8())
  const own = msp.FabricMSPConfig.deserializeBinary(config.getConfig_asU8())
  own.setRevocationListList([list])
  config.setConfig(own.serializeBinary())
  const changed = new ConfigValue()
  changed.setVersion(value.getVersion() + 1)
  changed.setModPolicy(value.getModPolicy())
  changed.setValue(config.serializeBinary())
  return changed
}

// An organisation stands in the configuration once for each part that it has: both must say the same of its members.
const sections = ['Application', 'Orderer'] as const

/** The change of a channel's configuration by which an organisation's members are those without the ones of a list. */
const revocationUpdate = (
  channel: string,
  config: common.Config,
  mspId: string,
  list: Uint8Array
): common.ConfigUpdate => {
  const root = config.getChannelGroup() ?? new ConfigGroup()
  const [readSet, writeSet] = [unchanged(root), unchanged(root)]
  for (const name of sections) {
    const section = root.getGroupsMap().get(name)
    const organization = section?.getGroupsMap().get(mspId)
    const value = organization?.getValuesMap().get('MSP')
    if (section === undefined || organization === undefined || value === undefined) continue
    for (const [set, written] of [
      [readSet, undefined],
      [writeSet, withList(value, list)]
    ] as const) {
      const [own, within] = [unchanged(organization), unchanged(section)]
      if (written !== undefined) own.getValuesMap().set('MSP', written)
      within.getGroupsMap().set(mspId, own)
      set.getGroupsMap().set(name, within)
    }
  }
  const update = new ConfigUpdate()
  update.setChannelId(channel)
  update.setReadSet(readSet)
  update.setWriteSet(writeSet)
  return update
}

const envelopeOf = (channel: string, update: common.ConfigUpdate): common.Envelope => {
  const content = new ConfigUpdateEnvelope()
  content.setConfigUpdate(update.serializeBinary())
  const channelHeader = new common.ChannelHeader()
  channelHeader.setType(common.HeaderType.CONFIG_UPDATE)
  channelHeader.setChannelId(channel)
  const header = new common.Header()
  header.setChannelHeader(channelHeader.serializeBinary())
  const payload = new common.Payload()
  payload.setHeader(header)
  payload.setData(content.serializeBinary())
  const envelope = new common.Envelope()
  envelope.setPayload(payload.serializeBinary())
  return envelope
}

/**
 * Makes an organisation's revocation list part of the channel's configuration, in place of the one before; an administrator of
 * that organisation alone may.
 * @throws `fabric-failed`
 */
export const publishRevocations = async (
  plan: FabricPlan,
  place: Place,
  organization: string,
  list: string,
  run: (command: Command) => Promise<unknown>
): Promise<void> => {
  const [by] = peersOf(plan, organization)
  if (by === undefined) return
  const folder = await mkdtemp(join(place.layout.own, 'update-'))
  try {
    const [fetched, update] = [join(folder, 'config.block'), join(folder, 'update.tx')]
    await run(fetchConfiguration(plan, place, by, fetched))
    const config = configOf(await readFile(fetched))
    const change = revocationUpdate(plan.channel, config, mspIdOf(plan, organization), await readFile(list))
    await writeFile(update, envelopeOf(plan.channel, change).serializeBinary())
    await run(updateConfiguration(plan, place, by, update))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
