/** A generated protobuf class, as far as reading goes. */
export interface MessageType<A extends { serializeBinary(): Uint8Array }> {
  deserializeBinary(bytes: Uint8Array): A
}

/** Reads a protobuf message that may be hostile; undefined where the bytes are none. */
export const decoded = <A extends { serializeBinary(): Uint8Array }>(
  type: MessageType<A>,
  bytes: Uint8Array
): A | undefined => {
  try {
    return type.deserializeBinary(bytes)
  } catch {
    return undefined
  }
}

/**
 * Reads a protobuf message whose bytes are exactly what writing it again gives: nothing beside the known fields, each
 * once and in order. Undefined otherwise: what is signed then says nothing that is not read.
 */
export const decodedExactly = <A extends { serializeBinary(): Uint8Array }>(
  type: MessageType<A>,
  bytes: Uint8Array
): A | undefined => {
  const message = decoded(type, bytes)
  return message !== undefined && Buffer.compare(message.serializeBinary(), bytes) === 0 ? message : undefined
}
