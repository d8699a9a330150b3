import { common } from '@hyperledger/fabric-protos'
import { readChannelConfig, type ChannelConfig } from '../policy/channel-config.ts'
import { decoded } from '../wire/exact.ts'

/** A configuration that was read from a configuration transaction, or why it cannot be followed. */
export type FollowedConfig =
  | { readonly config: ChannelConfig; readonly problem?: string }
  | { readonly config?: undefined; readonly problem: string }

/**
 * Reads the configuration of a configuration transaction and checks that it follows on the one before.
 * That those who signed the update were allowed to change what they changed is for the orderers to check, who signed the block.
 */
export const followConfig = (bytes: Uint8Array, before: ChannelConfig | undefined): FollowedConfig => {
  const envelope = decoded(common.ConfigEnvelope, bytes)
  const message = envelope?.getConfig()
  const config = message === undefined ? undefined : readChannelConfig(message)
  if (config === undefined) return { problem: 'its configuration cannot be read' }
  if (before === undefined) return { config }
  if (config.sequence !== before.sequence + 1)
    return { config, problem: `its configuration has the number ${config.sequence}, the one before ${before.sequence}` }
  return { config }
}
