import { ledger, peer } from '@hyperledger/fabric-protos'
import timestampMessage from 'google-protobuf/google/protobuf/timestamp_pb.js'
import { decode } from '../protobuf/messages.ts'
import type { KeyHistory } from './key-history.ts'
import type { Simulation } from './simulation.ts'

const Type = peer.ChaincodeMessage.Type

/** One query of a chaincode that may have more results than one answer takes. */
interface OpenQuery {
  readonly next: () => Promise<Uint8Array | undefined>
  /** A result that was read but did not fit into the last answer. */
  pending: Uint8Array | undefined
  returned: number
}

/** What a chaincode asks of its peer while it executes one transaction. */
export interface StateRequests {
  /** Answers a request; rejects with an Error whose message the chaincode is told. */
  readonly answer: (message: peer.ChaincodeMessage) => Promise<Uint8Array>
}

const batchSize = 100
const totalLimit = 100_000
// One answer is one message; it also ends where the next result would make it long.
const answerBytes = 16 * 1024 * 1024

/** What a chaincode may make the ledger keep for one transaction, which lives until its answer or its time is over. */
interface Room {
  /** Throws where there is no more. */
  readonly take: (bytes: number) => void
  readonly giveBack: (bytes: number) => void
}

// More than the largest transaction that any peer takes. What it reads is counted by its keys: versions are kept of them.
const transactionBytes = 128 * 1024 * 1024
const requestBytes = 200
const queryBytes = 4 * 1024

const newRoom = (): Room => {
  let left = transactionBytes
  return {
    take: bytes => {
      left -= bytes
      if (left < 0) throw new Error(`a transaction may not ask the ledger to keep more than ${transactionBytes} bytes`)
    },
    giveBack: bytes => {
      left += bytes
    }
  }
}

const parse = <A>(type: { deserializeBinary(bytes: Uint8Array): A }, message: peer.ChaincodeMessage): A => {
  const parsed = decode(type, message.getPayload_asU8())
  if (parsed === undefined) throw new Error('unmarshal failed')
  return parsed
}

// Chaincode may ask for these; each is refused by its name.
const refused: ReadonlyMap<number, string> = new Map([
  [Type.GET_QUERY_RESULT, 'ExecuteQuery not supported for leveldb: rich queries are not part of the embedded ledger']
])

const response = (results: readonly Uint8Array[], id: string, more: boolean): peer.QueryResponse => {
  const message = new peer.QueryResponse()
  message.setId(id)
  message.setHasMore(more)
  message.setResultsList(
    results.map(bytes => {
      const result = new peer.QueryResultBytes()
      result.setResultbytes(bytes)
      return result
    })
  )
  return message
}

// As many results as one answer takes, and whether there is one more, which is kept for the next answer.
const fill = async (
  query: OpenQuery,
  limit: number,
  room: Room
): Promise<{ readonly results: Uint8Array[]; readonly more: boolean }> => {
  const results: Uint8Array[] = []
  let bytes = 0
  while (query.returned < limit) {
    const next = query.pending ?? (await query.next())
    room.giveBack(query.pending?.length ?? 0)
    query.pending = undefined
    if (next === undefined) return { results, more: false }
    if (results.length === batchSize || (bytes > 0 && bytes + next.length > answerBytes)) {
      room.take(next.length)
      query.pending = next
      return { results, more: true }
    }
    bytes += next.length
    results.push(next)
    query.returned += 1
  }
  return { results, more: false }
}

const keyValue = (namespace: string, key: string, value: Uint8Array): Uint8Array => {
  const message = new ledger.queryresult.KV()
  message.setNamespace(namespace)
  message.setKey(key)
  message.setValue(value)
  return message.serializeBinary()
}

const pageOf = (bytes: Uint8Array): { readonly size: number; readonly bookmark: string } | undefined => {
  const metadata = bytes.length === 0 ? undefined : decode(peer.QueryMetadata, bytes)
  const size = metadata?.getPagesize() ?? 0
  const bookmark = metadata?.getBookmark() ?? ''
  return size <= 0 && bookmark === '' ? undefined : { size, bookmark }
}

// The bookmark is the key after the page: the one that the next page begins with.
const paginatedRange = async (
  namespace: string,
  simulation: Simulation,
  request: peer.GetStateByRange,
  page: { readonly size: number; readonly bookmark: string }
): Promise<Uint8Array> => {
  const start = page.bookmark === '' ? request.getStartkey() : page.bookmark
  const query = simulation.range(start, request.getEndkey(), true)
  const limit = page.size > 0 ? Math.min(page.size, totalLimit) : totalLimit
  const results: Uint8Array[] = []
  let whole = false
  let bytes = 0
  // A page that would make too long an answer ends before it is full: the bookmark says where it goes on.
  while (!whole && results.length < limit && bytes < answerBytes) {
    const next = await query.next()
    if (next === undefined) whole = true
    else {
      results.push(keyValue(namespace, next.key, next.value))
      bytes += next.value.length
    }
  }
  const metadata = new peer.QueryResponseMetadata()
  metadata.setFetchedRecordsCount(results.length)
  metadata.setBookmark(whole ? '' : await query.following())
  const message = response(results, '', false)
  message.setMetadata(metadata.serializeBinary())
  return message.serializeBinary()
}

const modification = (entry: KeyHistory): Uint8Array => {
  const message = new ledger.queryresult.KeyModification()
  message.setTxId(entry.txId)
  if (entry.value === undefined) message.setIsDelete(true)
  else message.setValue(entry.value)
  const timestamp = new timestampMessage.Timestamp()
  timestamp.setSeconds(entry.seconds)
  timestamp.setNanos(entry.nanos)
  message.setTimestamp(timestamp)
  return message.serializeBinary()
}

const none = new Uint8Array()

/** Answers a chaincode's requests from the execution that it is part of. */
export const newStateRequests = (
  namespace: string,
  simulation: Simulation,
  historyOf: (key: string) => { readonly next: () => Promise<KeyHistory | undefined> },
  callChaincode: (payload: Uint8Array) => Promise<Uint8Array>
): StateRequests => {
  const queries = new Map<string, OpenQuery>()
  const room = newRoom()
  let lastQuery = 0

  const begin = async (next: OpenQuery['next']): Promise<Uint8Array> => {
    room.take(queryBytes)
    const id = String(++lastQuery)
    const query: OpenQuery = { next, pending: undefined, returned: 0 }
    const { results, more } = await fill(query, totalLimit, room)
    if (more) queries.set(id, query)
    return response(results, id, more).serializeBinary()
  }

  const range = async (request: peer.GetStateByRange): Promise<Uint8Array> => {
    const collection = request.getCollection()
    if (collection !== '') {
      const found = simulation.collections.range(collection, request.getStartkey(), request.getEndkey())
      return begin(async () => {
        const entry = await found.next()
        return entry === undefined ? undefined : keyValue(namespace, entry.key, entry.value)
      })
    }
    const page = pageOf(request.getMetadata_asU8())
    if (page !== undefined) {
      room.take(queryBytes)
      return paginatedRange(namespace, simulation, request, page)
    }
    const query = simulation.range(request.getStartkey(), request.getEndkey(), false)
    return begin(async () => {
      const found = await query.next()
      return found === undefined ? undefined : keyValue(namespace, found.key, found.value)
    })
  }

  const more = async (id: string): Promise<Uint8Array> => {
    const query = queries.get(id)
    if (query === undefined) throw new Error('query iterator not found')
    const filled = await fill(query, totalLimit, room)
    if (!filled.more) queries.delete(id)
    return response(filled.results, id, filled.more).serializeBinary()
  }

  const get = (request: peer.GetState): Uint8Array => {
    const collection = request.getCollection()
    const value =
      collection === '' ? simulation.get(request.getKey()) : simulation.collections.get(collection, request.getKey())
    return value ?? none
  }
  const put = (request: peer.PutState): Uint8Array => {
    const collection = request.getCollection()
    if (collection === '') simulation.put(request.getKey(), request.getValue_asU8())
    else simulation.collections.put(collection, request.getKey(), request.getValue_asU8())
    return none
  }
  const del = (request: peer.DelState): Uint8Array => {
    const collection = request.getCollection()
    if (collection === '') simulation.del(request.getKey())
    else simulation.collections.put(collection, request.getKey(), none)
    return none
  }
  const hash = (request: peer.GetState): Uint8Array =>
    simulation.collections.hash(request.getCollection(), request.getKey()) ?? none
  const purge = (request: peer.PurgePrivateState): Uint8Array => {
    simulation.collections.purge(request.getCollection(), request.getKey())
    return none
  }
  const metadata = (request: peer.GetStateMetadata): Uint8Array => {
    const collection = request.getCollection()
    const found =
      collection === ''
        ? simulation.metadata(request.getKey())
        : simulation.collections.metadata(collection, request.getKey())
    const result = new peer.StateMetadataResult()
    for (const [name, value] of found) {
      const entry = new peer.StateMetadata()
      entry.setMetakey(name)
      entry.setValue(value)
      result.addEntries(entry)
    }
    return result.serializeBinary()
  }
  const setMetadata = (request: peer.PutStateMetadata): Uint8Array => {
    const collection = request.getCollection()
    const given = request.getMetadata()
    // As a peer does it: one entry, in place of all that stand there.
    const metadata = new Map([[given?.getMetakey() ?? '', given?.getValue_asU8() ?? none]])
    if (collection === '') simulation.setMetadata(request.getKey(), metadata)
    else simulation.collections.setMetadata(collection, request.getKey(), metadata)
    return none
  }
  const history = (request: peer.GetHistoryForKey): Promise<Uint8Array> => {
    const entries = historyOf(request.getKey())
    return begin(async () => {
      const entry = await entries.next()
      return entry === undefined ? undefined : modification(entry)
    })
  }
  const close = (id: string): Uint8Array => {
    room.giveBack(queries.get(id)?.pending?.length ?? 0)
    queries.delete(id)
    return response([], id, false).serializeBinary()
  }

  const answers: ReadonlyMap<number, (message: peer.ChaincodeMessage) => Uint8Array | Promise<Uint8Array>> = new Map<
    number,
    (message: peer.ChaincodeMessage) => Uint8Array | Promise<Uint8Array>
  >([
    [Type.GET_STATE, message => get(parse(peer.GetState, message))],
    [Type.PUT_STATE, message => put(parse(peer.PutState, message))],
    [Type.DEL_STATE, message => del(parse(peer.DelState, message))],
    [Type.GET_PRIVATE_DATA_HASH, message => hash(parse(peer.GetState, message))],
    [Type.PURGE_PRIVATE_DATA, message => purge(parse(peer.PurgePrivateState, message))],
    [Type.INVOKE_CHAINCODE, message => callChaincode(message.getPayload_asU8())],
    [Type.GET_STATE_METADATA, message => metadata(parse(peer.GetStateMetadata, message))],
    [Type.PUT_STATE_METADATA, message => setMetadata(parse(peer.PutStateMetadata, message))],
    [Type.GET_STATE_BY_RANGE, message => range(parse(peer.GetStateByRange, message))],
    [Type.GET_HISTORY_FOR_KEY, message => history(parse(peer.GetHistoryForKey, message))],
    [Type.QUERY_STATE_NEXT, message => more(parse(peer.QueryStateNext, message).getId())],
    [Type.QUERY_STATE_CLOSE, message => close(parse(peer.QueryStateClose, message).getId())]
  ])

  return {
    answer: async message => {
      const why = refused.get(message.getType())
      if (why !== undefined) throw new Error(why)
      const answer = answers.get(message.getType())
      if (answer === undefined)
        throw new Error(`requests of type ${message.getType()} are not part of the embedded ledger`)
      room.take(requestBytes + message.getPayload_asU8().length)
      return answer(message)
    }
  }
}
