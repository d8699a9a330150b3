/**
 * How long a gRPC message may be that another program sends: Fabric's peers, clients and chaincode agree on 100 MiB, and
 * a little more is left for what stands around a message.
 */
export const messageLimits = {
  'grpc.max_receive_message_length': 110 * 1024 * 1024,
  'grpc.max_send_message_length': -1
} as const
